"""Writes golden.json: what PyTorch's optimizers and schedules do, in float64.

    python golden.py > golden.json
"""

import json
import sys

import torch
from torch.optim import lr_scheduler as sched

torch.set_default_dtype(torch.float64)


def quadratic(p):
    return 0.5 * p[0] ** 2 + 2 * p[1] ** 2 + 0.25 * (p[2] - 2) ** 2


def rosenbrock(p):
    return 100 * (p[1] - p[0] ** 2) ** 2 + (1 - p[0]) ** 2


PROBLEMS = {"quadratic": (quadratic, [3.0, -2.0, 1.0]), "Rosenbrock": (rosenbrock, [-1.2, 1.0])}
O = torch.optim
CASES = [
    # our name, our settings, PyTorch's class and settings, rate
    ("sgd", {"momentum": 0}, O.SGD, {}, 1e-3),
    ("sgd", {"momentum": 0, "weight-decay": 0.1}, O.SGD, {"weight_decay": 0.1}, 1e-3),
    ("sgd", {"momentum": 0.9}, O.SGD, {"momentum": 0.9}, 1e-4),
    ("sgd", {"momentum": 0.8, "nesterov": True, "weight-decay": 0.01}, O.SGD,
     {"momentum": 0.8, "nesterov": True, "weight_decay": 0.01}, 1e-4),
    ("adam", {}, O.Adam, {}, 0.05),
    ("adam", {"beta1": 0.7, "beta2": 0.95, "eps": 1e-3, "weight-decay": 0.2}, O.Adam,
     {"betas": (0.7, 0.95), "eps": 1e-3, "weight_decay": 0.2}, 0.05),
    ("adam", {"amsgrad": True}, O.Adam, {"amsgrad": True}, 0.05),
    ("adamw", {"weight-decay": 0}, O.AdamW, {"weight_decay": 0.0}, 0.05),
    ("adamw", {"beta1": 0.7, "beta2": 0.95, "eps": 1e-3, "weight-decay": 0.2}, O.AdamW,
     {"betas": (0.7, 0.95), "eps": 1e-3, "weight_decay": 0.2}, 0.05),
    ("rmsprop", {}, O.RMSprop, {}, 0.01),
    ("rmsprop", {"memory": 0.9, "eps": 1e-4, "weight-decay": 0.1}, O.RMSprop,
     {"alpha": 0.9, "eps": 1e-4, "weight_decay": 0.1}, 0.01),
    ("rmsprop", {"momentum": 0.5}, O.RMSprop, {"momentum": 0.5}, 0.01),
    ("rmsprop", {"memory": 0.9, "eps": 1e-3, "centered": True, "momentum": 0.5}, O.RMSprop,
     {"alpha": 0.9, "eps": 1e-3, "centered": True, "momentum": 0.5}, 0.001),
    ("adagrad", {}, O.Adagrad, {}, 0.2),
    ("adagrad", {"eps": 1e-3, "slowing": 0.05, "weight-decay": 0.1}, O.Adagrad,
     {"eps": 1e-3, "lr_decay": 0.05, "weight_decay": 0.1}, 0.2),
]


def trajectories():
    for name, ours, kind, theirs, lr in CASES:
        for problem, (f, start) in PROBLEMS.items():
            p = torch.tensor(start, requires_grad=True)
            o = kind([p], lr=lr, foreach=False, **theirs)
            points = {}
            for step in range(1, 101):
                o.param_groups[0]["lr"] = lr / (1 + 0.01 * step)
                o.zero_grad()
                f(p).backward()
                o.step()
                if step <= 5 or step % 10 == 0:
                    points[step] = p.tolist()
            yield {"optimizer": name, "settings": ours, "problem": problem, "lr": lr, "points": points}


