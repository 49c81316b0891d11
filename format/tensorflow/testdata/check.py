"""Compares what ONNX Runtime makes of the translated models with the recorded
answers. From the repository's root:

    go test ./format/tensorflow -run 'Cases|Real' -models "$FOLDER"
    python3 format/tensorflow/testdata/check.py "$FOLDER"

with onnx, onnxruntime and safetensors.
"""

import glob
import gzip
import os
import sys

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load

HERE = os.path.dirname(os.path.abspath(__file__))
onnxruntime.set_default_logger_severity(3)
golden = {}
for name in ("cases", "real"):
    path = os.path.join(HERE, name + ".safetensors.gz")
    if os.path.exists(path):
        golden.update(load(gzip.open(path).read()))
worst, bad, count = 0, 0, 0
files = sorted(glob.glob(os.path.join(sys.argv[1], "*.onnx")))
for path in files:
    name = os.path.basename(path)[:-5]
    try:
        onnx.checker.check_model(onnx.load(path), full_check=True)
        session = onnxruntime.InferenceSession(path)
        names = [o.name for o in session.get_outputs()]
        if name.endswith("_S"):
            feed = {"wav_data": golden["keywords.samples"][None].astype("f") / 32768}
        elif name == "faces":
            small = golden["faces.pixels"].astype("f") - np.array([104, 177, 123], "f")
            feed = {"data": np.kron(small, np.ones((5, 5, 1), "f"))[None]}
        else:
            feed = {i.name: golden[name + ".in." + i.name] for i in session.get_inputs()}
        ys = session.run(names, feed)
    except Exception as e:
        bad += 1
        print(name, str(e)[:600])
        continue
    for k, y in zip(names, ys):
        want = golden[name + ".out." + k]
        if name == "faces":
            y = y[:, ::8]
        error = np.inf
        count += 1
        if y.shape == want.shape and y.dtype == want.dtype:
            with np.errstate(all="ignore"):
                a, b = y.astype("f8"), want.astype("f8")
                error = np.max(np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0, np.abs(a - b) / np.maximum(1, np.abs(b))), initial=0)
        if error == error:
            worst = max(worst, error) if error < np.inf else worst
        if not error < 2e-5:
            bad += 1
            print(name, k, y.dtype, y.shape, want.dtype, want.shape, error)
print("%d models, %d outputs, %d differ, largest difference %.2g" % (len(files), count, bad, worst))
sys.exit(bad > 0)
