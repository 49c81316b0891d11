"""Writes golden.safetensors: what PyTorch gives for operations and layers of ours.

    python golden.py

Each case is a function of named tensors, computed in float64: its results and the
gradients of sum(result * weight) by its floating-point operands. Operands are
float32 numbers, so that one file serves both precisions; PyTorch's own float32
results are asked to lie within 5e-6 of its float64 ones, relative to the largest.
Tensors lie as in package ops: channels last, weights [in, out]; a case's function
turns them. To add one: a call of case() here, and a line of golden_ops_test.go
if the operation is new.
"""

import json
import struct

import numpy as np
import torch
import torch.nn.functional as F

gen = torch.Generator().manual_seed(20)
cases, tensors = {}, {}


def rand(*shape, low=-2.0, high=2.0):
    return (low + (high - low) * torch.rand(shape, generator=gen, dtype=torch.float64)).float().double()


def ids(high, *shape, low=0):
    return torch.randint(low, high, shape, generator=gen, dtype=torch.int64)


def run(f, inputs, weights, dtype):
    x = {k: v.to(dtype).requires_grad_() if v.is_floating_point() else v for k, v in inputs.items()}
    out = f(*x.values())
    out = list(out) if isinstance(out, (tuple, list)) else [out]
    if weights is None:
        weights = [rand(*o.shape, low=-1, high=1) if o.requires_grad else None for o in out]
    loss = sum((o * w.to(dtype)).sum() for o, w in zip(out, weights) if w is not None)
    names = [k for k, v in x.items() if v.is_floating_point()]
    grads = {k: None for k in names}
    if torch.is_tensor(loss) and loss.requires_grad:
        got = torch.autograd.grad(loss, [x[k] for k in names], allow_unused=True)
        grads = {k: torch.zeros_like(x[k]) if g is None else g for k, g in zip(names, got)}
    return out, weights, {k: g for k, g in grads.items() if g is not None}


def close(a, b):
    return a.numel() == 0 or (a - b).abs().max() <= 5e-6 * b.abs().max().clamp(min=1e-3)


def case(op, f, *inputs, **attrs):
    """One case of op: f of the tensors inputs, or of those of the dict that is the
    only input; attrs is what the test in Go needs to know beside them."""
    if len(inputs) == 1 and isinstance(inputs[0], dict):
        inputs = inputs[0]
    else:
        inputs = {f"in{i}": x for i, x in enumerate(inputs)}
    out, weights, grads = run(f, inputs, None, torch.float64)
    out32, _, grads32 = run(f, inputs, weights, torch.float32)
    for a, b in list(zip(out32, out)) + [(grads32[k], grads[k]) for k in grads]:
        assert not b.is_floating_point() or close(a.double(), b), (op, attrs)
        assert b.is_floating_point() or torch.equal(a, b), (op, attrs)
    name = f"{op}/{sum(k.startswith(op + '/') for k in cases)}"
    cases[name] = {"in": list(inputs), "out": len(out), "grad": list(grads), **({"attrs": attrs} if attrs else {})}
    for k, v in inputs.items():
        tensors[f"{name}/{k}"] = v.float() if v.is_floating_point() else v
    for i, (o, w) in enumerate(zip(out, weights)):
        tensors[f"{name}/out{i}"] = o
        if w is not None:
            tensors[f"{name}/weight{i}"] = w.float()
    for k, g in grads.items():
        tensors[f"{name}/grad {k}"] = g


def write(path):
    kinds = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I32", torch.int32: "I32", torch.bool: "BOOL"}
    header, blobs, at = {"__metadata__": {k: json.dumps(v) for k, v in cases.items()}}, [], 0
    for name, t in sorted(tensors.items(), key=lambda kv: (-(kv[1].dtype == torch.float64), kv[1].dtype == torch.bool)):
        t = t.detach().contiguous()
        a = t.numpy().astype({"F32": np.float32, "F64": np.float64, "I32": np.int32, "BOOL": np.uint8}[kinds[t.dtype]])
        b = a.tobytes()
        header[name] = {"dtype": kinds[t.dtype], "shape": list(t.shape), "data_offsets": [at, at + len(b)]}
        blobs.append(b)
        at += len(b)
    text = json.dumps(header, separators=(",", ":"))
    text += " " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text.encode())
        f.write(b"".join(blobs))