def lbfgs():
    for problem, (f, start) in PROBLEMS.items():
        for ours, search, lr in (({}, "strong_wolfe", 1), ({"History": 3, "LR": 0.5}, "strong_wolfe", 0.5),
                                 ({"Fixed": True, "LR": 0.01}, None, 0.01)):
            p = torch.tensor(start, requires_grad=True)
            o = O.LBFGS([p], lr=lr, max_iter=1, max_eval=1000, history_size=ours.get("History", 100),
                        line_search_fn=search)

            def closure():
                o.zero_grad()
                loss = f(p)
                loss.backward()
                return loss

            points = []
            for _ in range(25):
                o.step(closure)
                points.append(p.tolist())
            yield {"settings": ours, "problem": problem, "points": points}


LOSSES = [5, 4, 4.1, 4.2, 3.9999, 4, 3, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6, 3.7, 2, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5]
TOTAL = 100


def schedules():
    def walk(make, feed=None):
        p = torch.zeros(1, requires_grad=True)
        o = O.SGD([p], lr=1.0)
        s = make(o)
        rates = []
        for i in range(len(feed) if feed else TOTAL):
            rates.append(o.param_groups[0]["lr"])
            o.step()
            s.step(*([feed[i]] if feed else []))
        return rates + ([o.param_groups[0]["lr"]] if feed else [])

    noam = lambda s: min((s + 1) / 20, (20 / (s + 1)) ** 0.5)
    warm = lambda o: sched.SequentialLR(o, [sched.LambdaLR(o, lambda s: min((s + 1) / 10, 1)),
                                            sched.CosineAnnealingLR(o, TOTAL - 10)], [10])
    for name, ours, make in (
        ("step", {"every": 30, "factor": 0.2}, lambda o: sched.StepLR(o, 30, 0.2)),
        ("multi-step", {}, lambda o: sched.MultiStepLR(o, [50, 75])),
        ("multi-step", {"shares": "0.1:0.2:0.9", "factor": 0.5}, lambda o: sched.MultiStepLR(o, [10, 20, 90], 0.5)),
        ("cosine", {}, lambda o: sched.CosineAnnealingLR(o, TOTAL)),
        ("cosine", {"final": 0.1}, lambda o: sched.CosineAnnealingLR(o, TOTAL, 0.1)),
        ("restarts", {"period": 15, "growth": 2, "final": 0.05},
         lambda o: sched.CosineAnnealingWarmRestarts(o, 15, 2, 0.05)),
        ("restarts", {"period": 30, "growth": 1}, lambda o: sched.CosineAnnealingWarmRestarts(o, 30)),
        ("exponential", {"final": 0.02}, lambda o: sched.ExponentialLR(o, 0.02 ** (1 / TOTAL))),
        ("linear", {"final": 0.1}, lambda o: sched.LinearLR(o, 1.0, 0.1, TOTAL)),
        ("polynomial", {"power": 0.9}, lambda o: sched.PolynomialLR(o, TOTAL, 0.9)),
        ("inverse-sqrt", {"warmup": 20}, lambda o: sched.LambdaLR(o, noam)),
        ("warmup", {"steps": 10}, warm),
    ):
        yield {"schedule": name, "settings": ours, "total": TOTAL, "rates": walk(make)}
    for ours, theirs in (
        ({"factor": 0.5, "patience": 2}, {"factor": 0.5, "patience": 2}),
        ({"factor": 0.1, "patience": 1, "min-gain": 0.1, "cooldown": 2, "floor": 0.002},
         {"factor": 0.1, "patience": 1, "threshold": 0.1, "cooldown": 2, "min_lr": 0.002}),
    ):
        rates = walk(lambda o: sched.ReduceLROnPlateau(o, **theirs), LOSSES)
        yield {"schedule": "plateau", "settings": ours, "losses": LOSSES, "rates": rates}


json.dump({"torch": torch.__version__, "trajectories": list(trajectories()), "lbfgs": list(lbfgs()),
           "schedules": list(schedules())}, sys.stdout)
