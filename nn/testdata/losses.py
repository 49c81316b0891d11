"""Writes losses.json: PyTorch's losses and their gradients, in float64.

    python losses.py > losses.json
"""

import json
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(1)


def focal(z, y, gamma):
    logp = F.log_softmax(z, 1).gather(1, y[:, None])[:, 0]
    return -((1 - logp.exp()) ** gamma * logp).mean()


def info_nce(a, b, temperature):
    near = F.normalize(a, dim=1) @ F.normalize(b, dim=1).T / temperature
    y = torch.arange(len(a))
    return (F.cross_entropy(near, y) + F.cross_entropy(near.T, y)) / 2


def nt_xent(a, b, temperature):
    x, n = F.normalize(torch.cat([a, b]), dim=1), len(a)
    near = (x @ x.T / temperature).masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
    return F.cross_entropy(near, (torch.arange(2 * n) + n) % (2 * n))


def batch_hard(x, y, margin):
    d = ((x[:, None] - x[None]) ** 2).sum(2).add(1e-12).sqrt()
    same = y[:, None] == y[None]
    near = torch.where(same, d, torch.zeros(())).amax(1)
    far = torch.where(same, torch.full((), float("inf")), d).amin(1)
    return F.relu(near - far + margin).mean()


def rand(*shape):
    return torch.randn(*shape, requires_grad=True)


def target(*shape):
    return torch.rand(*shape)


def labels(n, k):
    return torch.randint(k, (n,))


def signs(*shape):
    return torch.randint(2, shape) * 2.0 - 1


def cases():
    for n, k in ((5, 4), (1, 2), (7, 3)):
        z, y, t = rand(n, k), labels(n, k), target(n, k)
        yield "cross-entropy", [0.0], [z, y], F.cross_entropy(z, y)
        yield "cross-entropy", [0.1], [z, y], F.cross_entropy(z, y, label_smoothing=0.1)
        yield "mse", [], [z, t], F.mse_loss(z, t)
        yield "l1", [], [z, t], F.l1_loss(z, t)
        for delta in (0.5, 1.0):
            yield "huber", [delta], [z, t], F.huber_loss(z, t, delta=delta)
            yield "smooth-l1", [delta], [z, t], F.smooth_l1_loss(z, t, beta=delta)
        p = torch.rand(n, k).mul(0.98).add(0.01).requires_grad_()
        yield "bce", [], [p, t], F.binary_cross_entropy(p, t)
        w = torch.linspace(0.5, 2, k).float().double()
        yield "bce-with-logits", [], [z, t], F.binary_cross_entropy_with_logits(z, t)
        yield "bce-with-logits", w.tolist(), [z, t], F.binary_cross_entropy_with_logits(z, t, pos_weight=w)
        big = (rand(n, k) * 30).detach().requires_grad_()
        yield "bce-with-logits", [], [big, t], F.binary_cross_entropy_with_logits(big, t)
        logp = F.log_softmax(torch.randn(n, k), 1).detach().requires_grad_()
        yield "nll", [], [logp, y], F.nll_loss(logp, y)
        q = F.softmax(torch.randn(n, k), 1)
        yield "kl", [], [logp, q], F.kl_div(logp, q, reduction="batchmean")
        yield "kl", [], [logp, q * (q > 0.3)], F.kl_div(logp, q * (q > 0.3), reduction="batchmean")
        yield "focal", [2.0], [z, y], focal(z, y, 2.0)
        yield "focal", [1.5], [z, y], focal(z, y, 1.5)
        yield "hinge", [], [z, s := signs(n, k)], F.relu(1 - z * s).mean()
        yield "multi-margin", [1.0], [z, y], F.multi_margin_loss(z, y, margin=1.0)
        yield "multi-margin", [0.3], [z, y], F.multi_margin_loss(z, y, margin=0.3)
    for n, d in ((6, 4), (3, 2), (2, 5)):
        a, b, c = rand(n, d), rand(n, d), rand(n, d)
        yield "cosine-embedding", [0.0], [a, b, s := signs(n)], F.cosine_embedding_loss(a, b, s)
        yield "cosine-embedding", [0.3], [a, b, s], F.cosine_embedding_loss(a, b, s, margin=0.3)
        yield "triplet", [1.0], [a, b, c], F.triplet_margin_loss(a, b, c)
        yield "triplet", [0.2], [a, b, c], F.triplet_margin_loss(a, b, c, margin=0.2)
        yield "info-nce", [0.07], [a, b], info_nce(a, b, 0.07)
        yield "info-nce", [1.0], [a, b], info_nce(a, b, 1.0)
        yield "nt-xent", [0.5], [a, b], nt_xent(a, b, 0.5)
        y = torch.arange(n) % 2
        yield "triplet-batch-hard", [0.5], [a, y], batch_hard(a, y, 0.5)
    for n, t, v, s in ((3, 8, 4, 3), (1, 5, 3, 2), (4, 12, 6, 4)):
        z, y = rand(n, t, v), 1 + torch.randint(v - 1, (n, s))
        long, most = torch.randint(2 * s - 1, t + 1, (n,)), torch.randint(1, s + 1, (n,))
        each = F.ctc_loss(F.log_softmax(z, 2).transpose(0, 1), y, long, most, reduction="none")
        yield "ctc", [], [z, y, long, most], each.mean()


def record(name, settings, args, loss):
    free = [a for a in args if a.requires_grad]
    grads = torch.autograd.grad(loss, free)
    return {
        "loss": name, "settings": settings, "value": loss.item(),
        "args": [{"dims": list(a.shape), "values": a.detach().flatten().tolist(), "whole": not a.is_floating_point(),
                  "target": not a.requires_grad} for a in args],
        "grads": [g.flatten().tolist() for g in grads],
    }


json.dump({"torch": torch.__version__, "cases": [record(*c) for c in cases()]}, sys.stdout)
