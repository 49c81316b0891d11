"""Operators that move and look up elements: versions and corners that the
published cases leave out.

    python arrays.py      # arrays.json.gz
"""

import numpy as np
from onnx import TensorProto, helper
from record import Recorder

r = Recorder(__file__, 3)
count = {}


def case(op, opset, inputs, outputs=1, **kw):
    """ONNX Runtime's answer, or the reference's where it has none."""
    inputs = [x if x is None else np.asarray(x) for x in inputs]
    count[op] = count.get(op, 0) + 1
    name = f"{op}-{opset}-{count[op]}"
    if "want" in kw:
        return r.add(name, op, opset, inputs, outputs, by="formula", **kw)
    try:
        r.add(name, op, opset, inputs, outputs, **kw)
    except Exception:
        r.add(name, op, opset, inputs, outputs, by="reference", **kw)


def i64(*v):
    return np.array(v, np.int64)


x = r.floats(2, 3, 4)
case("Reshape", 1, [x], shape=[4, -1], want=[x.reshape(4, 6)])
case("Reshape", 1, [x], shape=[0, -1], want=[x.reshape(2, 12)], grad=True)
case("Reshape", 5, [x, i64(0, 0, 2, -1)], fixed=[1])
case("Reshape", 13, [r.floats(0, 3), i64(3, -1)], want=[np.zeros((3, 0), np.float32)])
case("Reshape", 14, [r.floats(0, 3), i64(3, 0)], allowzero=1)
case("Flatten", 9, [x], axis=0)
case("Flatten", 11, [x], axis=-3)
case("Flatten", 13, [x], axis=3)
case("Squeeze", 1, [r.floats(1, 3, 1)], axes=[0])
case("Squeeze", 11, [r.floats(1, 3, 1)])
case("Squeeze", 13, [r.floats(1, 3, 1), i64(-1)])
case("Unsqueeze", 1, [x], axes=[0, 4])
case("Unsqueeze", 13, [x, i64(-1, 0)])
case("Transpose", 1, [x], grad=True)
y = r.floats(2, 1, 4)
case("Concat", 1, [x, y], want=[np.concatenate([x, y], 1)], grad=True)
case("Concat", 4, [x, r.floats(2, 3, 1)], axis=2)
case("Split", 1, [x, i64(1, 3)], 2, axis=2, want=[x[:, :, :1], x[:, :, 1:]])
case("Split", 1, [x, np.float32([3, 1])], 2, axis=2, want=[x[:, :, :3], x[:, :, 3:]])
case("Split", 2, [x], 2, axis=2, split=[1, 3], grad=True)
case("Split", 2, [x], 3, axis=1)
case("Split", 11, [x], 2, axis=-1)
case("Split", 13, [x, i64(0, 2, 1)], 3, axis=1)
case("Split", 18, [r.floats(7)], 3, num_outputs=3)
case("Slice", 1, [x], starts=[0, -3], ends=[9, -1], axes=[1, 2])
case("Slice", 1, [x], starts=[1], ends=[2])
case("Slice", 10, [x, i64(-1, 3), i64(-100, 0), i64(0, 2), i64(-1, -2)], grad=True)
case("Slice", 13, [x, i64(-100), i64(-2**63), i64(2), i64(-1)])
case("Slice", 13, [x, i64(1), i64(2**63 - 1), i64(-1), i64(2**63 - 1)])
case("Slice", 13, [r.floats(2, 0), i64(5), i64(-9), i64(1), i64(-2)])
case("Slice", 11, [x, i64(2), i64(1), i64(1)])
case("Slice", 11, [x, np.int32([0, 1]), np.int32([1, 3])])

case("Pad", 2, [x], pads=[0, 1, 0, 1, 0, 2], value=1.5, grad=True)
case("Pad", 2, [x], pads=[0, 1, 3, 1, 2, 3], mode="reflect", grad=True)
case("Pad", 2, [x], pads=[0, 0, 3, 1, 0, 3], mode="edge", grad=True)
case("Pad", 1, [x], paddings=[0, 1, 0, 1, 0, 2], value=1.5, want=[np.pad(x, [(0, 1), (1, 0), (0, 2)], constant_values=1.5)])
case("Pad", 11, [x, i64(0, -1, 2, 0, 1, -2), np.float32(7)], grad=True)
case("Pad", 13, [x, i64(0, -1, 2, 0, 1, -1)], mode="edge")
case("Pad", 13, [x, i64(0, -1, 1, 0, 0, -1)], mode="reflect")
case("Pad", 18, [np.arange(6).reshape(2, 3), i64(1, 2), np.int64(2**60 + 1), i64(-1)])
case("Pad", 19, [x, i64(3, 4), None, i64(2)], mode="wrap", grad=True)
y = r.floats(3)
case("Pad", 19, [y, i64(7, 8)], mode="reflect", want=[np.pad(y, (7, 8), "reflect")])
case("Pad", 13, [np.array([[True], [False]]), i64(0, 1, 0, 1), np.array(True)])

