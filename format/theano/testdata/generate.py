"""Writes pickles as Theano's users write them and weights.npz, what is in them,
for theano_test.go. The classes of Theano are stood in for by classes of the same
modules, names and state (theano 1.0.5: gof/link.py Container, compile/
sharedvalue.py, sandbox/cuda/type.py and gpuarray/type.py of their unpicklers,
misc/pkl_utils.py dump). Python 3 and NumPy:

    python format/theano/testdata/generate.py
"""
import io
import os
import pickle
import sys
import types
import zipfile

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
path = lambda name: os.path.join(here, name)
rng = np.random.default_rng(1)


def stand_in(module, name, value=None):
    parts = module.split(".")
    for i in range(len(parts)):
        sys.modules.setdefault(".".join(parts[: i + 1]), types.ModuleType(".".join(parts[: i + 1])))
    value = value or type(name, (), {"__module__": module})
    value.__module__, value.__qualname__ = module, name
    setattr(sys.modules[module], name, value)
    return value


Container = stand_in("theano.gof.link", "Container")
Apply = stand_in("theano.gof.graph", "Apply")
Variable = stand_in("theano.tensor.var", "TensorVariable")
Constant = stand_in("theano.tensor.var", "TensorConstant")
Shared = stand_in("theano.tensor.sharedvar", "TensorSharedVariable")
Scalar = stand_in("theano.tensor.sharedvar", "ScalarSharedVariable")
CudaShared = stand_in("theano.sandbox.cuda.var", "CudaNdarraySharedVariable")
GpuShared = stand_in("theano.gpuarray.type", "GpuArraySharedVariable")
RandomShared = stand_in("theano.tensor.raw_random", "RandomStateSharedVariable")
cuda = stand_in("theano.sandbox.cuda.type", "CudaNdarray_unpickler", lambda a: a)
gpu = stand_in("theano.gpuarray.type", "GpuArray_unpickler", lambda a, ctx: a)


class On:
    """An array on a GPU."""

    def __init__(self, call, *args):
        self.call, self.args = call, args

    def __reduce__(self):
        return self.call, self.args


def shared(cls, value, name=None):
    v = cls()
    v.container = Container()
    v.container.storage, v.container.name, v.container.strict = [value], name, False
    v.name, v.owner = name, None
    return v


def expression(*inputs):
    v = Variable()
    v.owner = Apply()
    v.owner.inputs, v.owner.outputs, v.name = list(inputs), [v], "y"
    return v


W = rng.normal(size=(4, 3)).astype("float32")
b = rng.normal(size=3)
g = np.asfortranarray(rng.normal(size=(2, 5)).astype("float32"))
n = np.arange(-3, 3, dtype=">i4")
extra = rng.normal(size=2).astype("float16")


class Model:
    pass


def constant(v):
    c = Constant()
    c.data, c.name = v, None
    return c


def model():
    m = Model()
    w, bias = shared(Shared, W, "weights"), shared(CudaShared, On(cuda, b), "b")
    hidden = shared(GpuShared, On(gpu, g, "dev0"), "hidden")
    m.W, m.params = w, [w, bias]
    m.output = expression(w, expression(bias, hidden, constant(np.ones(7))))
    m.random = shared(RandomShared, np.random.RandomState(1))
    m.rate, m.layers, m.title = 0.5, {"conv": {"counts": n, "scale": shared(Scalar, np.array(2.5))}}, "한"
    return m


for p in range(5):
    with open(path("model.p%d.pkl" % p), "wb") as f:
        pickle.dump(model(), f, p)
np.savez(path("weights.npz"), **{"W": W, "params.1": b, "hidden": g, "layers.conv.counts": n.astype("<i4"), "layers.conv.scale": np.array(2.5)})

with open(path("list.pkl"), "wb") as f:
    pickle.dump([W, (b, {"extra": extra}), np.array([g, n], dtype=object)], f, 2)
with open(path("several.pkl"), "wb") as f:  # as the tutorials save: one value after another
    for v in (W, b, extra):
        pickle.dump(v, f, 2)

# misc/pkl_utils.py: dump
buffer = io.BytesIO()
with zipfile.ZipFile(path("dump.zip"), "w", zipfile.ZIP_DEFLATED) as z:
    arrays = {}

    class Pickler(pickle.Pickler):
        def persistent_id(self, v):
            if type(v) is np.ndarray:
                name = "array_%d" % len(arrays)
                if id(v) not in arrays:
                    arrays[id(v)] = "ndarray." + name
                    f = io.BytesIO()
                    np.lib.format.write_array(f, v)
                    z.writestr(zipfile.ZipInfo(name), f.getvalue(), zipfile.ZIP_DEFLATED)
                return arrays[id(v)]
            if isinstance(v, On) and v.call is gpu:
                f = io.BytesIO()
                pickle.dump("dev0", f, 2)
                np.lib.format.write_array(f, np.asarray(v.args[0]))
                z.writestr(zipfile.ZipInfo("gpu"), f.getvalue(), zipfile.ZIP_DEFLATED)
                return "gpuarray.gpu"

    Pickler(buffer, 2).dump(model())
    z.writestr(zipfile.ZipInfo("pkl"), buffer.getvalue(), zipfile.ZIP_DEFLATED)