# Elementwise operations of one operand.
UNARY = {
    "neg": torch.neg, "abs": torch.abs, "sign": torch.sign, "exp": torch.exp, "expm1": torch.expm1, "sin": torch.sin,
    "cos": torch.cos, "tanh": torch.tanh, "logistic": torch.sigmoid, "erf": torch.erf, "floor": torch.floor,
    "ceil": torch.ceil, "round": torch.round, "relu": F.relu, "relu6": F.relu6, "selu": F.selu, "elu": F.elu,
    "hard-sigmoid": lambda x: F.relu6(x + 3) / 6,  # F.hardsigmoid's own gradient has 1/6 in float32
    "hard-swish": F.hardswish, "gelu": F.gelu,
    "gelu-tanh": lambda x: F.gelu(x, approximate="tanh"), "silu": F.silu, "softplus": F.softplus, "mish": F.mish,
}
for name, f in UNARY.items():
    for s in [(7,), (3, 5), (2, 3, 4)]:
        case(name, f, rand(*s, low=-5, high=5))
for name, f in {"log": torch.log, "log1p": torch.log1p, "sqrt": torch.sqrt, "rsqrt": torch.rsqrt}.items():
    for s in [(7,), (3, 5)]:
        case(name, f, rand(*s, low=0.2, high=9))
for slope in [0.01, 0.3]:
    case("leaky-relu", lambda x: F.leaky_relu(x, slope), rand(3, 5), slope=slope)
case("elu-alpha", lambda x: F.elu(x, 1.5), rand(3, 5), alpha=1.5)
case("clamp", lambda x: x.clamp(-1, 0.5), rand(4, 5), low=-1, high=0.5)

# Elementwise operations of two operands, stretched to one shape.
BINARY = {
    "add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "max": torch.maximum, "min": torch.minimum,
    "atan2": torch.atan2, "rem": torch.fmod, "pow": torch.pow,
}
for name, f in BINARY.items():
    for a, b in [((6,), (6,)), ((3, 4), (4,)), ((2, 1, 3), (4, 1)), ((1,), (2, 3))]:
        low = 0.3 if name in ("div", "rem", "pow", "atan2") else -2
        case(name, f, rand(*a, low=low), rand(*b, low=low))
for name, f in {"eq": torch.eq, "ne": torch.ne, "lt": torch.lt, "le": torch.le, "gt": torch.gt, "ge": torch.ge}.items():
    a = rand(4, 5)
    case(name, f, a, torch.where(rand(4, 5) > 0, a, rand(4, 5)))
for s in [(3, 5), (5,), (3, 1)]:
    case("select", torch.where, rand(3, 5) > 0, rand(3, 5), rand(*s))
INTEGER = {
    "and": torch.bitwise_and, "or": torch.bitwise_or, "xor": torch.bitwise_xor, "add": torch.add, "mul": torch.mul, "max": torch.maximum,
    "shift-left": torch.bitwise_left_shift, "shift-right": torch.bitwise_right_shift,
    "div": lambda a, b: torch.div(a, b, rounding_mode="trunc"), "rem": torch.fmod, "lt": torch.lt, "eq": torch.eq,
}
for name, f in INTEGER.items():
    for a, b in [((9,), (9,)), ((2, 3), (3,))]:
        case(name, f, ids(50, *a, low=0 if "shift" in name else -50), ids(9, *b, low=1))
case("not", torch.logical_not, rand(3, 5) > 0)
case("is-finite", torch.isfinite, torch.tensor([1.0, float("inf"), -float("inf"), float("nan")], dtype=torch.float64))

# Movement.
for s, axes in [((3,), [1]), ((2, 4), [0, 2]), ((), [])]:
    def stretch(x):
        return x.reshape([x.shape[axes.index(i)] if i in axes else 1 for i in range(3)]).expand(2, 3, 4)

    case("broadcast", stretch, rand(*s), shape=[2, 3, 4], axes=axes)
for start in [[1, 2], [0, 0], [2, 1]]:
    case("dynamic-slice", lambda x, i: x[i[0] : i[0] + 3, i[1] : i[1] + 2], rand(5, 4), torch.tensor(start), size=[3, 2])
    case("dynamic-update-slice", lambda x, u, i: x.slice_scatter(x[i[0] : i[0] + 3].slice_scatter(u, 1, i[1], i[1] + 2), 0, i[0], i[0] + 3),
         rand(5, 4), rand(3, 2), torch.tensor(start))
