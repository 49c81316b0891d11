"""Times PyTorch's train steps, products and passes, as bench/ours times ours.

Prints one JSON line a measurement. Usage:
    python torch_peer.py [--seconds 6] [--only gemm,objects] [--memory NETWORK]
Networks and functions are in the tables NETS and FUNCTIONS.
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


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))


NETS = {
    "objects": (resnet20, (128, 3, 32, 32), lambda p: torch.optim.SGD(p, 0.1, 0.9, nesterov=True, weight_decay=5e-4)),
    "digits": (digits_cnn, (64, 1, 28, 28), lambda p: torch.optim.AdamW(p, 1e-3)),
    "mlp": (mlp, (64, 1, 28, 28), lambda p: torch.optim.AdamW(p, 1e-3)),
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


def best_of(f, seconds):
    for _ in range(3):
        f()
    best, spent = float("inf"), 0.0
    while spent < seconds:
        t = time.perf_counter()
        f()
        d = time.perf_counter() - t
        spent += d
        best = min(best, d)
    return best


def emit(bench, compiled, **figures):
    print(json.dumps({"bench": bench, "side": "torch-compile" if compiled else "torch-eager",
                      "version": torch.__version__, **figures}), flush=True)


def time_steps(name, compiled, seconds):
    step, batch = build(name, compiled)
    best = best_of(step, seconds)
    emit(name + "-step", compiled, ms=best * 1e3, per_s=batch / best)


def rows():
    return torch.randn(2048, 1024)


def unary(f):
    def make(compiled):
        x = rows()
        run = torch.compile(f) if compiled else f

        def call():
            with torch.no_grad():
                run(x)
        return call
    return make


def layernorm():
    w, b = torch.randn(1024), torch.randn(1024)
    return unary(lambda x: F.layer_norm(x, (1024,), w, b))


def adam(compiled):
    p = nn.Parameter(rows())
    p.grad = rows()
    opt = torch.optim.AdamW([p], lr=1e-3, weight_decay=0.0, fused=True) if not compiled else torch.optim.AdamW([p], lr=1e-3, weight_decay=0.0)
    return torch.compile(opt.step) if compiled else opt.step


def gemm(n):
    a, b = torch.randn(n, n), torch.randn(n, n)
    return lambda compiled: lambda: torch.mm(a, b)


def infer(name, batch):
    def make(compiled):
        net, shape, _ = NETS[name]
        net = net().to(memory_format=torch.channels_last).eval()
        x = torch.randn(batch, *shape[1:]).contiguous(memory_format=torch.channels_last)
        run = torch.compile(net) if compiled else net

        def call():
            with torch.no_grad():
                torch.softmax(run(x), -1)
        return call
    return make


# The convolutions of bench/ours/convs.go: x, w, stride, pad, groups.
CONVS = {
    "mobilenet-112": ((8, 32, 112, 112), (32, 1, 3, 3), 1, 1, 32),
    "mobilenet-112-s2": ((8, 64, 112, 112), (64, 1, 3, 3), 2, 1, 64),
    "mobilenet-14": ((8, 512, 14, 14), (512, 1, 3, 3), 1, 1, 512),
    "resnext-56": ((4, 128, 56, 56), (128, 4, 3, 3), 1, 1, 32),
    "resnext-28": ((4, 256, 28, 28), (256, 8, 3, 3), 1, 1, 32),
    "resnext-14": ((4, 512, 14, 14), (512, 16, 3, 3), 1, 1, 32),
    "c3d-1": ((1, 3, 16, 112, 112), (64, 3, 3, 3, 3), 1, 1, 1),
    "c3d-2": ((1, 64, 16, 56, 56), (128, 64, 3, 3, 3), 1, 1, 1),
    "speech-k11-s2": ((16, 80, 400), (256, 80, 11), 2, 5, 1),
    "speech-k3": ((16, 256, 200), (256, 256, 3), 1, 1, 1),
    "dcgan-4": ((16, 256, 8, 8), (512, 256, 4, 4), 2, 1, 1),
    "dcgan-32": ((16, 3, 64, 64), (64, 3, 4, 4), 2, 1, 1),
    "stem-7x7": ((8, 3, 224, 224), (64, 3, 7, 7), 2, 3, 1),
    "rgb-3x3-s2": ((32, 3, 64, 64), (32, 3, 3, 3), 2, 1, 1),
}


def conv_pass(name, of):
    """The result (y) of a convolution, or its gradient by x (dx) or by w (dw)."""
    def make(compiled):
        x_dims, w_dims, stride, pad, groups = CONVS[name]
        f = [F.conv1d, F.conv2d, F.conv3d][len(x_dims) - 3]
        form = {4: {"memory_format": torch.channels_last}, 5: {"memory_format": torch.channels_last_3d}}.get(len(x_dims), {})
        x, w = torch.randn(*x_dims).to(**form), torch.randn(*w_dims).to(**form)
        run = torch.compile(f) if compiled else f
        if of == "y":
            def call():
                with torch.no_grad():
                    run(x, w, None, stride, pad, 1, groups)
            return call
        by = x if of == "dx" else w
        by.requires_grad_()
        y = f(x, w, None, stride, pad, 1, groups)
        dy = torch.randn_like(y)
        return lambda: torch.autograd.grad(y, by, dy, retain_graph=True)
    return make


def recurrent(kind, train):
    """32 sequences of 64 steps, 128 features in and 256 out, as bench/ours/recurrent.go."""
    def make(compiled):
        net = kind(128, 256, batch_first=True)
        x = torch.randn(32, 64, 128, requires_grad=train)
        seed = torch.randn(32, 64, 256)
        run = torch.compile(net) if compiled else net
        if not train:
            net.eval()

            def call():
                with torch.no_grad():
                    run(x)
            return call

        def step():
            net.zero_grad(set_to_none=True)
            x.grad = None
            run(x)[0].backward(seed)
        return step
    return make


# Each makes a function of no arguments, for eager or compiled mode.
FUNCTIONS = {
    **{f"gemm-{n}": gemm(n) for n in (256, 384, 512, 768, 1024, 1536, 2048)},
    "pass-gelu": unary(F.gelu),
    "pass-exp": unary(torch.exp),
    "pass-tanh": unary(torch.tanh),
    "pass-softmax": unary(lambda x: torch.softmax(x, -1)),
    "pass-layernorm": layernorm(),
    "pass-adam": adam,
    **{f"infer-{n}-{b}": infer(n, b) for n in NETS for b in (1, 64)},
    **{f"{n}-{of}": recurrent(k, of == "train") for n, k in (("lstm", nn.LSTM), ("gru", nn.GRU)) for of in ("forward", "train")},
    **{f"conv-{n}-{of}": conv_pass(n, of) for n in CONVS for of in ("y", "dx", "dw")},
}


def attempt(bench, compiled, f):
    try:
        f()
    except Exception as e:  # a machine without a C++ compiler has no torch.compile
        emit(bench, compiled, error=str(e)[:200])


def time_function(name, compiled, seconds):
    emit(name, compiled, ms=best_of(FUNCTIONS[name](compiled), seconds) * 1e3)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seconds", type=float, default=6)
    p.add_argument("--only", default="", help="measure only what begins with one of these, with commas between")
    p.add_argument("--memory", choices=NETS)
    p.add_argument("--peak", choices=FUNCTIONS, help="memory of 20 calls of a function")
    p.add_argument("--threads", type=int, default=0)
    a = p.parse_args()
    if a.threads:
        torch.set_num_threads(a.threads)
    if a.peak:
        before = peak()
        f = FUNCTIONS[a.peak](False)
        for _ in range(20):
            f()
        print(json.dumps({"bench": a.peak + "-memory", "side": "torch-eager", "bytes": peak() - before}))
        return
    if a.memory:
        before = peak()
        step, _ = build(a.memory, False)
        for _ in range(20):
            step()
        print(json.dumps({"bench": a.memory + "-memory", "side": "torch-eager", "bytes": peak() - before}))
        return
    chosen = lambda name: any(name.startswith(x) for x in a.only.split(","))
    for name in filter(chosen, NETS):
        for compiled in (False, True):
            attempt(name + "-step", compiled, lambda: time_steps(name, compiled, a.seconds))
    for name in filter(chosen, FUNCTIONS):
        for compiled in (False, True):
            attempt(name, compiled, lambda: time_function(name, compiled, a.seconds / 4))


if __name__ == "__main__":
    main()
