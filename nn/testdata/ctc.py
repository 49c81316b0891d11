"""Writes ctc.json: CTC losses by PyTorch in float64, with gradients of the logits.

Usage: python ctc.py > ctc.json
"""
import json
import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)


def case(t, v, blank, labels, inputs, lengths):
    n = len(labels)
    logits = torch.randn(n, t, v, requires_grad=True)
    weights = torch.randn(n)
    p = torch.log_softmax(logits, -1).transpose(0, 1)
    loss = torch.nn.functional.ctc_loss(
        p, torch.tensor(labels), torch.tensor(inputs), torch.tensor(lengths), blank=blank, reduction="none", zero_infinity=True)
    (loss * weights).sum().backward()
    flat = lambda x: x.detach().flatten().tolist()
    return {"t": t, "v": v, "s": len(labels[0]), "blank": blank, "labels": sum(labels, []), "inputs": inputs, "lengths": lengths,
            "logits": flat(logits), "weights": flat(weights), "loss": flat(loss), "grad": flat(logits.grad)}


cases = [
    case(7, 5, 0, [[1, 2, 3], [2, 2, 4], [3, 1, 1], [4, 4, 4]], [7, 6, 3, 7], [3, 3, 1, 3]),
    case(9, 6, 5, [[0, 1, 2, 1], [0, 0, 0, 0], [3, 3, 4, 2]], [9, 9, 5], [4, 4, 3]),
    case(6, 4, 0, [[1, 1], [2, 3]], [2, 6], [2, 0]),
    case(30, 12, 0, [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [5, 5, 5, 6, 6, 6, 7, 7, 11, 11]], [30, 22], [10, 9]),
]
print(json.dumps({"torch": torch.__version__, "cases": cases}))
