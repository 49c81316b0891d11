"""The whole job of `ihae train chars` in PyTorch: nanoGPT's setting for CPUs, 2,000
steps on the first nine tenths of a text, and every quarter of the way the loss on the
whole rest in windows of 64.

    python torch_chars.py FILE [--compile] [--seed 0]

Prints one JSON line: the seconds from the start of the training to the last loss, the
part of these before the second step (compilation, with --compile), and the loss.
"""
import argparse
import json
import math
import time

import torch
from torch import nn

from torch_attention import BATCH, GPT, PLACES

STEPS, WARM = 2000, 100


def rate(step):
    """Warm-up, then a cosine from 1e-3 to 1e-4."""
    if step < WARM:
        return 1e-3 * step / WARM
    return 1e-4 + 0.5 * (1 + math.cos(math.pi * (step - WARM) / (STEPS - WARM))) * 9e-4


def whole(run, text):
    """The mean loss over all windows of the text."""
    n = (len(text) - 1) // PLACES
    x, y = text[:n * PLACES].view(n, PLACES), text[1:n * PLACES + 1].view(n, PLACES)
    with torch.no_grad():
        parts = [(run(x[i:i + BATCH], y[i:i + BATCH]).item(), len(x[i:i + BATCH])) for i in range(0, n, BATCH)]
    return sum(loss * k for loss, k in parts) / n


def main():
    p = argparse.ArgumentParser()
    p.add_argument("file")
    p.add_argument("--compile", action="store_true")
    p.add_argument("--seed", type=int, default=0)
    a = p.parse_args()
    torch.manual_seed(a.seed)
    raw = open(a.file, encoding="utf-8").read()
    place = {c: i for i, c in enumerate(sorted(set(raw)))}
    text = torch.tensor([place[c] for c in raw])
    cut = len(text) * 9 // 10
    learn, rest = text[:cut], text[cut:]
    begin = time.perf_counter()
    net = GPT()
    for name, w in net.named_parameters():
        if w.dim() == 2:
            nn.init.normal_(w, std=0.02 / math.sqrt(8) if name.endswith(("out.weight", "down.weight")) else 0.02)
    sheets = [w for w in net.parameters() if w.dim() == 2]
    others = [w for w in net.parameters() if w.dim() != 2]
    opt = torch.optim.AdamW([{"params": sheets, "weight_decay": 0.1}, {"params": others, "weight_decay": 0}], 1e-3, (0.9, 0.99))
    run = torch.compile(net) if a.compile else net
    first = 0.0
    for step in range(STEPS):
        for g in opt.param_groups:
            g["lr"] = rate(step)
        at = torch.randint(cut - PLACES, (BATCH,))
        x = torch.stack([learn[i:i + PLACES] for i in at])
        y = torch.stack([learn[i + 1:i + PLACES + 1] for i in at])
        run(x, y).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        opt.zero_grad(set_to_none=True)
        if step == 0:
            first = time.perf_counter() - begin
        if (step + 1) % (STEPS // 4) == 0:
            loss = whole(run, rest)
    side = "torch-compile" if a.compile else "torch-eager"
    print(json.dumps({"bench": "chars", "side": side, "version": torch.__version__, "seconds": time.perf_counter() - begin, "first_s": first, "loss": loss}))


if __name__ == "__main__":
    main()
