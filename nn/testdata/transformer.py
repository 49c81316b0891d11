"""Writes transformer.json: PyTorch's MultiheadAttention, TransformerEncoderLayer
and TransformerDecoderLayer with their gradients, in float64, under our names.

    python transformer.py > transformer.json
"""

import json
import sys

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.manual_seed(1)


def flat(t):
    return {"dims": list(t.shape), "values": t.detach().double().flatten().tolist()}


def attention_names(m, at=""):
    """Our name of a parameter -> (PyTorch's parameter, how to cut it)."""
    c, names = m.embed_dim, {}
    for i, part in enumerate(("query", "key", "value")):
        rows = slice(i * c, (i + 1) * c)
        if m.in_proj_weight is not None:
            names[f"{at}{part}.weight"] = (m.in_proj_weight, lambda t, r=rows: t[r].T)
        else:
            names[f"{at}{part}.weight"] = (getattr(m, part[0] + "_proj_weight"), lambda t: t.T)
        if m.in_proj_bias is not None:
            names[f"{at}{part}.bias"] = (m.in_proj_bias, lambda t, r=rows: t[r])
    names[f"{at}output.weight"] = (m.out_proj.weight, lambda t: t.T)
    if m.out_proj.bias is not None:
        names[f"{at}output.bias"] = (m.out_proj.bias, lambda t: t)
    return names


def block_names(m):
    names = attention_names(m.self_attn, "attention.")
    cross = hasattr(m, "multihead_attn")
    if cross:
        names |= attention_names(m.multihead_attn, "cross.")
    norms = {"norm1": m.norm1, "norm2": m.norm2, "norm3": m.norm3} if cross else {"norm1": m.norm1, "norm3": m.norm2}
    for name, norm in norms.items():
        names[name + ".scale"], names[name + ".bias"] = (norm.weight, lambda t: t), (norm.bias, lambda t: t)
    for name, l in (("feedforward.0", m.linear1), ("feedforward.2", m.linear2)):
        names[name + ".weight"], names[name + ".bias"] = (l.weight, lambda t: t.T), (l.bias, lambda t: t)
    return names


def rand(*shape):
    return torch.randn(*shape).round(decimals=2).requires_grad_()


def blur(m):
    for p in m.parameters():
        nn.init.normal_(p, 0, 0.5)
        p.data = p.data.round(decimals=2)
    return m


def record(config, m, names, inputs, keep, y):
    g = torch.randn_like(y).round(decimals=2)
    params = {k: p for k, (p, _) in names.items()}
    all_grads = torch.autograd.grad(y, list(inputs.values()) + list(params.values()), g)
    grads = dict(zip(inputs, map(flat, all_grads)))
    for (k, (_, cut)), d in zip(names.items(), all_grads[len(inputs):]):
        grads[k] = flat(cut(d))
    return config | {
        "inputs": {k: flat(v) for k, v in inputs.items()}, "keep": None if keep is None else flat(keep),
        "params": {k: flat(cut(p)) for k, (p, cut) in names.items()}, "y": flat(y), "g": flat(g), "grads": grads,
    }


def attention(heads, width, memory, bias, causal, padded):
    m = blur(nn.MultiheadAttention(width, heads, bias=bias, kdim=memory, vdim=memory, batch_first=True))
    x = rand(2, 3, width)
    inputs = {"x": x}
    if memory is not None:
        inputs["memory"] = rand(2, 5, memory)
    other = inputs.get("memory", x)
    keep = torch.rand(2, other.shape[1]) < 0.6 if padded else None
    if padded:
        keep[:, 0] = True
    mask = nn.Transformer.generate_square_subsequent_mask(3) if causal else None
    y, _ = m(x, other, other, key_padding_mask=None if keep is None else ~keep, attn_mask=mask, need_weights=False)
    config = {"kind": "attention", "heads": heads, "width": width, "memory": memory or 0, "nobias": not bias, "causal": causal}
    return record(config, m, attention_names(m), inputs, keep, y)


def block(cross, pre, activation, padded):
    kind = nn.TransformerDecoderLayer if cross else nn.TransformerEncoderLayer
    m = blur(kind(4, 2, 6, 0.0, activation, batch_first=True, norm_first=pre))
    x = rand(2, 3, 4)
    inputs = {"x": x}
    keep = torch.tensor([[True, True, False], [True, False, False]]) if padded else None
    drop = None if keep is None else ~keep
    if cross:
        inputs["memory"] = rand(2, 5, 4)
        y = m(x, inputs["memory"], tgt_mask=nn.Transformer.generate_square_subsequent_mask(3), tgt_key_padding_mask=drop)
    else:
        y = m(x, src_key_padding_mask=drop)
    config = {"kind": "block", "heads": 2, "width": 4, "hidden": 6, "cross": cross, "causal": cross, "post": not pre, "activation": activation}
    return record(config, m, block_names(m), inputs, keep, y)


cases = [
    attention(2, 6, None, True, False, False), attention(1, 4, None, False, True, False),
    attention(3, 6, None, True, True, True), attention(2, 4, 3, True, False, True), attention(2, 4, 5, False, False, False),
    *(block(cross, pre, act, padded) for cross in (False, True) for pre in (False, True) for act, padded in (("relu", False), ("gelu", True))),
]
json.dump({"torch": torch.__version__, "cases": cases}, sys.stdout)