case("Expand", 8, [r.floats(3, 1), i64(2, 1, 4)], grad=True)
case("Expand", 13, [r.floats(1), i64(0)])
case("Tile", 1, [x, np.float32(3), np.float32(1)], want=[np.tile(x, (1, 3, 1))])
case("Tile", 6, [x, i64(1, 2, 3)], grad=True)
case("Tile", 13, [x, i64(1, 0, 2)])
case("Tile", 13, [r.floats(2, 1, 1, 1, 1, 1, 2, 1), i64(1, 2, 1, 1, 2, 1, 2, 1)])
case("DepthToSpace", 1, [r.floats(1, 8, 2, 3)], blocksize=2)
case("DepthToSpace", 11, [r.floats(1, 8, 2, 3)], blocksize=2, mode="CRD", grad=True)
case("SpaceToDepth", 1, [r.floats(1, 2, 4, 6)], blocksize=2)
case("SpaceToDepth", 28, [r.floats(1, 2, 4, 6)], blocksize=2, mode="CRD")
case("ReverseSequence", 10, [r.floats(3, 4, 2), i64(1, 3, 4)], batch_axis=0, time_axis=1, grad=True)
case("CenterCropPad", 18, [r.floats(5, 4, 3), i64(2, 7)], axes=[0, -1], grad=True)
case("Trilu", 14, [x, np.int64(2**62)], want=[np.zeros_like(x)])
case("Trilu", 14, [x, np.int64(-1)], upper=0, grad=True)
case("EyeLike", 9, [r.floats(3, 4)], k=-1, dtype=TensorProto.INT32)
case("Shape", 1, [x])
case("Size", 1, [x])
case("ConstantOfShape", 9, [i64(2, 3)], value=helper.make_tensor("", TensorProto.INT64, [1], [2**60 + 1]))
case("ConstantOfShape", 9, [np.zeros(0, np.int64)])

x = r.floats(3, 4, 2)
case("Gather", 1, [x, i64(2, 0)], axis=1)
case("Gather", 11, [x, np.int32([[-1, 0], [1, -3]])], axis=0, grad=True)
case("Gather", 13, [x, np.int64(-2)], axis=1)
case("GatherElements", 11, [x, np.array([[[1, -1]], [[0, -4]]])], axis=1, want=[
    np.take_along_axis(x[:2], np.array([[[1, 3]], [[0, 0]]]), 1)], grad=True)
case("GatherND", 12, [x, np.array([[[1], [-4]], [[0], [3]], [[2], [1]]])], batch_dims=1, grad=True)
case("GatherND", 13, [x, np.array([[[0, 1], [2, -1]]])])
case("Scatter", 9, [x, np.array([[[1, 0]], [[3, 2]]]), r.floats(2, 1, 2)], axis=1)
case("ScatterElements", 11, [x, np.array([[[1, -1]], [[0, -4]]]), r.floats(2, 1, 2)], axis=1, grad=True)
twice = np.array([[[1, 1]], [[1, 1]], [[-2, 0]]])
case("ScatterElements", 18, [x, twice, r.floats(3, 1, 2)], axis=0, reduction="mul")
case("ScatterElements", 18, [x, twice, r.floats(3, 1, 2)], axis=0, reduction="min", grad=True)
case("ScatterND", 11, [x, np.array([[2, -1], [0, 0]]), r.floats(2, 2)], grad=True)
case("ScatterND", 16, [x, np.array([[2, -1], [2, 3]]), r.floats(2, 2)], reduction="add", grad=True)
case("ScatterND", 18, [x, np.array([[2], [2]]), r.floats(2, 4, 2)], reduction="max")
case("TensorScatter", 24, [r.floats(2, 3, 5, 2), r.floats(2, 3, 2, 2), i64(4, 1)], mode="circular", grad=True)
case("TensorScatter", 24, [r.floats(2, 5, 3), r.floats(2, 2, 3)])
case("OneHot", 9, [np.float32([0, -1, 5, 3]), np.int64(4), np.float32([2, 5])], axis=0)
case("OneHot", 11, [np.int32([[0, 2], [-3, 4]]), i64(3), np.int64([7, 9])], axis=1, want=[
    np.int64([[[9, 7], [7, 7], [7, 9]], [[9, 7], [7, 7], [7, 7]]])])
