"""Compares what ONNX Runtime makes of the translated models with the recorded
answers. From the repository's root:

    go test ./format/caffe -run 'Cases|MTCNN' -models "$FOLDER"
    python3 format/caffe/testdata/check.py "$FOLDER"

with onnx, onnxruntime and safetensors.
"""

import glob
import os
import sys

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file

HERE = os.path.dirname(os.path.abspath(__file__))
onnxruntime.set_default_logger_severity(3)
golden = load_file(os.path.join(HERE, "layers.safetensors"))
golden.update(load_file(os.path.join(HERE, "mtcnn.safetensors")))
worst, bad = 0, 0
files = sorted(glob.glob(os.path.join(sys.argv[1], "*.onnx")))
for path in files:
    name = os.path.basename(path)[:-5]
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path)
    names = [o.name for o in session.get_outputs()]
    feed = {}
    for i in session.get_inputs():
        key = name + ".in." + i.name
        feed[i.name] = golden[key] if key in golden else (golden[name + ".in"].astype("f") - 127.5) * np.float32(0.0078125)
    for k, y in zip(names, session.run(names, feed)):
        want = golden[name + ".out." + k]
        error = np.max(np.abs(y - want) / np.maximum(1, np.abs(want))) if y.shape == want.shape else np.inf
        worst = max(worst, error)
        if not error < 1e-5:
            bad += 1
            print(name, k, y.shape, want.shape, error)
print("%d models, %d outputs differ, largest difference %.2g" % (len(files), bad, worst))
sys.exit(bad > 0)
