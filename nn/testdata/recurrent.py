"""Writes recurrent.json: recurrent layers by PyTorch in float64, with gradients.

Usage: python recurrent.py > recurrent.json
The loss is the sum of all outputs and last states, weighted at random.
"""
import json
import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
N, L, C, H = 3, 5, 3, 4


def ours(name, p, grad):
    """Our parameter and its gradient for PyTorch's weights of one direction."""
    w = {}
    for part, key in (("input", "weight_ih"), ("hidden", "weight_hh")):
        w[part] = (p[key].detach().T, grad[key].T)
    if name == "gru":
        w["bias"] = (p["bias_ih"].detach(), grad["bias_ih"])
        w["hiddenbias"] = (p["bias_hh"].detach(), grad["bias_hh"])
    else:
        w["bias"] = ((p["bias_ih"] + p["bias_hh"]).detach(), grad["bias_ih"])
    return w


def case(name, layers, both, lengths):
    net = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[name](
        C, H, num_layers=layers, bidirectional=both, batch_first=True)
    x = torch.randn(N, L, C, requires_grad=True)
    given = x
    if lengths:
        given = torch.nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
    y, last = net(given)
    if lengths:
        y, _ = torch.nn.utils.rnn.pad_packed_sequence(y, batch_first=True, total_length=L)
    last = last if isinstance(last, tuple) else (last,)
    states = [s[i] for i in range(layers * (1 + both)) for s in last]
    outs = [y] + states
    weights = [torch.randn_like(o) for o in outs]
    sum((o * w).sum() for o, w in zip(outs, weights)).backward()
    params = {}
    for layer in range(layers):
        for suffix, way in (("", "forward"), ("_reverse", "backward"))[: 1 + both]:
            keys = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
            p = {k: getattr(net, f"{k}_l{layer}{suffix}") for k in keys}
            g = {k: v.grad for k, v in p.items()}
            for part, (v, d) in ours(name, p, g).items():
                params[f"layers.{layer}.{way}.{part}"] = [v.flatten().tolist(), d.flatten().tolist()]
    flat = lambda t: t.detach().flatten().tolist()
    return {"name": name, "layers": layers, "both": both, "lengths": lengths or [], "x": flat(x), "dx": flat(x.grad),
            "outs": [flat(o) for o in outs], "weights": [flat(w) for w in weights], "params": params}


cases = [case(n, l, b, s) for n in ("rnn", "lstm", "gru") for l, b, s in
         ((1, False, None), (2, True, None), (1, True, [5, 2, 3]), (2, True, [1, 5, 4]))]
print(json.dumps({"n": N, "l": L, "c": C, "h": H, "torch": torch.__version__, "cases": cases}))