case("reshape", lambda x: x.reshape(4, 6), rand(2, 3, 4), shape=[4, 6])
for perm in [(1, 0), (2, 0, 1), (0, 3, 1, 2)]:
    case("transpose", lambda x: x.permute(perm), rand(*(2, 3, 4, 5)[: len(perm)]), perm=perm)
case("slice", lambda x: x[1:5:2, 0:3], rand(6, 4), start=[1, 0], limit=[5, 3], stride=[2, 1])
case("slice", lambda x: x[:, 1:4], rand(2, 5), start=[0, 1], limit=[2, 4], stride=[1, 1])
case("pad", lambda x: F.pad(x, (1, 2, 0, 3), value=0.5), rand(2, 3), low=[0, 1], high=[3, 2], value=0.5)
for axis in [0, 1, -1]:
    s = [[2, 3, 2], [2, 3, 2], [2, 3, 2]]
    s[1][axis] = 4
    case("concatenate", lambda *x: torch.cat(x, axis), *[rand(*d) for d in s], axis=axis)
for axes in [(0,), (1, 2)]:
    case("reverse", lambda x: x.flip(axes), rand(2, 3, 4), axes=axes)
for k in [-1, 0, 2]:
    case("tril", lambda x: x.tril(k), rand(2, 4, 5), diagonal=k)
    case("triu", lambda x: x.triu(k), rand(2, 4, 5), diagonal=k)

# Contractions.
for a, b in [((3, 4), (4, 5)), ((17, 33), (33, 9)), ((2, 3, 4), (2, 4, 5)), ((2, 1, 3, 4), (3, 4, 2)), ((2, 3, 4), (4, 5))]:
    case("matmul", torch.matmul, rand(*a), rand(*b))
EINSUMS = [
    ("bik,bjk->bij", (2, 3, 5), (2, 4, 5), [[0], [0], [2], [2]]),
    ("kij,lk->ijl", (3, 2, 4), (5, 3), [[], [], [0], [1]]),
    ("abkc,dkcb->bad", (2, 3, 4, 2), (5, 4, 2, 3), [[1], [3], [2, 3], [1, 2]]),
    ("i,j->ij", (3,), (4,), [[], [], [], []]),
]
for eq, a, b, d in EINSUMS:
    case("dot", lambda x, y: torch.einsum(eq, x, y), rand(*a), rand(*b), dims=d)
for s, out in [((3, 4), 5), ((2, 3, 7), 4), ((16, 40), 24)]:
    case("linear", lambda x, w, b: x @ w + b, rand(*s), rand(s[-1], out), rand(out))
    case("linear", lambda x, w: F.linear(x, w.T), rand(*s), rand(s[-1], out))

# Reductions.
REDUCE = {"sum": torch.sum, "mean": torch.mean, "amax": torch.amax, "amin": torch.amin}
for name, f in REDUCE.items():
    for s, axes in [((3, 5), (1,)), ((3, 5), (0,)), ((2, 3, 4), (1,)), ((2, 3, 4), (0, 2)), ((40, 33), (0, 1))]:
        case("reduce-" + name, lambda x: f(x, dim=axes), rand(*s), axes=axes)
for s, axis in [((3, 5), 1), ((4, 3), 0)]:
    case("reduce-prod", lambda x: x.prod(axis), rand(*s, low=0.3), axes=[axis])
    case("reduce-and", lambda x: x.all(axis), rand(*s) > -1.5, axes=[axis])
    case("reduce-or", lambda x: x.any(axis), rand(*s) > 1.5, axes=[axis])
    case("argmax", lambda x: x.argmax(axis), rand(*s), axis=axis)
    case("argmin", lambda x: x.argmin(axis), rand(*s), axis=axis)

# Softmax and what stands on it.
for s, axis in [((3, 5), 1), ((3, 5), 0), ((2, 3, 4), 1), ((4, 70), -1)]:
    case("softmax", lambda x: x.softmax(axis), rand(*s, low=-5, high=5), axis=axis)
    case("log-softmax", lambda x: x.log_softmax(axis), rand(*s, low=-5, high=5), axis=axis)
for smoothing in [0.0, 0.1, 0.5]:
    for n, k in [(4, 3), (7, 40)]:
        case("cross-entropy", lambda x, y: F.cross_entropy(x, y, reduction="none", label_smoothing=smoothing),
             rand(n, k, low=-5, high=5), ids(k, n), smoothing=smoothing)


# Convolutions and pools of 1 to 3 spatial axes, channels last.
def first(x):
    return x.movedim(-1, 1)


def last(x):
    return x.movedim(1, -1)


