"""Makes faceapi.json.gz: what NumPy reads from the weights of face-api.

    python faceapi.py SHARED-DATA-FOLDER"""
import glob, gzip, json, os, sys
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
out = {}
for path in sorted(glob.glob(os.path.join(sys.argv[1], "models/face-api/model/*-weights_manifest.json"))):
    model = out[os.path.basename(path)] = {}
    for group in json.load(open(path)):
        data = b"".join(open(os.path.join(os.path.dirname(path), p), "rb").read() for p in group["paths"])
        at = 0
        for w in group["weights"]:
            n, q = int(np.prod(w["shape"], dtype=int)), w.get("quantization")
            kind = np.dtype(q["dtype"] if q else w["dtype"])
            v = np.frombuffer(data, kind, n, at).astype("f8")
            at += n * kind.itemsize
            if q: v = v * q["scale"] + q["min"]
            v = v.astype("f4").astype("f8")
            model[w["name"]] = [w["shape"], float(v.sum()), float((v * v).sum()), float(v[-1])]
        assert at == len(data)
with open(os.path.join(here, "faceapi.json.gz"), "wb") as f:
    f.write(gzip.compress(json.dumps(out, sort_keys=True).encode(), 9, mtime=0))
