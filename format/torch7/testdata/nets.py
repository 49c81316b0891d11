"""Writes networks of Torch7's package nn, *.net, and nets.safetensors: for each
its input and what PyTorch, doing what the modules of nn are documented to do,
makes of it. Reads each network back with torchfile. And writes shared.safetensors:
for the network of torch/demos in the shared data, if it is there, an input and
its result by way of torchfile. PyTorch, NumPy, safetensors and torchfile:

    python format/torch7/testdata/nets.py
"""
import os

import numpy as np
import torch
import torch.nn.functional as F
import torchfile
from safetensors.numpy import save_file

from t7 import Obj, Storage, dump

here = os.path.dirname(os.path.abspath(__file__))
path = lambda *name: os.path.join(here, *name)
rng = np.random.default_rng(5)
torch.set_default_dtype(torch.float64)


def draw(*size):
    return rng.normal(size=size) * 0.5


def nn(name, *modules, **fields):
    if modules:
        fields["modules"] = list(modules)
    return Obj(name if "." in name else "nn." + name, fields)


def sizes(*n):
    return Storage(np.array(n, dtype=np.int64))


# The modules, in the manner of nn.


def conv(i, o, k, d=1, p=0, name="SpatialConvolution", flat=False, **more):
    w = draw(o, i // more.get("groups", 1), k, k + 1)
    if flat:
        w = w.reshape(o, -1)
    return nn(name, nInputPlane=i, nOutputPlane=o, kW=k + 1, kH=k, dW=d, dH=d, padW=p, padH=p, weight=w, bias=draw(o), **more)


def conv_map(table, i, o, kw, kh):
    return nn("SpatialConvolutionMap", nInputPlane=i, nOutputPlane=o, kW=kw, kH=kh, dW=1, dH=1, connTable=np.array(table, dtype=float),
              weight=draw(len(table), kh, kw), bias=draw(o))


def pool(name, k, d, p=0, **more):
    if name == "SpatialAveragePooling":
        more.setdefault("divide", True)
    return nn(name, kW=k, kH=k, dW=d, dH=d, padW=p, padH=p, **more)


def norm(n, name="SpatialBatchNormalization", affine=True, old=False):
    m = nn(name, eps=1e-3, running_mean=draw(n), running_var=rng.uniform(0.5, 2, n))
    if old:
        m.fields["running_std"] = (m.fields.pop("running_var") + 1e-3) ** -0.5
    if affine:
        m.fields.update(weight=draw(n), bias=draw(n))
    return m


def linear(i, o, bias=True):
    return nn("Linear", weight=draw(o, i), **({"bias": draw(o)} if bias else {}))


def estimator(n, kernel, square):
    """The window means of SpatialSubtractiveNormalization and its like."""
    pad = kernel.shape[0] // 2
    m = [nn("Square")] if square else []
    m.append(nn("SpatialZeroPadding", pad_l=(kernel.shape[-1]) // 2, pad_r=kernel.shape[-1] // 2, pad_t=pad, pad_b=pad))
    if kernel.ndim == 2:
        w = np.repeat(kernel[None, None], n, 1)
        m.append(nn("SpatialConvolution", nInputPlane=n, nOutputPlane=1, kW=kernel.shape[1], kH=kernel.shape[0], dW=1, dH=1, weight=w, bias=np.zeros(1)))
    else:
        k = len(kernel)
        one = nn("SpatialConvolutionMap", nInputPlane=n, nOutputPlane=n, kW=k, kH=1, dW=1, dH=1, connTable=np.array([[i, i] for i in range(1, n + 1)], dtype=float),
                 weight=np.repeat(kernel.reshape(1, 1, k), n, 0), bias=np.zeros(n))
        m += [one, nn("SpatialConvolution", nInputPlane=n, nOutputPlane=1, kW=1, kH=k, dW=1, dH=1, weight=np.repeat(kernel.reshape(1, 1, k, 1), n, 1), bias=np.zeros(1))]
    m.append(nn("Replicate", nfeatures=n, dim=1, ndim=3))
    return nn("Sequential", *m, *([nn("Sqrt", eps=0)] if square else []))


def contrastive(n, kernel):
    kernel = kernel / (kernel.sum() * (n if kernel.ndim == 2 else np.sqrt(n)))
    sub = nn("SpatialSubtractiveNormalization", nInputPlane=n, kernel=kernel, meanestimator=estimator(n, kernel, False))
    div = nn("SpatialDivisiveNormalization", nInputPlane=n, kernel=kernel, threshold=0.3, thresval=0.4, meanestimator=estimator(n, kernel, False),
             stdestimator=estimator(n, kernel, True))
    return nn("SpatialContrastiveNormalization", nInputPlane=n, normalizer=nn("Sequential", sub, div))


# What they compute. x is a tensor or a list; shapes are as nn has them: [N C H W]
# or [C H W], [N In] or [In].


def tensor(m, name):
    v = m.fields.get(name)
    return None if v is None else torch.from_numpy(np.ascontiguousarray(v, dtype=np.float64))


def planes(x, f):
    return f(x) if x.ndim == 4 else f(x[None])[0]


def window(m):
    g = m.fields.get
    p = g("padding", 0)
    return (g("kH"), g("kW")), (g("dH"), g("dW")), (g("padH", p), g("padW", p))


def full_map(m):
    w = torch.zeros(m.fields["nOutputPlane"], m.fields["nInputPlane"], m.fields["kH"], m.fields["kW"])
    for k, (i, o) in enumerate(np.asarray(m.fields["connTable"]).astype(int)):
        w[o - 1, i - 1] += tensor(m, "weight")[k]
    return w


def average(m, x):
    k, d, p = window(m)
    y = F.avg_pool2d(x, k, d, p, bool(m.fields.get("ceil_mode")), m.fields.get("count_include_pad", True))
    return y if m.fields.get("divide") else y * k[0] * k[1]


def replicate(m, x):
    d = m.fields["dim"] - 1 + (1 if "ndim" in m.fields and x.ndim > m.fields["ndim"] else 0)
    return x.unsqueeze(d).expand(*x.shape[:d], m.fields["nfeatures"], *x.shape[d:])


def batch_norm(m, x):
    var = tensor(m, "running_var")
    if var is None:
        var = tensor(m, "running_std") ** -2 - m.fields["eps"]
    y = F.batch_norm(x, tensor(m, "running_mean"), var, tensor(m, "weight"), tensor(m, "bias"), eps=m.fields["eps"])
    return y


def seq(m, x):
    for c in m.fields["modules"]:
        x = forward(c, x)
    return x


def same_elements(a, b):  # nn subtracts and divides tensors of as many elements
    return b.reshape(a.shape)


def divisive(m, x):
    std, ones = seq(m.fields["stdestimator"], x), seq(m.fields["meanestimator"], torch.ones_like(x))
    y = std / ones
    y = torch.where(y > m.fields["threshold"], y, torch.tensor(m.fields["thresval"]))
    return x / same_elements(x, y)


def subtractive(m, x):
    est = m.fields["meanestimator"]
    return x - same_elements(x, seq(est, x) / seq(est, torch.ones_like(x)))


def reshape(m, x):
    size = m.fields["size"].data.tolist()
    if m.name == "nn.View":
        inner = x.shape[-m.fields.get("numInputDims", x.ndim) :]
        n = int(np.prod(inner)) // int(np.prod([d for d in size if d > 0]))
        batch = (1 if -1 in size else n) * int(np.prod(x.shape[: x.ndim - len(inner)]))
        return x.reshape(size) if batch == 1 and x.ndim <= len(inner) else x.reshape(batch, *size)
    if x.numel() == int(np.prod(size)) and x.shape[0] != 1:
        return x.reshape(size)
    return x.reshape(x.shape[0], *size)


def parallel(m, x):
    i, o = m.fields["inputDimension"] - 1, m.fields["outputDimension"] - 1
    return torch.cat([forward(c, x.select(i, k)) for k, c in enumerate(m.fields["modules"])], o)


def join(m, x):
    d = m.fields["dimension"]
    if d > 0:
        d += -1 + (1 if x[0].ndim == m.fields.get("nInputDims", 0) + 1 and "nInputDims" in m.fields else 0)
    return torch.cat(x, d)


def dropout(m, x):
    keeps = m.fields.get("v2") and m.name == "nn.Dropout"
    return x if keeps else x * (1 - m.fields["p"])


def transpose(m, x):
    for a, b in m.fields["permutations"]:
        x = x.transpose(a - 1, b - 1)
    return x


def sub_sampling(m, x):
    k, d, _ = window(m)
    w = tensor(m, "weight")
    w = w.reshape(-1, 1, 1, 1).expand(-1, 1, *k) if w.ndim == 1 else w[:, None]
    return F.conv2d(x, w, tensor(m, "bias"), d, groups=len(w))


def softmax_axis(x):
    return 0 if x.ndim in (1, 3) else 1


f = lambda m, name: m.fields[name]
FORWARD = {
    "Sequential": seq, "SpatialLPPooling": seq, "Identity": lambda m, x: x,
    "ConcatTable": lambda m, x: [forward(c, x) for c in f(m, "modules")],
    "ParallelTable": lambda m, x: [forward(c, v) for c, v in zip(f(m, "modules"), x)],
    "Concat": lambda m, x: torch.cat([forward(c, x) for c in f(m, "modules")], f(m, "dimension") - 1),
    "Parallel": parallel, "JoinTable": join, "CAddTable": lambda m, x: sum(x[1:], x[0]), "CMaxTable": lambda m, x: torch.stack(x).amax(0),
    "CMinTable": lambda m, x: torch.stack(x).amin(0), "CMulTable": lambda m, x: torch.stack(x).prod(0),
    "CSubTable": lambda m, x: x[0] - x[1], "CDivTable": lambda m, x: x[0] / x[1], "SelectTable": lambda m, x: x[f(m, "index") - (f(m, "index") > 0)],
    "FlattenTable": lambda m, x: [v for i in x for v in (i if isinstance(i, list) else [i])],
    "SpatialConvolution": lambda m, x: planes(x, lambda x: F.conv2d(
        x, tensor(m, "weight").reshape(f(m, "nOutputPlane"), -1, f(m, "kH"), f(m, "kW")), tensor(m, "bias"), window(m)[1], window(m)[2],
        (m.fields.get("dilationH", 1), m.fields.get("dilationW", 1)), m.fields.get("groups", 1))),
    "SpatialConvolutionMap": lambda m, x: planes(x, lambda x: F.conv2d(x, full_map(m), tensor(m, "bias"), window(m)[1])),
    "SpatialFullConvolution": lambda m, x: F.conv_transpose2d(x, tensor(m, "weight"), tensor(m, "bias"), window(m)[1], window(m)[2], (f(m, "adjH"), f(m, "adjW"))),
    "SpatialSubSampling": sub_sampling,
    "SpatialMaxPooling": lambda m, x: planes(x, lambda x: F.max_pool2d(x, *window(m), ceil_mode=bool(m.fields.get("ceil_mode")))),
    "SpatialAveragePooling": lambda m, x: planes(x, lambda x: average(m, x)),
    "SpatialBatchNormalization": batch_norm, "BatchNormalization": batch_norm,
    "SpatialCrossMapLRN": lambda m, x: F.local_response_norm(x, f(m, "size"), f(m, "alpha"), f(m, "beta"), f(m, "k")),
    "SpatialZeroPadding": lambda m, x: F.pad(x, [f(m, "pad_" + s) for s in "lrtb"]),
    "SpatialReflectionPadding": lambda m, x: F.pad(x, [f(m, "pad_" + s) for s in "lrtb"], "reflect"),
    "SpatialReplicationPadding": lambda m, x: F.pad(x, [f(m, "pad_" + s) for s in "lrtb"], "replicate"),
    "SpatialUpSamplingNearest": lambda m, x: F.interpolate(x, scale_factor=f(m, "scale_factor")),
    "SpatialSubtractiveNormalization": subtractive, "SpatialDivisiveNormalization": divisive,
    "SpatialContrastiveNormalization": lambda m, x: forward(f(m, "normalizer"), x),
    "Linear": lambda m, x: F.linear(x, tensor(m, "weight"), tensor(m, "bias")),
    "Add": lambda m, x: x + tensor(m, "bias"), "CMul": lambda m, x: x * tensor(m, "weight"), "CAdd": lambda m, x: x + tensor(m, "bias"),
    "Reshape": reshape, "View": reshape, "Replicate": replicate, "Transpose": transpose,
    "Narrow": lambda m, x: x.narrow(f(m, "dimension") - 1, f(m, "index") - 1, f(m, "length")),
    "Select": lambda m, x: x.select(f(m, "dimension") - 1, f(m, "index") - (f(m, "index") > 0)),
    "Tanh": lambda m, x: x.tanh(), "Sigmoid": lambda m, x: x.sigmoid(), "Abs": lambda m, x: x.abs(), "Exp": lambda m, x: x.exp(),
    "Log": lambda m, x: x.log(), "SoftSign": lambda m, x: F.softsign(x), "ReLU": lambda m, x: x.relu(),
    "Threshold": lambda m, x: F.threshold(x, f(m, "threshold"), f(m, "val")), "ReLU6": lambda m, x: F.relu6(x),
    "HardTanh": lambda m, x: F.hardtanh(x, f(m, "min_val"), f(m, "max_val")), "Square": lambda m, x: x * x,
    "Sqrt": lambda m, x: (x + m.fields.get("eps", 0)).sqrt(), "Power": lambda m, x: x ** f(m, "pow"), "ELU": lambda m, x: F.elu(x, f(m, "alpha")),
    "LeakyReLU": lambda m, x: F.leaky_relu(x, f(m, "negval")), "PReLU": lambda m, x: F.prelu(x, tensor(m, "weight")),
    "RReLU": lambda m, x: F.rrelu(x, f(m, "lower"), f(m, "upper"), training=False), "SoftPlus": lambda m, x: F.softplus(x, f(m, "beta")),
    "LogSigmoid": lambda m, x: F.logsigmoid(x), "TanhShrink": lambda m, x: F.tanhshrink(x), "SoftShrink": lambda m, x: F.softshrink(x, f(m, "lambda")),
    "HardShrink": lambda m, x: F.hardshrink(x, f(m, "lambda")), "SoftMax": lambda m, x: x.softmax(softmax_axis(x)),
    "LogSoftMax": lambda m, x: x.log_softmax(softmax_axis(x)), "SoftMin": lambda m, x: F.softmin(x, softmax_axis(x)),
    "MulConstant": lambda m, x: x * f(m, "constant_scalar"), "AddConstant": lambda m, x: x + f(m, "constant_scalar"),
    "Mul": lambda m, x: x * tensor(m, "weight"), "Dropout": dropout, "SpatialDropout": dropout,
}
FORWARD["SpatialConvolutionMM"] = FORWARD["SpatialDilatedConvolution"] = FORWARD["SpatialConvolution"]
FORWARD["SpatialSoftMax"] = FORWARD["SoftMax"]


def forward(m, x):
    return FORWARD[m.name.split(".")[1]](m, x)


S = lambda *m: nn("Sequential", *m)
pad0 = lambda: nn("SpatialZeroPadding", pad_l=0, pad_r=0, pad_t=0, pad_b=0)
table = [[1 + (k * 5) % 4, 1 + k % 6] for k in range(14)] + [[1, 1], [1, 1]]
nets = {
    "lenet": (S(conv(1, 4, 4, name="SpatialConvolutionMM", flat=True), nn("Tanh"), pool("SpatialMaxPooling", 2, 2), conv_map(table, 4, 6, 5, 4), nn("ReLU", threshold=0, val=0),
                pool("SpatialAveragePooling", 2, 2), nn("View", size=sizes(6 * 4 * 4), numElements=96), linear(96, 10), nn("LogSoftMax")), (3, 1, 25, 28)),
    "pools": (nn("ConcatTable", *[pool("SpatialMaxPooling", k, d, p, ceil_mode=c) for k, d, p in [(3, 2, 1), (2, 2, 0), (2, 2, 1), (3, 3, 0)] for c in (True, False)],
                 *[pool("SpatialAveragePooling", k, d, p, ceil_mode=c, count_include_pad=i) for k, d, p in [(3, 2, 1), (2, 2, 0), (3, 3, 0), (2, 2, 1)] for c in (True, False) for i in (True, False)],
                 pool("SpatialAveragePooling", 3, 2, divide=False)), (2, 2, 7, 9)),
    "activations": (S(pad0(), nn("ConcatTable", *[nn(n) for n in "Tanh Sigmoid Abs Exp SoftSign Square LogSigmoid TanhShrink SoftMax LogSoftMax SoftMin SpatialSoftMax Identity".split()],
                                  nn("ReLU", threshold=0, val=0), nn("Threshold", threshold=0.3, val=-0.2), nn("ReLU6", min_val=0, max_val=6), nn("HardTanh", min_val=-0.5, max_val=0.7),
                                  S(nn("Abs"), nn("Sqrt", eps=0.1)), S(nn("Abs"), nn("Power", pow=1.5)), S(nn("Abs"), nn("AddConstant", constant_scalar=1), nn("Log")),
                                  nn("ELU", alpha=0.7), nn("LeakyReLU", negval=0.2), nn("PReLU", nOutputPlane=3, weight=draw(3)), nn("PReLU", nOutputPlane=0, weight=draw(1)),
                                  nn("RReLU", lower=0.1, upper=0.3), nn("SoftPlus", beta=2), nn("SoftPlus", beta=1), nn("SoftShrink", **{"lambda": 0.4}), nn("HardShrink", **{"lambda": 0.4}),
                                  nn("MulConstant", constant_scalar=-3), nn("Mul", weight=draw(1)), nn("Dropout", p=0.3, v2=True), nn("Dropout", p=0.3), nn("SpatialDropout", p=0.25))), (2, 3, 4, 5)),
    "residual": (S(conv(3, 4, 3, 2, 1), norm(4), nn("ReLU", threshold=0, val=0), nn("ConcatTable", S(conv(4, 4, 3, 1, 1, name="cudnn.SpatialConvolution", groups=2), nn("SpatialZeroPadding", pad_l=1, pad_r=0, pad_t=0, pad_b=0),
                   norm(4, affine=False), nn("cudnn.Tanh")), nn("Identity")), nn("CAddTable"), nn("SpatialFullConvolution", nInputPlane=4, nOutputPlane=3, kW=3, kH=2, dW=2, dH=3, padW=1, padH=0,
                   adjW=1, adjH=0, weight=draw(4, 3, 2, 3), bias=draw(3)), conv(3, 2, 2, name="SpatialDilatedConvolution", dilationW=2, dilationH=1), nn("SpatialCrossMapLRN", size=3, alpha=0.5, beta=0.75, k=1.5),
                   nn("View", size=sizes(-1), numElements=1, numInputDims=3), linear(80, 5, False), norm(5, "BatchNormalization", False, True), nn("SoftMax")), (2, 3, 8, 9)),
    "contrastive": (S(contrastive(2, rng.uniform(0.5, 1, (3, 5))), nn("Tanh")), (2, 2, 6, 7)),
    "contrastive_1d": (S(contrastive(3, rng.uniform(0.5, 1, 5))), (2, 3, 6, 7)),
    "single": (S(nn("Concat", conv(2, 3, 3), conv(2, 2, 3), dimension=1), nn("Transpose", permutations=[[1, 2], [2, 3]]), nn("Transpose", permutations=[[3, 1], [2, 3]]),
                 nn("Parallel", *[S(nn("Reshape", size=sizes(12)), linear(12, 4)) for _ in range(5)], inputDimension=1, outputDimension=1), nn("Narrow", dimension=1, index=3, length=7), nn("SoftMax")), (3, 2, 5, 7)),
    "tables": (S(nn("ParallelTable", linear(4, 6), S(conv(1, 2, 2), nn("Reshape", size=sizes(6), batchMode=True))), nn("ConcatTable", nn("CMulTable"), nn("CSubTable"), nn("CDivTable"), nn("CMaxTable"), nn("CMinTable"),
                 nn("SelectTable", index=-1)), nn("FlattenTable"), nn("JoinTable", dimension=1, nInputDims=1), nn("Add", bias=draw(36)), nn("CMul", weight=draw(1, 36)), nn("CAdd", bias=draw(36))), [(2, 4), (2, 1, 4, 3)]),
    "shapes": (S(nn("SpatialReflectionPadding", pad_l=1, pad_r=2, pad_t=0, pad_b=1), nn("SpatialReplicationPadding", pad_l=0, pad_r=1, pad_t=2, pad_b=0), nn("SpatialUpSamplingNearest", scale_factor=2),
                 nn("SpatialZeroPadding", pad_l=-1, pad_r=2, pad_t=1, pad_b=-2), nn("Select", dimension=2, index=-1), nn("Replicate", nfeatures=3, dim=2), nn("Transpose", permutations=[[2, 3], [3, 4]])), (2, 2, 3, 4)),
    "old": (S(nn("SpatialConvolution", nInputPlane=2, nOutputPlane=4, kW=3, kH=3, dW=1, dH=1, padding=1, weight=draw(4, 2, 3, 3), bias=draw(4)), nn("SpatialSubSampling", nInputPlane=4, kW=3, kH=2, dW=2, dH=2, weight=draw(4), bias=draw(4)),
              nn("SpatialSubSampling", nInputPlane=4, kW=2, kH=2, dW=1, dH=1, weight=draw(4, 2, 2), bias=draw(4)),
              nn("SpatialLPPooling", nn("Square"), nn("SpatialSubSampling", nInputPlane=4, kW=2, kH=2, dW=2, dH=2, weight=np.ones(4), bias=np.zeros(4)), nn("Sqrt", eps=0), nInputPlane=4)), (2, 2, 11, 12)),
}


def run(name, net, shape):
    """The inputs and the outputs of a network, one of single examples by them."""
    shapes = shape if isinstance(shape, list) else [shape]
    x = [torch.from_numpy(draw(*s)) * 2 for s in shapes]
    arg = x if isinstance(shape, list) else x[0]
    with torch.no_grad():
        y = torch.stack([forward(net, v) for v in arg]) if name == "single" else forward(net, arg)
    out = {"%s.input.%d" % (name, i): v.numpy().astype("f4") for i, v in enumerate(x)}
    return out | {"%s.output.%d" % (name, i): np.ascontiguousarray(v.numpy()).astype("f4") for i, v in enumerate(y if isinstance(y, list) else [y])}


def shared():
    net = torchfile.load(path("../../../../shared/data/models/format-samples-no-licence/torch7_unsupervised.net"))

    def back(m):
        o = nn(m.torch_typename().decode(), **{k: m._obj[k.encode()] for k in "nInputPlane nOutputPlane kW kH dW dH weight bias connTable eps".split() if k.encode() in m._obj})
        if m.modules:
            o.fields["modules"] = [back(c) for c in m.modules]
        return o

    x = np.sin(np.arange(3 * 30 * 31) * 0.37).reshape(1, 3, 30, 31)
    return {"output": forward(back(net), torch.from_numpy(x)).numpy().astype("f4")}


if __name__ == "__main__":
    all = {}
    for name, (net, shape) in nets.items():
        with open(path(name + ".net"), "wb") as out:
            out.write(dump(net, ascii=name == "tables", long=4 if name == "shapes" else 8))
        if name not in ("tables", "shapes"):
            assert torchfile.load(path(name + ".net")).torch_typename() == net.name.encode()
        all.update(run(name, net, shape))
    save_file(all, path("nets.safetensors"))
    try:
        save_file(shared(), path("shared.safetensors"))
    except FileNotFoundError as e:
        print(e)
