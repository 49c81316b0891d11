"""Convolutions and pools: what the published cases leave out.

    python windows.py      # writes windows.json.gz
"""

import numpy as np
from record import Recorder

r = Recorder(__file__, 1)


def conv(name, x, w, opset=11, bias=True, grad=False, **attrs):
    ins = [r.floats(*x), r.floats(*w)]
    if bias:
        ins.append(r.floats(w[0]))
    r.add("conv-" + name, "Conv", opset, ins, grad=grad, **attrs)


conv("1d-dilated", (2, 3, 9), (4, 3, 3), dilations=[2], pads=[1, 3], grad=True)
conv("2d-groups", (1, 4, 6, 5), (6, 2, 3, 2), group=2, strides=[2, 1], pads=[1, 0, 2, 1], grad=True)
conv("2d-depthwise", (2, 3, 5, 5), (3, 1, 3, 3), group=3, auto_pad="SAME_UPPER", strides=[2, 2])
conv("2d-same-lower", (1, 2, 6, 7), (3, 2, 2, 3), auto_pad="SAME_LOWER", strides=[2, 3], bias=False)
conv("2d-valid", (1, 2, 6, 7), (3, 2, 2, 3), auto_pad="VALID", opset=1)
conv("3d", (1, 2, 4, 5, 4), (2, 2, 2, 3, 2), pads=[0, 1, 0, 1, 0, 1], strides=[1, 2, 1], grad=True)
conv("float64", (1, 2, 5, 5), (2, 2, 3, 3), opset=22)


def transpose(name, x, w, groups=1, opset=11, bias=True, grad=False, **attrs):
    ins = [r.floats(*x), r.floats(*w)]
    if bias:
        ins.append(r.floats(w[1] * groups))
    r.add("convtranspose-" + name, "ConvTranspose", opset, ins, grad=grad, group=groups, **attrs)


transpose("1d", (2, 3, 5), (3, 2, 3), strides=[2], pads=[1, 0], grad=True)
transpose("extra", (1, 2, 4, 3), (2, 3, 3, 3), strides=[3, 2], output_padding=[2, 1], pads=[1, 1, 0, 1])
transpose("groups-dilated", (1, 4, 3, 4), (4, 1, 2, 3), groups=2, dilations=[2, 1], strides=[1, 2], grad=True)
transpose("shape", (1, 2, 3, 4), (2, 2, 3, 3), strides=[2, 2], output_shape=[6, 8])
transpose("shape-upper", (1, 2, 3, 4), (2, 2, 3, 3), strides=[2, 2], output_shape=[6, 8], auto_pad="SAME_UPPER")
transpose("shape-lower", (1, 2, 3, 4), (2, 2, 4, 3), strides=[2, 2], output_shape=[5, 8], auto_pad="SAME_LOWER")

# ONNX Runtime refuses a result larger than the windows reach; what is more is bias.
x, w, b = r.floats(1, 2, 3, 4), r.floats(2, 2, 3, 3), r.floats(2)
r.add("plain", "ConvTranspose", 11, [x, w], strides=[2, 2])
whole = r.result()
r.add("convtranspose-shape-larger", "ConvTranspose", 11, [x, w, b], strides=[2, 2], output_shape=[12, 9], grad=True,
      want=[np.pad(whole, [(0, 0), (0, 0), (0, 5), (0, 0)]) + b.reshape(1, 2, 1, 1)])
transpose("same-lower", (1, 2, 3, 4), (2, 2, 3, 3), strides=[2, 2], auto_pad="SAME_LOWER")
transpose("valid-3d", (1, 2, 2, 3, 2), (2, 1, 2, 2, 3), strides=[1, 2, 1], auto_pad="VALID", bias=False)


def pool(op, name, x, opset=11, outputs=1, by="onnxruntime", grad=False, data=None, **attrs):
    r.add(op.lower() + "-" + name, op, opset, [r.floats(*x) if data is None else data], outputs, by=by, grad=grad, **attrs)


