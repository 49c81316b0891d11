"""Makes faces.json.gz: the three faces of a photograph as the emotion network takes
them, and what Keras says of them.

    python faces.py SHARED-DATA-FOLDER

Tested with TensorFlow 2.15.1 (Keras 2.15.0) and Pillow. The boxes are those that
models/face-detect-onnx/README.md gives for UltraFace."""
import base64, gzip, json, os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
from PIL import Image
from tensorflow import keras

root = os.path.join(sys.argv[1], "models")
here = os.path.dirname(os.path.abspath(__file__))
boxes = [414, 360, 596, 590], [832, 432, 1033, 647], [1470, 213, 1676, 428]
image = Image.open(os.path.join(root, "face-api/sample1.jpg")).convert("L")
faces = []
for x0, y0, x1, y1 in boxes:
    cx, cy, s = (x0 + x1) / 2, (y0 + y1) / 2, max(x1 - x0, y1 - y0) * 1.15
    faces.append(np.asarray(image.resize((64, 64), Image.BILINEAR, (cx - s / 2, cy - s / 2, cx + s / 2, cy + s / 2))))
faces = np.stack(faces)
model = keras.models.load_model(os.path.join(root, "emotion-fer2013-keras/fer2013_mini_XCEPTION.102-0.66.hdf5"), compile=False)
out = model.predict((faces.astype("f4")[..., None] / 255 - 0.5) * 2, verbose=0)
with open(os.path.join(here, "faces.json.gz"), "wb") as f:
    text = json.dumps({"faces": base64.b64encode(faces.tobytes()).decode(), "want": out.round(6).tolist()})
    f.write(gzip.compress(text.encode(), 9, mtime=0))
print(out.round(3))