case("NonZero", 9, [np.float32([[0, 1, 0], [2, 0, -3]])])
case("NonZero", 13, [np.array(True)], want=[np.zeros((0, 1), np.int64)])
case("Compress", 9, [x, np.array([True, False, True])], axis=1)
case("Compress", 11, [x, np.array([False, True])], axis=-3, grad=True)
case("Compress", 11, [x, np.array([False, True, True, False, True])])
case("Unique", 11, [np.float32([2, 1, 1, 3, 4, 3])], 4, sorted=0)
case("Unique", 11, [np.int64([[2, 1, 2], [0, 1, 0]])], 4, axis=1)
y = np.int64([[2, 1, 2, 0], [0, 1, 0, 5]])
case("Unique", 11, [y], 4, axis=-1, sorted=0, want=[y[:, [0, 1, 3]], i64(0, 1, 3), i64(0, 1, 0, 2), i64(2, 1, 1)])
case("Unique", 11, [np.int64([[[3, 1], [3, 1], [0, 2]]])], 4, axis=1)
case("TopK", 1, [x], 2, axis=1, k=2)
case("TopK", 10, [x, i64(2)], 2)
case("TopK", 11, [np.int32([[3, 1, 3, 2], [0, 0, 5, 0]]), i64(3)], 2, largest=0)
case("ArgMax", 1, [x], axis=1)
case("ArgMax", 12, [np.int32([[3, 1, 3], [0, 0, 0]])], axis=-1, keepdims=0, select_last_index=1)
case("ArgMin", 12, [np.float32([[3, 1, 1], [0, 0, 0]])], axis=1, select_last_index=1)
case("Range", 11, [np.float32(1), np.float32(-2.25), np.float32(-0.5)])
case("Range", 11, [np.int64(3), np.int64(9), np.int64(4)])
case("Range", 11, [np.int32(5), np.int32(5), np.int32(1)])
ends = np.int64(-2**63), np.int64(2**63 - 1), np.int64(2**62)
case("Range", 11, list(ends), want=[i64(-2**63, -2**62, 0, 2**62)])
boxes, scores = r.rng.integers(0, 17, (2, 9, 4)), r.rng.permutation(54).reshape(2, 3, 9)
case("NonMaxSuppression", 10, [boxes.astype(np.float32), (scores / 64).astype(np.float32), i64(4), np.float32([0.3]), np.float32([0.2])])
case("NonMaxSuppression", 11, [boxes.astype(np.float32), (scores / 64).astype(np.float32), np.int64(3)], center_point_box=1)
case("NonMaxSuppression", 11, [boxes.astype(np.float32), scores.astype(np.float32)])
case("Col2Im", 18, [r.floats(1, 12, 6), i64(5, 5), i64(2, 3)], strides=[2, 1], pads=[0, 0, 1, 0], dilations=[2, 1], grad=True)

x = np.array([["a", "b", "ab"], ["", "z", "ö"]], object)
case("Shape", 13, [x])
case("Size", 13, [x])
case("Reshape", 13, [x, i64(3, 2)])
case("Transpose", 13, [x])
case("Concat", 13, [x, x[:, :1]], axis=1)
case("Slice", 13, [x, i64(-1), i64(-9), i64(1), i64(-2)])
case("Gather", 13, [x, i64(-1, 0)], axis=1)
case("ScatterElements", 13, [x, i64(2, 0).reshape(2, 1), np.array([["p"], ["q"]], object)], axis=1)
case("Tile", 13, [x, i64(2, 1)])
case("Unique", 11, [np.array(["b", "a", "b"], object)], 4, want=[np.array(["a", "b"], object), i64(1, 0), i64(1, 0, 1), i64(1, 2)])
case("Compress", 11, [x, np.array([True, False, True])], axis=1)
case("Split", 13, [x], 2, axis=0)
case("Squeeze", 13, [x[:1], i64(0)])
case("Expand", 13, [x[:, :1], i64(2, 2)])
case("Pad", 13, [x, i64(0, 1, 0, 0)], want=[np.array([["", "a", "b", "ab"], ["", "", "z", "ö"]], object)])
case("OneHot", 11, [i64(1, 0), i64(2), np.array(["off", "on"], object)], want=[np.array([["off", "on"], ["on", "off"]], object)])

r.write()
