"""PyTorch's side of bench/ours' attention and gpt lines: nanoGPT's setting for
CPUs, and attention of 8 heads over 256 places.

    python torch_attention.py [--seconds 6] [--only attention] [--threads 1] [--cpu] [--memory]

With --memory it is the memory of the gpt step alone. With --cpu the processor time of the process counts, which other programs on the
machine disturb less; it is of use with one thread.
"""
import argparse
import json
import time

import torch
import torch.nn.functional as F
from torch import nn

from torch_peer import attempt, emit, peak

VOCAB, PLACES, LAYERS, WIDTH, HEADS, BATCH = 65, 64, 4, 128, 4, 12


class Scale(nn.Module):
    """A layer normalisation without a shift."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(WIDTH))

    def forward(self, x):
        return F.layer_norm(x, (WIDTH,), self.weight)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        linear = lambda a, b: nn.Linear(a, b, bias=False)
        self.norm1, self.norm2 = Scale(), Scale()
        self.qkv, self.out = linear(WIDTH, 3 * WIDTH), linear(WIDTH, WIDTH)
        self.up, self.down = linear(WIDTH, 4 * WIDTH), linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        n, l, c = x.shape
        q, k, v = (t.view(n, l, HEADS, c // HEADS).transpose(1, 2) for t in self.qkv(self.norm1(x)).split(c, 2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(n, l, c))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.place = nn.Embedding(VOCAB, WIDTH), nn.Embedding(PLACES, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm, self.head = Scale(), nn.Linear(WIDTH, VOCAB, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, x, y):
        h = self.embed(x) + self.place(torch.arange(x.shape[1]))
        for b in self.blocks:
            h = b(h)
        return F.cross_entropy(self.head(self.norm(h)).view(-1, VOCAB), y.view(-1))


def gpt(compiled):
    torch.manual_seed(0)
    net = GPT()
    opt = torch.optim.AdamW(net.parameters(), 1e-3, (0.9, 0.99), weight_decay=0.1)
    run = torch.compile(net) if compiled else net
    x, y = torch.randint(VOCAB, (BATCH, PLACES)), torch.randint(VOCAB, (BATCH, PLACES))

    def step():
        run(x, y).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        opt.zero_grad(set_to_none=True)
    return step


def attention(train):
    def make(compiled):
        q, k, v = (torch.randn(8, 8, 256, 64, requires_grad=train) for _ in range(3))
        g, f = torch.randn(8, 8, 256, 64), F.scaled_dot_product_attention
        run = torch.compile(f) if compiled else f
        if train:
            return lambda: torch.autograd.grad(run(q, k, v), (q, k, v), g)
        return lambda: run(q, k, v)
    return make


CASES = {"attention": attention(False), "attention-train": attention(True), "gpt-step": gpt}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seconds", type=float, default=6)
    p.add_argument("--only", default="")
    p.add_argument("--threads", type=int, default=0)
    p.add_argument("--cpu", action="store_true")
    p.add_argument("--memory", action="store_true")
    p.add_argument("--peak", choices=CASES, help="memory of 20 calls")
    a = p.parse_args()
    if a.threads:
        torch.set_num_threads(a.threads)
    if a.peak:
        before = peak()
        f = CASES[a.peak](False)
        for _ in range(20):
            f()
        print(json.dumps({"bench": a.peak + "-memory", "side": "torch-eager", "bytes": peak() - before}))
        return
    if a.memory:
        before = peak()
        step = gpt(False)
        for _ in range(20):
            step()
        print(json.dumps({"bench": "gpt-memory", "side": "torch-eager", "bytes": peak() - before}))
        return
    clock = time.process_time if a.cpu else time.perf_counter

    def measure(name, compiled):
        f, best, spent = CASES[name](compiled), float("inf"), 0.0
        for _ in range(3):
            f()
        while spent < a.seconds:
            t = clock()
            f()
            d = clock() - t
            best, spent = min(best, d), spent + d
        emit(name, compiled, ms=best * 1e3)

    for name in CASES:
        if any(name.startswith(x) for x in a.only.split(",")):
            for compiled in (False, True):
                attempt(name, compiled, lambda: measure(name, compiled))


if __name__ == "__main__":
    main()
