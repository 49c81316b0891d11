"""Times PyTorch's train steps of the networks of tasks digits and objects.

Prints one JSON line a measurement. Usage:
    python torch_peer.py [--seconds 6] [--memory NETWORK]
Channels-last, float32, eager and torch.compile, on the CPU. The networks are
those of package zoo ("digits-cnn", "resnet" of depth 20), layer by layer.
"""
import argparse
import json
import resource
import time

import torch
from torch import nn
import torch.nn.functional as F


class Block(nn.Module):
    """A residual block of He et al. 2016 with shortcut option A."""

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.grow = cout - cin
        self.stride = stride

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        s = x
        if self.grow or self.stride != 1:
            s = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.grow // 2, self.grow - self.grow // 2))
        return F.relu(y + s)


def resnet20(classes=10, width=16):
    blocks, cin = [], width
    for stage in range(3):
        for i in range(3):
            cout = width << stage
            blocks.append(Block(cin, cout, 2 if stage and i == 0 else 1))
            cin = cout
    return nn.Sequential(
        nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
        *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(cin, classes))


def conv(cin, cout):
    return [nn.Conv2d(cin, cout, 3, bias=False), nn.BatchNorm2d(cout), nn.ReLU()]


def digits_cnn():
    return nn.Sequential(
        *conv(1, 32), *conv(32, 32), nn.MaxPool2d(2),
        *conv(32, 64), *conv(64, 64), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(64 * 16, 128, bias=False), nn.BatchNorm1d(128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 10))


NETS = {
    "objects": (resnet20, (128, 3, 32, 32), lambda p: torch.optim.SGD(p, 0.1, 0.9, nesterov=True, weight_decay=5e-4)),
    "digits": (digits_cnn, (64, 1, 28, 28), lambda p: torch.optim.AdamW(p, 1e-3)),
}


def build(name, compiled):
    make, shape, optim = NETS[name]
    torch.manual_seed(0)
    net = make().to(memory_format=torch.channels_last).train()
    opt = optim(net.parameters())
    x = torch.randn(*shape).contiguous(memory_format=torch.channels_last)
    y = torch.randint(0, 10, (shape[0],))
    run = torch.compile(net) if compiled else net

    def step():
        opt.zero_grad(set_to_none=True)
        loss = F.cross_entropy(run(x), y)
        loss.backward()
        opt.step()

    return step, shape[0]


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def time_steps(name, compiled, seconds):
    step, batch = build(name, compiled)
    for _ in range(3):
        step()
    best, spent = float("inf"), 0.0
    while spent < seconds:
        t = time.perf_counter()
        step()
        d = time.perf_counter() - t
        spent += d
        best = min(best, d)
    print(json.dumps({"bench": name + "-step", "side": "torch-compile" if compiled else "torch-eager",
                      "ms": best * 1e3, "per_s": batch / best, "version": torch.__version__}), flush=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seconds", type=float, default=6)
    p.add_argument("--memory", choices=NETS)
    a = p.parse_args()
    if a.memory:
        before = peak()
        step, _ = build(a.memory, False)
        for _ in range(20):
            step()
        print(json.dumps({"bench": a.memory + "-memory", "side": "torch-eager", "bytes": peak() - before}))
        return
    for name in NETS:
        for compiled in (False, True):
            try:
                time_steps(name, compiled, a.seconds)
            except Exception as e:  # a machine without a C++ compiler has no torch.compile
                print(json.dumps({"bench": name + "-step", "side": "torch-compile", "error": str(e)[:200]}), flush=True)


main()
