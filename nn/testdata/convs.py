"""Writes convs.json: PyTorch's convolutions, transposed convolutions and pools
with gradients, in float64, channels last as in package nn.

    python convs.py > convs.json
"""

import json
import random
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(1)
random.seed(1)


def last(x):
    """[N C spatial…] as [N spatial… C]."""
    return x.movedim(1, -1)


def filters(w):
    """[A B spatial…] as [spatial… B A]."""
    return w.movedim(0, -1).movedim(0, -2)


def flat(x):
    return [float(f"{v:.15g}") for v in x.detach().contiguous().flatten().tolist()]


def several(axes, low, high):
    return [random.randint(low, high) for _ in range(axes)]


def draw(kind, axes):
    o = {"kind": kind, "size": several(axes, 1, 3), "stride": several(axes, 1, 3), "pad": several(axes, 0, 1),
         "dilation": several(axes, 1, 2), "groups": random.choice([1, 1, 2]), "extra": [0] * axes, "include": random.random() < 0.5}
    if kind == "conv-transpose":
        o["extra"] = [random.randint(0, s - 1) for s in o["stride"]]
    if kind in ("max-pool", "avg-pool"):
        o["groups"] = 1
        o["pad"] = [min(p, k // 2) for p, k in zip(o["pad"], o["size"])]
    if kind == "avg-pool":
        o["dilation"] = [1] * axes
    return o


def compute(o, x, w, b):
    axes = len(o["size"])
    if o["kind"] == "conv":
        return [F.conv1d, F.conv2d, F.conv3d][axes - 1](x, w, b, o["stride"], o["pad"], o["dilation"], o["groups"])
    if o["kind"] == "conv-transpose":
        f = [F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d][axes - 1]
        return f(x, w, b, o["stride"], o["pad"], o["extra"], o["groups"], o["dilation"])
    if o["kind"] == "max-pool":
        return [F.max_pool1d, F.max_pool2d, F.max_pool3d][axes - 1](x, o["size"], o["stride"], o["pad"], o["dilation"])
    return [F.avg_pool1d, F.avg_pool2d, F.avg_pool3d][axes - 1](x, o["size"], o["stride"], o["pad"], False, o["include"])


def case(kind, axes):
    o = draw(kind, axes)
    g = o["groups"]
    c, k = g * random.randint(1, 2), g * random.randint(1, 2)
    room = [(s - 1) * d + 1 for s, d in zip(o["size"], o["dilation"])]
    n = random.randint(1, 2)
    sizes = several(axes, 1, 3) if kind == "conv-transpose" else [r + random.randint(0, 2) for r in room]
    x = torch.randn(n, c, *sizes, requires_grad=True)
    parts = [x]
    if kind in ("conv", "conv-transpose"):
        shape = (k, c // g) if kind == "conv" else (c, k // g)
        parts += [torch.randn(*shape, *o["size"], requires_grad=True), torch.randn(k, requires_grad=True)]
    y = compute(o, *(parts + [None] * (3 - len(parts))))
    if y.numel() == 0:
        raise ValueError
    seed = torch.randn_like(y)
    grads = torch.autograd.grad(y, parts, seed)
    forms = [last, filters, lambda b: b]
    o["dims"] = [list(f(p).shape) for f, p in zip(forms, parts)]
    o["in"] = [flat(f(p)) for f, p in zip(forms, parts)]
    o["y"], o["out"], o["seed"] = list(last(y).shape), flat(last(y)), flat(last(seed))
    o["grads"] = [flat(f(p)) for f, p in zip(forms, grads)]
    return o


def main():
    cases = []
    for kind, count in (("conv", 4), ("conv-transpose", 6), ("max-pool", 3), ("avg-pool", 3)):
        for axes in (1, 2, 3):
            while count > len([c for c in cases if c["kind"] == kind and len(c["size"]) == axes]):
                try:
                    cases.append(case(kind, axes))
                except (ValueError, RuntimeError):
                    pass  # no window fits
    json.dump({"torch": torch.__version__, "cases": cases}, sys.stdout)
    print()


main()
