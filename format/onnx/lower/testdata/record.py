"""What single nodes give in ONNX Runtime or in ONNX's own reference.

Imported by the scripts beside it, each of which writes one file of cases:

    python windows.py      # windows.json.gz

A case is a model of one node, its inputs and its outputs, as they lie in ONNX
files. Inputs are multiples of 1/16, so that files stay small.
"""

import base64
import gzip
import json
import os

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

onnxruntime.set_default_logger_severity(3)


def ir_version(opset):
    return helper.find_min_ir_version_for([helper.make_opsetid("", opset)], True) if opset > 7 else 3


class Recorder:
    def __init__(self, script, seed):
        self.path = os.path.splitext(script)[0] + ".json.gz"
        self.rng = np.random.default_rng(seed)
        self.cases = []

    def floats(self, *shape, low=-2, high=2, dtype=np.float32):
        """Multiples of 1/16 between low and high."""
        return (self.rng.integers(low * 16, high * 16 + 1, shape) / 16).astype(dtype)

    def ints(self, *shape, low, high, dtype=np.int64):
        """Whole numbers from low to high - 1."""
        return self.rng.integers(low, high, shape).astype(dtype)

    def add(self, name, op, opset, inputs, outputs=1, by="onnxruntime", grad=False, fixed=(), domain="", domain_opset=1, want=None, **attrs):
        """One node. An input may be None; those at the places fixed are in the
        model; grad asks for a check of the gradient; want replaces the oracle."""
        inputs = [x if x is None or isinstance(x, TensorProto) else np.asarray(x) for x in inputs]
        names = ["" if x is None else f"in{i}" for i, x in enumerate(inputs)]
        results = [f"out{i}" for i in range(outputs)] if isinstance(outputs, int) else list(outputs)
        node = helper.make_node(op, names, results, domain=domain, **attrs)
        given = [(n, x) for n, x in zip(names, inputs) if n]
        kept = [(n, x) for i, (n, x) in enumerate(zip(names, inputs)) if n and i in fixed]
        ports = [(n, x) for i, (n, x) in enumerate(zip(names, inputs)) if n and i not in fixed]
        graph = helper.make_graph(
            [node], name,
            [numpy_helper_port(n, x) for n, x in ports],
            [onnx.ValueInfoProto(name=r) for r in results if r],
            [tensor(n, x) for n, x in kept],
        )
        opsets = [helper.make_opsetid("", opset)]
        if domain:
            opsets.append(helper.make_opsetid(domain, domain_opset))
        model = helper.make_model(graph, opset_imports=opsets, ir_version=max(ir_version(opset), 4))
        feed = {n: x for n, x in ports}
        if want is None and by == "onnxruntime":
            want = run_ort(model, feed)
        elif want is None:
            want = ReferenceEvaluator(model).run(None, feed)
        self.cases.append({
            "name": name, "by": by, "grad": grad, "model": b64(model),
            "in": {n: b64(tensor(n, x)) for n, x in ports},
            "out": {r: b64(tensor(r, np.asarray(y))) for r, y in zip([r for r in results if r], want)},
        })

    def result(self):
        """Takes the last case back and gives its first output."""
        t = TensorProto.FromString(base64.b64decode(next(iter(self.cases.pop()["out"].values()))))
        return numpy_helper.to_array(t)

    def write(self):
        text = json.dumps({"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__, "cases": self.cases})
        with open(self.path, "wb") as f, gzip.GzipFile(filename="", fileobj=f, mode="wb", mtime=0, compresslevel=9) as z:
            z.write(text.encode())
        print(f"{self.path}: {len(self.cases)} cases, {os.path.getsize(self.path)} bytes")


def tensor(name, x):
    return x if isinstance(x, TensorProto) else numpy_helper.from_array(np.array(x, order="C"), name)


def numpy_helper_port(name, x):
    t = tensor(name, x)
    return helper.make_tensor_value_info(name, t.data_type, list(t.dims))


def run_ort(model, feed):
    """ONNX Runtime wants typed outputs, which inference gives."""
    model = onnx.shape_inference.infer_shapes(model)
    s = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return s.run(None, feed)


def b64(message):
    return base64.b64encode(message.SerializeToString()).decode()
