"""Normalisations, softmax and losses: what the published cases leave out.

    python norms.py      # writes norms.json.gz
"""

import numpy as np
from record import Recorder

r = Recorder(__file__, 2)


def batch(name, x, opset, outputs=1, columns=None, by="onnxruntime", grad=False, want=None, dtype=np.float32, **attrs):
    c = columns or (x[1] if len(x) > 1 else 1,)
    ins = [r.floats(*x, dtype=dtype)] + [r.floats(*c, dtype=dtype) for _ in range(3)] + [r.floats(*c, low=1, high=4, dtype=dtype)]
    r.add("batch-" + name, "BatchNormalization", opset, ins, outputs, by=by, grad=grad, want=want, **attrs)


batch("2d", (2, 3, 4, 3), 9, epsilon=1e-3, grad=True)
batch("vectors", (4, 3), 9)
batch("one-axis", (4,), 15)
batch("3d-float64", (2, 3, 2, 2, 3), 15, dtype=np.float64)
batch("places", (2, 3, 2, 2), 7, columns=(3, 2, 2), spatial=0)
batch("test", (2, 3, 4), 6, by="reference", is_test=1)
batch("train-14", (3, 2, 4), 14, outputs=3, training_mode=1, momentum=0.7, by="reference", grad=True)
x, s, b, m, v = r.floats(3, 2, 4), r.floats(2), r.floats(2), r.floats(2), r.floats(2, low=1, high=4)
mean, var = x.mean((0, 2)), x.var((0, 2))
y = (x - mean.reshape(1, 2, 1)) / np.sqrt(var.reshape(1, 2, 1) + 1e-5) * s.reshape(1, 2, 1) + b.reshape(1, 2, 1)
for opset, attrs in ((1, {}), (7, {}), (9, {})):
    r.add(f"batch-train-{opset}", "BatchNormalization", opset, [x, s, b, m, v], 5, momentum=0.9, by="formula",
          want=[y, m * np.float32(0.9) + mean * np.float32(0.1), v * np.float32(0.9) + var * np.float32(0.1), mean, var], **attrs)

r.add("instance-1d", "InstanceNormalization", 6, [r.floats(2, 3, 5), r.floats(3), r.floats(3)], epsilon=0.01, grad=True)
r.add("instance-opset-1", "InstanceNormalization", 1, [r.floats(2, 3, 2, 5), r.floats(3), r.floats(3)], by="reference")
for axis in (1, -2):
    r.add(f"layer-{axis}", "LayerNormalization", 17, [r.floats(2, 3, 4), r.floats(*((3, 4))), r.floats(3, 4)], 3, axis=axis, grad=True)
r.add("layer-no-bias", "LayerNormalization", 17, [r.floats(2, 3, 4), r.floats(4)], ["y", "", "d"], epsilon=0.1)
r.add("layer-broadcast", "LayerNormalization", 17, [r.floats(2, 3, 4), r.floats(1, 3, 1), r.floats(4)], axis=1, by="reference", grad=True)
half = dict(dtype=np.float16)
r.add("layer-half", "LayerNormalization", 17, [r.floats(2, 3, 16, **half), r.floats(16, **half), r.floats(16, **half)], 3)
r.add("group-18", "GroupNormalization", 18, [r.floats(2, 6, 4), r.floats(3), r.floats(3)], num_groups=3, grad=True)
r.add("group-21", "GroupNormalization", 21, [r.floats(2, 6, 2, 3), r.floats(6), r.floats(6)], num_groups=2, epsilon=0.5, grad=True)
r.add("rms-axis", "RMSNormalization", 23, [r.floats(2, 3, 4), r.floats(3, 4)], axis=1, by="reference", grad=True)
r.add("rms-broadcast", "RMSNormalization", 23, [r.floats(2, 3, 4), r.floats(3, 1)], axis=1, by="reference")
for size in (3, 5):
    r.add(f"lrn-{size}", "LRN", 1, [r.floats(2, 6, 3, 2)], size=size, alpha=0.5, beta=0.6, bias=1.5, grad=True)
x = r.floats(2, 5, 3)  # ONNX Runtime wants odd sizes
squares = np.pad(x * x, [(0, 0), (1, 2), (0, 0)])
sums = sum(squares[:, i:i + 5] for i in range(4))
r.add("lrn-4", "LRN", 13, [x], size=4, alpha=2.0, beta=0.75, bias=1.0, by="formula", want=[x / (1 + 2 / 4 * sums) ** np.float32(0.75)])
for p in (1, 2):
    r.add(f"lp-{p}", "LpNormalization", 1, [r.floats(3, 4, 2, low=1)], axis=1, p=p, grad=True)
r.add("mean-variance", "MeanVarianceNormalization", 9, [r.floats(2, 3, 2, 4)], axes=[0, 3], grad=True)
for op in ("Softmax", "LogSoftmax"):
    for axis in (0, 1, 2, -1):
        r.add(f"{op.lower()}-11-{axis}", op, 11, [r.floats(2, 3, 4)], axis=axis, grad=axis == 1)
    r.add(f"{op.lower()}-1", op, 1, [r.floats(2, 3, 4)])

for k, shape in enumerate([(3, 4), (2, 4, 3), (2, 3, 2, 2)]):
    labels = r.ints(shape[0], *shape[2:], low=0, high=shape[1])
    hidden = labels.copy()
    hidden.flat[1] = -100
    for reduction in ("none", "sum", "mean"):
        for weight in (0, 1):
            w = [r.floats(shape[1], low=0)] if weight else []
            if k == 2 and reduction == "sum":
                continue
            r.add(f"nll-{k}-{reduction}-{weight}", "NegativeLogLikelihoodLoss", 13, [r.floats(*shape), hidden] + w,
                  reduction=reduction, ignore_index=-100, grad=k == 1)
            r.add(f"sce-{k}-{reduction}-{weight}", "SoftmaxCrossEntropyLoss", 13, [r.floats(*shape), hidden] + w, 2,
                  reduction=reduction, ignore_index=-100, grad=k == 1)
    r.add(f"sce-{k}-int32", "SoftmaxCrossEntropyLoss", 12, [r.floats(*shape), labels.astype(np.int32)], grad=True)

r.write()
