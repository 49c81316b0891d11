"""LSTM, GRU and RNN: directions, lengths, states, peepholes, activations.

    python recurrent.py      # writes recurrent.json.gz
"""

import numpy as np
from record import Recorder

r = Recorder(__file__, 3)
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def case(name, op, opset=14, t=4, n=3, i=2, h=3, bias=True, lens=None, state=False, peep=False, layout=0, **kw):
    """A recurrence over [T N I]; layout 1 is [N T I], which ONNX Runtime has not."""
    d = 2 if kw.get("direction") == "bidirectional" else 1
    g = GATES[op] * h
    ins = [r.floats(*((n, t, i) if layout else (t, n, i))), r.floats(d, g, i, low=-1, high=1), r.floats(d, g, h, low=-1, high=1)]
    ins.append(r.floats(d, 2 * g, low=-1, high=1) if bias else None)
    ins.append(None if lens is None else np.array(lens, np.int32))
    states = 2 if op == "LSTM" else 1
    for _ in range(states):
        ins.append(r.floats(*((n, d, h) if layout else (d, n, h))) if state else None)
    if peep:
        ins += [None] * (7 - len(ins)) + [r.floats(d, 3 * h)]
    while ins[-1] is None:
        ins.pop()
    if layout:
        kw["layout"] = 1
    r.add(f"{op.lower()}-{name}", op, opset, ins, 1 + states, hidden_size=h, **kw)


for op in GATES:
    case("plain", op, grad=True)
    case("no-bias", op, bias=False, opset=7)
    case("reverse", op, direction="reverse", state=True)
    case("both", op, direction="bidirectional", state=True, grad=True)
    case("lengths", op, direction="bidirectional", lens=[4, 1, 2], state=True, grad=True)
    case("lengths-reverse", op, direction="reverse", lens=[2, 4, 1])
    case("clip", op, clip=0.5, state=True)
case("layout", "LSTM", layout=1, state=True, by="reference")
case("layout", "GRU", layout=1, state=True, by="reference", linear_before_reset=1)
case("layout", "RNN", layout=1, by="reference")
case("peepholes", "LSTM", peep=True, state=True, grad=True)
case("peepholes-both", "LSTM", peep=True, direction="bidirectional", lens=[1, 4, 3])
case("coupled", "LSTM", input_forget=1, state=True)
case("clip-peepholes", "LSTM", peep=True, state=True, clip=0.7)
case("activations", "LSTM", activations=["HardSigmoid", "Softsign", "ScaledTanh"], activation_alpha=[0.25, 1.5],
     activation_beta=[0.4, 0.75], state=True)
case("activations-both", "LSTM", direction="bidirectional", activations=["Sigmoid", "Relu", "Elu", "Affine", "Tanh", "LeakyRelu"],
     activation_alpha=[0.5, 0.25, 0.1], activation_beta=[0.3])
case("behind", "GRU", linear_before_reset=1, grad=True)
case("behind-both", "GRU", linear_before_reset=1, direction="bidirectional", lens=[3, 4, 1], state=True)
case("behind-clip", "GRU", linear_before_reset=1, clip=0.5)
case("activations", "GRU", activations=["HardSigmoid", "Softplus"])
case("activations-behind", "GRU", activations=["Sigmoid", "ThresholdedRelu"], activation_alpha=[0.2], linear_before_reset=1)
for f in ("Relu", "Softplus", "ScaledTanh", "Elu", "ThresholdedRelu", "Affine"):
    case(f.lower(), "RNN", activations=[f], activation_alpha=[0.7], activation_beta=[0.2])
case("whole-lengths", "RNN", lens=[4, 4, 4], opset=7)

r.write()
