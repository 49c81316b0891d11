"""Writes attention.json: PyTorch's scaled_dot_product_attention and its
gradients, in float64.

    python attention.py > attention.json
"""

import json
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(1)


def cases():
    # batch, heads of queries and of keys, queries, keys, width, width of values
    for size in ((2, 3, 3, 5, 5, 4, 4), (1, 4, 2, 3, 7, 5, 2), (2, 2, 1, 6, 4, 3, 6), (1, 1, 1, 1, 9, 2, 3)):
        b, h, kv, l, s, d, dv = size
        yield size, False, None, None
        yield size, True, None, 0.3
        yield size, False, (torch.rand(b, 1, 1, s) < 0.7).index_fill_(3, torch.tensor([0]), True), None
        yield size, False, (torch.rand(h, l, s) < 0.7).index_fill_(2, torch.tensor([s - 1]), True), None
        yield size, False, draw(b, h, l, s), None
        yield size, False, draw(l, s), None


def flat(t):
    return {"dims": list(t.shape), "values": t.detach().double().flatten().tolist()}


def draw(*shape):
    return torch.randn(*shape).round(decimals=2).requires_grad_()


def record(size, causal, mask, scale):
    b, h, kv, l, s, d, dv = size
    q, k, v = (draw(*n) for n in ((b, h, l, d), (b, kv, s, d), (b, kv, s, dv)))
    free = [q, k, v]
    if mask is not None and mask.is_floating_point():
        free.append(mask)
    o = F.scaled_dot_product_attention(q, k, v, mask, is_causal=causal, scale=scale, enable_gqa=True)
    g = draw(*o.shape).detach()
    return {
        "causal": causal, "scale": scale or 0, "q": flat(q), "k": flat(k), "v": flat(v), "g": flat(g), "o": flat(o),
        "mask": None if mask is None else flat(mask), "bool": mask is not None and mask.dtype == torch.bool,
        "grads": [flat(x) for x in torch.autograd.grad(o, free, g)],
    }


json.dump({"torch": torch.__version__, "cases": [record(*c) for c in cases()]}, sys.stdout)