pool("MaxPool", "ceil", (1, 2, 7, 8), kernel_shape=[3, 2], strides=[2, 3], pads=[1, 0, 0, 1], ceil_mode=1, grad=True)
pool("MaxPool", "valid-ceil", (1, 1, 6, 5), kernel_shape=[3, 2], strides=[2, 2], auto_pad="VALID", ceil_mode=1)
pool("MaxPool", "same-lower", (1, 2, 6, 5), kernel_shape=[3, 2], strides=[2, 2], auto_pad="SAME_LOWER", opset=1)
pool("MaxPool", "places", (2, 3, 5, 6), outputs=2, kernel_shape=[2, 3], strides=[2, 1], pads=[1, 1, 0, 0], dilations=[1, 2])
pool("MaxPool", "places-1d", (2, 2, 9), outputs=2, kernel_shape=[3], strides=[2], ceil_mode=1)
pool("MaxPool", "places-3d", (1, 2, 3, 4, 3), outputs=2, kernel_shape=[2, 2, 2])
pool("MaxPool", "places-columns", (2, 2, 5, 6), outputs=2, kernel_shape=[2, 3], storage_order=1)
pool("MaxPool", "places-opset-8", (1, 2, 4, 4), outputs=2, kernel_shape=[2, 2], strides=[2, 2], opset=8)
pool("MaxPool", "int8", (1, 2, 5, 5), data=r.ints(1, 2, 5, 5, low=-128, high=128, dtype=np.int8), kernel_shape=[2, 2], pads=[1, 1, 1, 1], opset=12)
for pads in (0, 1):
    pool("AveragePool", f"ceil-{pads}", (1, 2, 7, 8), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 0, 1, 0], ceil_mode=1,
         count_include_pad=pads, grad=True, opset=19)
    pool("AveragePool", f"dilated-{pads}", (1, 2, 8, 7), kernel_shape=[2, 3], dilations=[3, 2], pads=[1, 2, 0, 1],
         count_include_pad=pads, ceil_mode=pads, opset=19)
    pool("AveragePool", f"same-{pads}", (1, 2, 7, 8), kernel_shape=[3, 2], strides=[2, 3], auto_pad="SAME_LOWER",
         count_include_pad=pads, opset=7)
pool("AveragePool", "1d", (2, 2, 9), kernel_shape=[4], strides=[3], pads=[1, 2])
for p in (1, 2, 3):
    pool("LpPool", f"{p}", (1, 2, 6, 5), kernel_shape=[2, 3], strides=[2, 1], pads=[1, 0, 0, 1], p=p, grad=True)
pool("LpPool", "dilated-ceil", (1, 2, 7, 7), kernel_shape=[2, 2], dilations=[2, 1], strides=[2, 2], ceil_mode=1, opset=18)
for p in (1, 2, 3):
    pool("GlobalLpPool", f"{p}", (2, 3, 4, 3), p=p, opset=2)
pool("GlobalMaxPool", "1d", (2, 3, 7), opset=1)
pool("GlobalAveragePool", "3d", (2, 3, 2, 3, 2), opset=1, grad=True)

r.add("maxunpool-1d", "MaxUnpool", 11, [r.floats(1, 2, 3), np.array([[[1, 2, 5], [6, 9, 10]]])], kernel_shape=[2], strides=[2])
r.add("maxunpool-shape", "MaxUnpool", 11, [r.floats(1, 1, 2, 2), np.array([[[[0, 5], [9, 14]]]]), np.array([1, 1, 4, 4])],
      kernel_shape=[2, 2], strides=[2, 2])
regions = np.array([[0, 1, 0, 5, 4], [1, 0, 2, 2, 6], [0, 6, 6, 6, 6], [1, 3, 3, 1, 2], [0, -4, 2, 9, 20]], np.float32)
r.add("maxroipool", "MaxRoiPool", 1, [r.floats(2, 3, 7, 7), regions], pooled_shape=[3, 2], grad=True)
r.add("maxroipool-scaled", "MaxRoiPool", 1, [r.floats(2, 2, 7, 7), regions * np.array([1, 2, 2, 2, 2], np.float32) + np.array([0, 0.5, 0.5, 0.5, 0.5], np.float32)], pooled_shape=[2, 2], spatial_scale=0.5)

boxes, image = r.floats(5, 4, low=0, high=6), np.array([0, 1, 1, 0, 1])
boxes[:, 2:] += boxes[:, :2] * 0.5 + 1
boxes[4] = [-3, -2, 12, 9]
for mode in ("avg", "max"):
    r.add(f"roialign-adaptive-{mode}", "RoiAlign", 16, [r.floats(2, 3, 7, 6), boxes, image], output_height=2, output_width=3,
          mode=mode, spatial_scale=0.75)
    r.add(f"roialign-10-{mode}", "RoiAlign", 10, [r.floats(2, 3, 7, 6), boxes, image], output_height=3, output_width=2,
          mode=mode, sampling_ratio=2, grad=mode == "avg")

def deform(name, x, w, out, parts=1, mask=True, bias=True, grad=False, **attrs):
    taps = w[2] * w[3]
    ins = [r.floats(*x), r.floats(*w), r.floats(x[0], parts * taps * 2, *out) + np.float32(0.03)]
    ins.append(r.floats(w[0]) if bias else None)
    if mask:
        ins.append(r.floats(x[0], parts * taps, *out, low=0))
    r.add("deformconv-" + name, "DeformConv", 19, ins, grad=grad, offset_group=parts, **attrs)


deform("groups", (2, 4, 5, 6), (4, 2, 2, 3), (3, 4), parts=2, group=2, pads=[1, 0, 0, 0], strides=[2, 1], grad=True)
deform("plain", (1, 2, 5, 5), (3, 2, 3, 3), (5, 5), mask=False, bias=False, pads=[1, 1, 1, 1])
deform("dilated", (1, 2, 6, 7), (2, 2, 2, 2), (4, 5), pads=[0, 0, 0, 0], dilations=[2, 2])

r.write()
