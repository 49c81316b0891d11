"""Writes values.*.t7, the same values binary with both sizes of longs and ascii,
and values.safetensors, the tensors in them, and checks the first against the
reader of the package torchfile. NumPy, safetensors and torchfile:

    python format/torch7/testdata/generate.py
"""
import os

import numpy as np
import torchfile
from safetensors.numpy import save_file

from t7 import Function, Obj, Storage, View, dump

here = os.path.dirname(os.path.abspath(__file__))
path = lambda name: os.path.join(here, name)
rng = np.random.default_rng(3)

store = Storage(rng.normal(size=40))
cuda = Storage(rng.normal(size=6).astype("f4"), "Cuda")
numbers = {k: (rng.normal(size=(2, 3)) * 50).astype(t) for t, k in {"u1": "byte", "i1": "char", "i2": "short", "i4": "int", "f4": "float", "f8": "double"}.items()}
numbers["long"] = np.array([[-(2**31), 2**31 - 1], [0, 7]])
numbers["half"] = np.array([0.5, -2, 65504, 6e-8], dtype="f2")
module = Obj("nn.Linear", {"weight": rng.normal(size=(3, 4)), "bias": rng.normal(size=3), "train": False})
module.fields["self"] = module
views = {
    "whole": View(store, 0, (5, 8), (8, 1)), "turned": View(store, 0, (8, 5), (1, 8)), "part": View(store, 9, (2, 3), (8, 2)),
    "repeated": View(store, 3, (4, 2), (0, 1)), "gpu": View(cuda, 1, (5,), (1,)),
}
root = {
    "number": 3, "half": 0.5, "huge": 1e300, "text": "한\n국 text", "empty": "", "yes": True, "no": False,
    "list": [1, "two", [3]], "module": module, "again": module, "old": Obj("nn.Tanh", {"x": 1}, None), "none": np.zeros((0,)),
    "function": Function(b"\x1bLua\x00code", [{"name": "up", "value": module}]),
    "numbers": numbers, "views": views, "size": Storage(np.array([2, 3, 4])), 1: "one", 2.5: "key",
}
for name, args in {"values.64.t7": {}, "values.32.t7": {"long": 4}, "values.ascii.t7": {"ascii": True}}.items():
    with open(path(name), "wb") as f:
        f.write(dump(root, **args))


def dense(v):
    a = v.storage.data[v.offset :]
    return np.ascontiguousarray(np.lib.stride_tricks.as_strided(a, v.size, [s * a.itemsize for s in v.stride]))


twin = {"numbers." + k: v for k, v in numbers.items()} | {"views." + k: dense(v) for k, v in views.items()}
twin |= {"module.weight": module.fields["weight"], "module.bias": module.fields["bias"], "none": np.zeros((0,))}
save_file(twin, path("values.safetensors"))

# The writer against another reader, which has no half.
del numbers["half"]
with open(path("check.tmp"), "wb") as f:
    f.write(dump(root))
back = torchfile.load(path("check.tmp"))
os.remove(path("check.tmp"))
assert back[b"number"] == 3 and back[b"text"].decode() == "한\n국 text" and back[b"list"] == [1, b"two", [3]]
assert back[b"again"] is back[b"module"] and back[b"module"].self is back[b"module"] and back[b"old"].torch_typename() == b"nn.Tanh"
for k, v in numbers.items():
    assert np.array_equal(back[b"numbers"][k.encode()], v), k
for k, v in views.items():
    assert np.array_equal(back[b"views"][k.encode()], dense(v)), k