def taps(w):
    """[spatial… C K] as [K C spatial…]."""
    return w.movedim(-1, 0).movedim(-1, 1)


CONV = [F.conv1d, F.conv2d, F.conv3d]
for n, dims in enumerate([(9,), (7, 6), (5, 4, 4)], 1):
    for size, stride, pad, dilation, groups, c, k in [
        (3, 1, 1, 1, 1, 3, 5), (2, 2, 0, 1, 1, 4, 3), (3, 2, 1, 1, 2, 4, 6), (2, 1, 1, 2, 1, 2, 3),
        (3, 1, 1, 1, 4, 4, 4), (1, 1, 0, 1, 1, 5, 7), (3, 1, 1, 1, 1, 16, 16),
    ]:
        def conv(x, w, b=None):
            return last(CONV[n - 1](first(x), taps(w), b, stride, pad, dilation, groups))

        x, w = rand(2, *dims, c), rand(*[size] * n, c // groups, k)
        attrs = {"stride": [stride] * n, "pad": [pad] * n, "dilation": [dilation] * n, "groups": groups}
        case("conv", conv, x, w, rand(k), **attrs)
        case("conv", conv, x, w, **attrs)
MAX, AVG = [F.max_pool1d, F.max_pool2d, F.max_pool3d], [F.avg_pool1d, F.avg_pool2d, F.avg_pool3d]
for n, dims in enumerate([(9,), (7, 6), (5, 4, 6)], 1):
    for size, stride, pad in [(2, 2, 0), (3, 2, 1), (3, 1, 1)]:
        attrs = {"size": [size] * n, "stride": [stride] * n, "pad": [pad] * n}
        case("max-pool", lambda x: last(MAX[n - 1](first(x), size, stride, pad)), rand(2, *dims, 3), **attrs)
        for full in [True, False]:
            case("avg-pool", lambda x: last(AVG[n - 1](first(x), size, stride, pad, count_include_pad=full)),
                 rand(2, *dims, 3), full=full, **attrs)

# Normalisations, as layers.
for s in [(3, 6), (2, 3, 17), (4, 40)]:
    p = {"x": rand(*s), "scale": rand(s[-1]), "bias": rand(s[-1])}
    case("layer-norm", lambda x, w, b: F.layer_norm(x, x.shape[-1:], w, b), p, width=s[-1])
    case("rms-norm", lambda x, w: F.rms_norm(x, x.shape[-1:], w, eps=1e-5), {k: p[k] for k in ("x", "scale")}, width=s[-1])
for s, groups in [((2, 8), 2), ((2, 5, 6), 2), ((2, 4, 3, 6), 2), ((3, 4, 4, 8), 8), ((2, 3, 3, 4), 1)]:
    p = {"x": rand(*s), "scale": rand(s[-1]), "bias": rand(s[-1])}
    case("group-norm", lambda x, w, b: last(F.group_norm(first(x), groups, w, b)), p, groups=groups, channels=s[-1])
for s in [(2, 5, 3), (2, 4, 3, 4)]:
    p = {"x": rand(*s), "scale": rand(s[-1]), "bias": rand(s[-1])}
    case("instance-norm", lambda x, w, b: last(F.instance_norm(first(x), weight=w, bias=b)), p, channels=s[-1])
for s in [(6, 3), (4, 3, 5), (2, 4, 3, 8)]:
    c = s[-1]
    p = {"x": rand(*s), "scale": rand(c), "bias": rand(c), "mean": rand(c), "variance": rand(c, low=0.5)}

    def trained(x, w, b, m, v):
        m, v = m.detach().clone(), v.detach().clone()
        return last(F.batch_norm(first(x), m, v, w, b, training=True)), m, v

    # F.batch_norm has no gradient by running averages.
    case("batch-norm", lambda x, w, b, m, v: (x - m) / (v + 1e-5).sqrt() * w + b, p, channels=c, train=False)
    case("batch-norm", trained, p, channels=c, train=True)

# Look-ups and their transposes.
for s in [(4,), (2, 3), (30,)]:
    case("embedding", lambda i, w: F.embedding(i, w), {"x": ids(7, *s), "weight": rand(7, 5)}, vocab=7, width=5, padding=-1)
    w = rand(7, 5)
    w[2] = 0
    case("embedding", lambda i, w: F.embedding(i, w, padding_idx=2), {"x": ids(7, *s), "weight": w}, vocab=7, width=5, padding=2)
for s, axis in [((5, 4), 0), ((3, 6), 1), ((2, 5, 3), 1)]:
    n, rank = s[axis], len(s)
    case("take", lambda x, i: x.index_select(axis, i), rand(*s), ids(n, 7), axis=axis)
    t = [*s]
    t[axis] = 8
    where = ids(n, *t)
    case("take-along", lambda x, i: x.gather(axis, i), rand(*s), where, axis=axis)
    case("take-along", lambda x, i: x.gather(axis, i), rand(*s), where[:, :2], axis=axis)
    t[axis] = 6
    case("put-add", lambda x, i, u: x.index_add(axis, i, u), rand(*s), ids(n, 6), rand(*t), axis=axis)
    t[axis] = 2
    case("put-update", lambda x, i, u: x.index_copy(axis, i, u), rand(*s), torch.tensor([n - 1, 0]), rand(*t), axis=axis)
    case("put-along-add", lambda x, i, u: x.scatter_add(axis, i, u), rand(*s), where, rand(*where.shape), axis=axis)
    for how, name in {"prod": "mul", "amax": "max", "amin": "min"}.items():
        case("put-along-" + name, lambda x, i, u: x.scatter_reduce(axis, i, u, how), rand(*s), where, rand(*where.shape), axis=axis)
    apart = torch.argsort(rand(*s), axis)
    case("put-along-update", lambda x, i, u: x.scatter(axis, i, u), rand(*s), apart, rand(*s), axis=axis)
case("one-hot", lambda i: F.one_hot(i, 5), ids(5, 3, 4), depth=5)

# Cumulative operations, both ways.
CUM = {
    "cum-sum": torch.cumsum, "cum-prod": torch.cumprod, "cum-log-sum-exp": torch.logcumsumexp,
    "cum-max": lambda x, d: torch.cummax(x, d).values, "cum-min": lambda x, d: torch.cummin(x, d).values,
}
for name, f in CUM.items():
    for s, axis in [((3, 5), 1), ((5, 3), 0), ((2, 6, 3), 1), ((2, 50), 1)]:
        x = rand(*s, low=0.5, high=1.5) if name == "cum-prod" else rand(*s)
        case(name, lambda x: f(x, axis), x, axis=axis, reverse=False)
        case(name, lambda x: f(x.flip(axis), axis).flip(axis), x, axis=axis, reverse=True)

# Order.
for s, axis in [((7,), 0), ((3, 9), 1), ((9, 2), 0), ((2, 400), 1)]:
    for descending in [False, True]:
        case("sort", lambda x: tuple(torch.sort(x, dim=axis, descending=descending, stable=True)), rand(*s), axis=axis, descending=descending)
        case("top-k", lambda x: tuple(x.topk(3, axis, largest=descending)), rand(*s), axis=axis, descending=descending, k=3)

# Attention, [B H L D], with fewer heads of keys and values in some.
for heads, kv, l, s, causal in [(2, 2, 5, 5, False), (2, 2, 6, 6, True), (4, 2, 5, 5, True), (4, 1, 3, 7, False)]:
    case("attention", lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=causal, enable_gqa=True),
         rand(2, heads, l, 8), rand(2, kv, s, 8), rand(2, kv, s, 8), causal=causal)

# What ONNX has besides.
for name, f in {"tan": torch.tan, "asin": torch.asin, "acos": torch.acos, "atanh": torch.atanh}.items():
    case(name, f, rand(3, 5, low=-0.95, high=0.95))
for name, f in {"sinh": torch.sinh, "cosh": torch.cosh, "asinh": torch.asinh}.items():
    case(name, f, rand(3, 5, low=-4, high=4))
case("acosh", torch.acosh, rand(3, 5, low=1.1, high=9))
for alpha in [0.5, 1, 2]:
    case("celu", lambda x: F.celu(x, alpha), rand(3, 5), alpha=alpha)
case("prelu", lambda x, a: torch.where(x < 0, a * x, x), rand(3, 5), rand(3, 5))
case("mod", torch.remainder, rand(3, 5), rand(3, 5, low=0.5))
case("mod", torch.remainder, ids(9, 40, low=-9), ids(5, 40, low=1) * (2 * ids(2, 40) - 1))
case("pow", torch.pow, ids(9, 40, low=-9), ids(9, 40))

write("golden.safetensors")
print(len(cases), "cases,", len({k.split("/")[0] for k in cases}), "operations and layers,", "PyTorch", torch.__version__)
