"""Small graphs, one or more for each operation, and what TensorFlow makes of
random inputs; and what it makes of the real models. From the repository's root:

    python format/tensorflow/testdata/generate.py [../shared/data]

with tensorflow (2.21.0) and opencv-python-headless. Writes cases.safetensors.gz, which has NAME.pb as bytes,
inputs as NAME.in.PLACEHOLDER and answers as NAME.out.RESULT; with the folder of
shared data also real.safetensors.gz.
"""

import gzip
import io
import json
import os
import struct
import sys
import wave

import cv2
import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

HERE = os.path.dirname(os.path.abspath(__file__))
R = np.random.RandomState(20170)
CASES = {}
v1, raw, nn = tf.compat.v1, tf.raw_ops, tf.nn


def safetensors(path, tensors):
    kinds = {"int16": "I16", "float32": "F32", "uint8": "U8", "int32": "I32", "int64": "I64", "bool": "BOOL", "float64": "F64", "float16": "F16"}
    header, data = {}, b""
    for name, a in tensors.items():
        a = np.asarray(a, order="C")
        header[name] = {"dtype": kinds[a.dtype.name], "shape": list(a.shape), "data_offsets": [len(data), len(data) + a.nbytes]}
        data += a.tobytes()
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with gzip.GzipFile(path, "wb", mtime=0) as f:
        f.write(struct.pack("<Q", len(head)) + head + data)


def slim(g):
    """Without what only TensorFlow needs, so that the file is small."""
    for f in [g] + list(g.library.function):
        for n in f.node if f is g else f.node_def:
            n.ClearField("experimental_debug_info")
            for k in list(n.attr):
                if k.startswith("_") and k != "_class":
                    del n.attr[k]
    for f in g.library.function:
        f.ClearField("arg_attr")
    return g


def case(name, inputs, build, shapes=None):
    """build makes results of placeholders; shapes are theirs if not the inputs'."""
    with tf.Graph().as_default() as graph:
        places = {
            k: v1.placeholder(v.dtype, (shapes or {}).get(k, v.shape), name=k) for k, v in inputs.items()
        }
        ys = build(*places.values())
        ys = list(ys) if isinstance(ys, (list, tuple)) else [ys]
        names = []
        for y in ys:
            names.append(y.name[:-2] if y.name.endswith(":0") else y.name)
        with v1.Session(graph=graph) as s:
            answers = s.run(ys, {places[k]: v for k, v in inputs.items()})
        record(name, graph.as_graph_def(), inputs, dict(zip(names, answers)))


def record(name, graph, inputs, answers):
    CASES[name + ".pb"] = np.frombuffer(slim(graph).SerializeToString(deterministic=True), "u1")
    for k, v in inputs.items():
        CASES[name + ".in." + k] = v
    for k, v in answers.items():
        CASES[name + ".out." + k] = v


def uniform(*shape, low=-1, high=1):
    return R.uniform(low, high, shape).astype("f")


def const(*shape, **k):
    return tf.constant(uniform(*shape, **k))


def elementwise():
    x = {"x": uniform(2, 3, low=-3, high=3)}
    for op in ("Relu Relu6 Elu Selu Sigmoid Tanh Softplus Softsign Exp Abs Neg Sign Floor Ceil Round Rint Square Sin Cos Tan "
               "Atan Sinh Cosh Asinh Erf Expm1 IsNan IsInf IsFinite ZerosLike OnesLike").split():
        f = getattr(raw, op)
        key = "features" if op in "Relu Relu6 Elu Selu Softplus Softsign".split() else "x"
        case(op, x, lambda v: f(**{key: v}))
    p = {"x": uniform(2, 3, low=0.1, high=3)}
    for op in "Log Log1p Sqrt Rsqrt Reciprocal Inv Acosh".split():
        case(op, {"x": p["x"] + 1} if op == "Acosh" else p, lambda v: getattr(raw, op)(x=v))
    for op in "Asin Acos Atanh".split():
        case(op, {"x": uniform(2, 3, low=-0.9, high=0.9)}, lambda v: getattr(raw, op)(x=v))
    case("LeakyRelu", x, lambda v: raw.LeakyRelu(features=v, alpha=0.3))
    case("Softmax", x, lambda v: [nn.softmax(v), nn.log_softmax(v)])
    case("ClipByValue", x, lambda v: raw.ClipByValue(t=v, clip_value_min=-1.0, clip_value_max=2.0))
    case("Cast", x, lambda v: [tf.cast(v, tf.int32), tf.cast(v, tf.float64), tf.cast(tf.cast(v, tf.int64), tf.float32),
                               tf.cast(v > 0, tf.float32)])
    y = {**x, "y": uniform(3, low=0.5, high=2)}
    for op in "Add AddV2 Sub Mul Div RealDiv Maximum Minimum SquaredDifference FloorDiv FloorMod DivNoNan".split():
        case(op, y, lambda a, b: getattr(raw, op)(x=a, y=b))
    case("Pow", {"x": uniform(2, 3, low=0.1, high=2), "y": uniform(3)}, lambda a, b: raw.Pow(x=a, y=b))
    n = {"x": R.randint(-9, 9, (2, 6)).astype("i4"), "y": np.array([2, -3, 4, -1, 3, -7], "i4")}
    for op in "FloorDiv FloorMod Maximum Minimum Mul Sub Less LessEqual Greater GreaterEqual Equal NotEqual".split():
        case(op + "-int", n, lambda a, b: getattr(raw, op)(x=a, y=b))
    for op in "TruncateDiv TruncateMod Mod".split():
        case(op, n, lambda a, b: getattr(raw, op)(x=a, y=b))
    case("Xlogy", {"x": np.array([0, 1, 0, 2], "f"), "y": np.array([0, 2, 3, 0.5], "f")}, lambda a, b: raw.Xlogy(x=a, y=b))
    case("DivNoNan-zero", {"x": uniform(4), "y": np.array([0, 1, 0, 2], "f")}, lambda a, b: raw.DivNoNan(x=a, y=b))
    b = {"x": R.rand(2, 3) > 0.5, "y": R.rand(3) > 0.5}
    case("Logical", b, lambda a, c: [raw.LogicalAnd(x=a, y=c), raw.LogicalOr(x=a, y=c), raw.LogicalNot(x=a)])
    case("AddN", {"x": uniform(2, 3), "y": uniform(2, 3), "z": uniform(2, 3)}, lambda *v: raw.AddN(inputs=v))
    case("BiasAdd", {"x": uniform(2, 4, 5, 3)}, lambda v: nn.bias_add(v, const(3)))
    case("BiasAdd-NCHW", {"x": uniform(2, 3, 4, 5)}, lambda v: nn.bias_add(v, const(3), data_format="NCHW"))
    case("Select", {"c": R.rand(4) > 0.5, "x": uniform(4, 3), "y": uniform(4, 3)},
         lambda c, a, d: raw.Select(condition=c, x=a, y=d))
    case("SelectV2", {"c": R.rand(3) > 0.5, "x": uniform(4, 3), "y": uniform(4, 1)},
         lambda c, a, d: raw.SelectV2(condition=c, t=a, e=d))
    case("Identity", x, lambda v: raw.CheckNumerics(tensor=tf.stop_gradient(tf.identity(v)), message="m"))
    case("FakeQuant", x, lambda v: [raw.FakeQuantWithMinMaxVars(inputs=v, min=-1.3, max=2.0),
                                    raw.FakeQuantWithMinMaxArgs(inputs=v, min=-2, max=2, num_bits=4, narrow_range=True)])


def matrices():
    x = {"x": uniform(3, 4)}
    case("MatMul", x, lambda v: v @ const(4, 5))
    case("MatMul-transposed", x, lambda v: [raw.MatMul(a=v, b=const(3, 5), transpose_a=True),
                                            raw.MatMul(a=v, b=const(5, 4), transpose_b=True)])
    case("BatchMatMulV2", {"x": uniform(2, 3, 4), "y": uniform(5, 1, 4, 6)}, lambda a, b: raw.BatchMatMulV2(x=a, y=b))
    case("BatchMatMul", {"x": uniform(2, 4, 3), "y": uniform(2, 6, 4)}, lambda a, b: raw.BatchMatMul(x=a, y=b, adj_x=True, adj_y=True))
    case("MatrixBandPart", {"x": uniform(2, 4, 5)}, lambda v: [tf.linalg.band_part(v, 1, 0), tf.linalg.band_part(v, -1, 1),
                                                              tf.linalg.band_part(v, 0, 2), tf.linalg.band_part(v, 2, -1)])
    case("Einsum", {"x": uniform(2, 3, 4), "y": uniform(2, 5, 4)}, lambda a, b: raw.Einsum(inputs=[a, b], equation="bij,bkj->bik"))


def convolutions():
    x = {"x": uniform(2, 7, 8, 3)}
    loose = {"x": [None, None, None, 3]}
    for padding in ("SAME", "VALID"):
        for stride in (1, 2):
            f = lambda v: nn.conv2d(v, const(3, 2, 3, 4), stride, padding)
            case("Conv2D-%s-%d" % (padding, stride), x, f)
            case("Conv2D-%s-%d-open" % (padding, stride), x, f, loose)
            case("Depthwise-%s-%d" % (padding, stride), x,
                 lambda v: raw.DepthwiseConv2dNative(input=v, filter=const(3, 3, 3, 2), strides=[1, stride, stride, 1], padding=padding))
            for op in ("MaxPool", "AvgPool"):
                key = "input" if op == "MaxPool" else "value"
                g = lambda v: getattr(raw, op)(**{key: v}, ksize=[1, 3, 2, 1], strides=[1, stride, stride, 1], padding=padding)
                case("%s-%s-%d" % (op, padding, stride), x, g)
        case("%s-open" % padding, x, lambda v: raw.AvgPool(value=v, ksize=[1, 3, 2, 1], strides=[1, 2, 2, 1], padding=padding), loose)
        case("Conv2D-dilated-" + padding, x, lambda v: nn.conv2d(v, const(3, 2, 3, 4), 1, padding, dilations=[2, 3]))
        out = {"SAME": [2, 8, 9, 2], "VALID": [2, 8, 9, 2]}[padding]
        small = {"SAME": uniform(2, 4, 5, 3), "VALID": uniform(2, 3, 4, 3)}[padding]
        case("ConvBackward-" + padding, {"x": small}, lambda v: raw.Conv2DBackpropInput(
            input_sizes=out, filter=const(3, 3, 2, 3), out_backprop=v, strides=[1, 2, 2, 1], padding=padding))
    case("ConvBackward-open", {"x": uniform(2, 4, 5, 3)}, lambda v: nn.conv2d_transpose(
        v, const(4, 4, 2, 3), tf.stack([tf.shape(v)[0], tf.shape(v)[1] * 2, tf.shape(v)[2] * 2, 2]), 2), {"x": [None, None, None, 3]})
    case("Conv2D-explicit", x, lambda v: nn.conv2d(v, const(3, 3, 3, 4), 2, [[0, 0], [1, 2], [0, 1], [0, 0]]))
    case("Conv2D-1d", {"x": uniform(2, 9, 3)}, lambda v: nn.conv1d(v, const(3, 3, 4), 2, "SAME"))
    case("Conv3D", {"x": uniform(1, 4, 5, 6, 2)}, lambda v: nn.conv3d(v, const(2, 3, 2, 2, 3), [1, 1, 2, 1, 1], "SAME"))
    case("Conv2D-atrous", x, lambda v: v1.nn.atrous_conv2d(v, const(3, 3, 3, 2), 2, "SAME"))
    case("SpaceToBatch", {"x": uniform(2, 3, 6, 2)}, lambda v: raw.SpaceToBatchND(input=v, block_shape=[2, 3], paddings=[[1, 0], [2, 1]]))
    case("BatchToSpace", {"x": uniform(12, 2, 3, 2)}, lambda v: raw.BatchToSpaceND(input=v, block_shape=[2, 3], crops=[[1, 0], [0, 2]]))
    case("SpaceToBatch-open", {"x": uniform(2, 3, 6, 2)}, lambda v: raw.BatchToSpaceND(input=raw.SpaceToBatchND(
        input=v, block_shape=[2, 3], paddings=[[1, 0], [2, 1]]), block_shape=[2, 3], crops=[[1, 0], [2, 1]]), {"x": [None, None, None, 2]})
    case("SpaceToDepth", {"x": uniform(2, 4, 6, 3)}, lambda v: tf.nn.space_to_depth(v, 2))
    case("DepthToSpace", {"x": uniform(2, 2, 3, 12)}, lambda v: tf.nn.depth_to_space(v, 2))
    bn = lambda: [const(3, low=0.5), const(3), const(3), const(3, low=0.5, high=2)]
    for version in ("", "V2", "V3"):
        def norm(v):
            s, o, m, q = bn()
            f = getattr(raw, "FusedBatchNorm" + version)
            return f(x=v, scale=s, offset=o, mean=m, variance=q, epsilon=0.01, is_training=False)[0]
        case("FusedBatchNorm" + version, x, norm)
    case("FusedBatchNorm-training", x, lambda v: raw.FusedBatchNormV3(
        x=v, scale=const(3), offset=const(3), mean=tf.constant([], tf.float32), variance=tf.constant([], tf.float32), is_training=True)[0])
    case("LRN", x, lambda v: nn.lrn(v, depth_radius=1, bias=2.0, alpha=0.3, beta=0.6))
    for op in ("ResizeBilinear", "ResizeNearestNeighbor"):
        for how in ({}, {"align_corners": True}, {"half_pixel_centers": True}):
            f = lambda v: getattr(raw, op)(images=v, size=[5, 12], **how)
            case("-".join([op] + list(how)), x, f)
    case("ResizeBilinear-open", x, lambda v: raw.ResizeBilinear(images=v, size=tf.shape(v)[1:3] * 2, half_pixel_centers=True), loose)
    b, s = uniform(6, 4, low=0, high=1), uniform(6, low=0, high=1)
    b[:, 2:] = b[:, :2] + 0.5
    case("NonMaxSuppression", {"boxes": b, "scores": s}, lambda p, q: [
        raw.NonMaxSuppressionV3(boxes=p, scores=q, max_output_size=4, iou_threshold=0.3, score_threshold=0.2),
        raw.NonMaxSuppression(boxes=p, scores=q, max_output_size=4, iou_threshold=0.4)])


def shapes():
    x = {"x": uniform(2, 3, 4)}
    loose = {"x": [None, 3, None]}
    case("Reshape", x, lambda v: tf.reshape(v, [2, -1]))
    case("Reshape-open", x, lambda v: tf.reshape(v, tf.stack([tf.shape(v)[0], -1, 2])), loose)
    case("Reshape-product", x, lambda v: tf.reshape(v, [-1, tf.reduce_prod(tf.shape(v)[1:])]), {"x": [None, 3, 4]})
    case("Squeeze", {"x": uniform(1, 3, 1, 2)}, lambda v: [tf.squeeze(v), tf.squeeze(v, [0]), tf.squeeze(v, [-2])])
    case("ExpandDims", x, lambda v: [tf.expand_dims(v, 0), tf.expand_dims(v, -1), tf.expand_dims(v, 2)])
    case("Transpose", x, lambda v: tf.transpose(v, [2, 0, 1]))
    case("Concat", {"x": uniform(2, 3), "y": uniform(2, 1)}, lambda a, b: [raw.ConcatV2(values=[a, b, a], axis=1),
                                                                          raw.Concat(concat_dim=-1 + 2, values=[b, a])])
    case("Split", x, lambda v: list(tf.split(v, 2, 2)) + list(tf.split(v, [1, 2], 1)) + list(tf.split(v, [1, -1], 1)))
    case("Slice", x, lambda v: [tf.slice(v, [0, 1, 2], [2, -1, 1]), tf.slice(v, tf.stack([0, 0, tf.shape(v)[1] - 2]), [-1, 2, 2])], loose)
    case("StridedSlice", {"x": uniform(4, 5, 6)}, lambda v: [
        v[1], v[-1, :, 2], v[1:3], v[:, ::-1], v[..., 0], v[0, ..., tf.newaxis, 2:4], v[tf.newaxis, 3:0:-2], v[:-1, 1:], v[..., -2:, ::2],
        v[1:2, ..., tf.newaxis], v[:, tf.newaxis, 2, tf.newaxis, 1:]])
    case("StridedSlice-open", {"x": uniform(4, 5, 6), "i": np.array(-1, "i4")}, lambda v, i: [
        v[i], v[:, i:], v[:, : tf.shape(v)[1] - 1, 0], v[tf.shape(v)[0] - 2, i - 1 : i]], {"x": [None, None, 6]})
    case("Pad", x, lambda v: [tf.pad(v, [[0, 1], [2, 0], [0, 0]]), raw.PadV2(input=v, paddings=[[0, 0], [1, 1], [0, 2]], constant_values=5.0)])
    case("Pad-open", {**x, "p": np.array([[1, 0], [0, 2], [1, 1]], "i4")}, lambda v, p: tf.pad(v, p))
    case("MirrorPad", x, lambda v: [tf.pad(v, [[0, 1], [2, 1], [1, 3]], "REFLECT"), tf.pad(v, [[2, 1], [3, 0], [0, 2]], "SYMMETRIC")])
    case("Tile", x, lambda v: [tf.tile(v, [2, 1, 3]), tf.tile(v, tf.stack([1, tf.shape(v)[0], 1]))], loose)
    case("Pack", {"x": uniform(2, 3), "y": uniform(2, 3)}, lambda a, b: [tf.stack([a, b]), tf.stack([a, b], -1), tf.stack([a, b], 1)])
    case("Unpack", x, lambda v: tf.unstack(v, axis=1) + tf.unstack(v, axis=-1))
    i = {**x, "i": np.array([[1, 0], [1, 1]], "i4")}
    case("Gather", i, lambda v, n: [tf.gather(v, n), tf.gather(v, n, axis=2), raw.Gather(params=v, indices=n), tf.gather(v, 1, axis=1)])
    case("Gather-batches", {"x": uniform(2, 4, 3), "i": np.array([[1, 0, 3], [2, 2, 1]], "i4")},
         lambda v, n: raw.GatherV2(params=v, indices=n, axis=1, batch_dims=1))
    case("GatherNd", i, lambda v, n: tf.gather_nd(v, n))
    case("ScatterNd", {"i": np.array([[1], [3], [1]], "i4"), "x": uniform(3, 2)}, lambda n, v: tf.scatter_nd(n, v, [5, 2]))
    case("Shape", x, lambda v: [tf.shape(v), tf.shape(v, out_type=tf.int64), tf.size(v), tf.rank(v)], loose)
    case("ShapeN", x, lambda v: raw.ShapeN(input=[v, v[0]]), loose)
    case("Fill", x, lambda v: [tf.fill(tf.shape(v), 2.5), v + tf.fill([3, 1], 1.0)], loose)
    case("Range", x, lambda v: [tf.range(tf.shape(v)[0] + 3), tf.range(1, 10, 3), tf.range(0.0, 1.0, 0.25)], loose)
    case("BroadcastTo", {"x": uniform(3, 1)}, lambda v: tf.broadcast_to(v, [2, 3, 4]))
    case("Reverse", x, lambda v: tf.reverse(v, [0, -1]))
    case("Cumsum", x, lambda v: [tf.cumsum(v, 1), tf.cumsum(v, -1, exclusive=True, reverse=True)])
    case("OneHot", {"i": np.array([[0, 2, -1], [3, 4, 1]], "i4")}, lambda n: [tf.one_hot(n, 4), tf.one_hot(n, 3, 5.0, -1.0, axis=0),
                                                                             tf.one_hot(n, 4, axis=1, dtype=tf.int32)])
    case("TopK", {"x": uniform(3, 6)}, lambda v: list(tf.nn.top_k(v, 2)))
    case("Where", {"x": R.rand(3, 4) > 0.5}, lambda v: v1.where(v))
    case("ArgMax", x, lambda v: [tf.argmax(v, 1), tf.argmin(v, -1, output_type=tf.int32)])
    for op, f in (("Mean", tf.reduce_mean), ("Sum", tf.reduce_sum), ("Max", tf.reduce_max), ("Min", tf.reduce_min), ("Prod", tf.reduce_prod)):
        case(op, x, lambda v: [f(v), f(v, 1), f(v, [0, -1]), f(v, 2, keepdims=True)])
    case("EuclideanNorm", x, lambda v: tf.math.reduce_euclidean_norm(v, 1))
    case("L2Loss", x, lambda v: nn.l2_loss(v))
    case("ReverseSequence", x, lambda v: [tf.reverse_sequence(v, [2, 3], seq_axis=1, batch_axis=0),
                                          tf.reverse_sequence(v, [2, 1, 0], seq_axis=0, batch_axis=1)])
    case("Unique", {"x": np.array([3, 1, 3, 2, 1, 5], "i4")}, lambda v: list(tf.unique(v)))
    case("AllAny", {"x": R.rand(3, 4) > 0.4}, lambda v: [tf.reduce_all(v, 1), tf.reduce_any(v, 0, keepdims=True), tf.reduce_all(v)])
    q = {"x": R.randint(0, 256, (2, 5)).astype("u1")}
    for mode in ("MIN_FIRST", "MIN_COMBINED", "SCALED"):
        case("Dequantize-" + mode, {"x": uniform(2, 5)}, lambda v: v + raw.Dequantize(
            input=tf.constant(q["x"].astype(tf.quint8.as_numpy_dtype), tf.quint8), min_range=-1.3, max_range=2.1, mode=mode))


def control():
    v1.disable_control_flow_v2()
    x = {"x": uniform(2, 3)}
    def constant_switch(v):
        train = tf.constant(False)
        return v1.cond(train, lambda: v * 2 + tf.constant(1.0), lambda: v - 1)
    case("Switch-constant", x, constant_switch)
    case("Switch-default", x, lambda v: v1.cond(v1.placeholder_with_default(True, []), lambda: v * 2, lambda: v - 1))
    case("Switch", {**x, "p": np.array(True)}, lambda v, p: v1.cond(p, lambda: v * 2, lambda: v - tf.constant(1.0)))
    case("Switch-nested", {**x, "p": np.array(False), "q": np.array(True)}, lambda v, p, q: v1.cond(
        p, lambda: v * 2, lambda: v1.cond(q, lambda: v - 1, lambda: v + 1)))
    case("While", x, lambda v: v1.while_loop(lambda i, a: i < 5, lambda i, a: (i + 1, a * 1.5 + v), [0, v])[1])
    case("While-condition", x, lambda v: v1.while_loop(lambda i, a: tf.reduce_sum(a) < 50.0, lambda i, a: (i + 2, a * 1.5 + 1.0), [0, tf.abs(v)]))
    case("While-grows", x, lambda v: v1.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, tf.concat([a, v], 0)), [0, v],
                                                   shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, 3])])[1])
    def arrays(v):
        a = v1.TensorArray(tf.float32, 4).unstack(v)
        out = v1.TensorArray(tf.float32, 4)
        _, s, out = v1.while_loop(lambda i, s, o: i < 4, lambda i, s, o: (lambda r: (i + 1, s + r, o.write(i, s * 2 + r)))(a.read(i)),
                                  [0, tf.zeros([3]), out])
        return [s, out.stack()]
    case("TensorArray", {"x": uniform(4, 3)}, arrays)
    def rnn(v):
        w, u = const(3, 5), const(5, 5)
        def body(i, h, o):
            h = tf.tanh(v[:, i] @ w + h @ u)
            return i + 1, h, o.write(i, h)
        out = v1.TensorArray(tf.float32, tf.shape(v)[1])
        _, h, out = v1.while_loop(lambda i, h, o: i < tf.shape(v)[1], body, [0, tf.zeros([tf.shape(v)[0], 5]), out])
        return [h, tf.transpose(out.stack(), [1, 0, 2])]
    case("Rnn-open", {"x": uniform(2, 4, 3)}, rnn, {"x": [None, None, 3]})


def functions():
    """Graphs of TensorFlow 2: functions, and loops and conditions made of them."""
    v1.enable_control_flow_v2()
    x = uniform(2, 3)

    def freeze(name, inputs, f, lower):
        specs = [tf.TensorSpec(v.shape, v.dtype, name=k) for k, v in inputs.items()]
        c = tf.function(f, specs).get_concrete_function()
        c = convert_variables_to_constants_v2(c, lower_control_flow=lower)
        answers = c(*[tf.constant(v) for v in inputs.values()])
        answers = list(answers) if isinstance(answers, (list, tuple)) else [answers]
        names = [t.name[:-2] if t.name.endswith(":0") else t.name for t in c.outputs]
        ins = {t.name[:-2]: v for t, v in zip(c.inputs, inputs.values())}
        record(name, c.graph.as_graph_def(), ins, {n: a.numpy() for n, a in zip(names, answers)})

    w = [tf.Variable(uniform(3, 8)), tf.Variable(uniform(2, 8)), tf.Variable(uniform(8))]

    def lstm(v):
        a = tf.TensorArray(tf.float32, 4).unstack(tf.transpose(v, [1, 0, 2]))
        out = tf.TensorArray(tf.float32, 4)
        h = c = tf.zeros([tf.shape(v)[0], 2])
        def body(t, h, c, out):
            i, f, g, o = tf.split(a.read(t) @ w[0] + h @ w[1] + w[2], 4, 1)
            c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
            h = tf.sigmoid(o) * tf.tanh(c)
            return t + 1, h, c, out.write(t, h)
        _, h, c, out = tf.while_loop(lambda t, *_: t < 4, body, [0, h, c, out])
        return h, out.stack()

    def branches(v):
        return tf.cond(tf.reduce_sum(v) > 0, lambda: v * 2, lambda: tf.nn.relu(v) - 1)

    @tf.function
    def inner(a, b):
        return a @ b + 1.0, tf.split(a, 3, 1)[2]

    def calls(v):
        p, q = inner(v, w[0])
        r, _ = inner(v * 2, w[0])
        return p * 2 + q + r

    for lower in (False, True):
        suffix = "-lowered" if lower else ""
        freeze("Functions-lstm" + suffix, {"v": uniform(2, 4, 3)}, lstm, lower)
        freeze("Functions-if" + suffix, {"v": uniform(2, 3, low=0)}, branches, lower)
    freeze("Functions-else", {"v": uniform(2, 3, high=0)}, branches, False)
    freeze("Functions-calls", {"v": x}, calls, False)
    freeze("Functions-while", {"v": x}, lambda v: tf.while_loop(
        lambda i, a, m: tf.reduce_sum(a) < m, lambda i, a, m: (i + 1, a + 1.0, m), [0, tf.abs(v), 20.0])[:2], False)


def optimized():
    """Fused operations as TensorFlow's optimizer and its models for browsers
    have them; the answers come from the operations that are fused."""
    x = uniform(2, 5, 6, 3)
    w, b = uniform(3, 3, 3, 4), uniform(4)
    d, e = uniform(3, 3, 3, 2), uniform(6)
    m, c = uniform(6, 4), uniform(4)
    bn = [uniform(4, low=0.5), uniform(4), uniform(4), uniform(4, low=0.5, high=2)]
    with tf.Graph().as_default() as graph, v1.Session(graph=graph) as s:
        v, u = tf.constant(x), tf.constant(x[:, 0, :, 0])
        s1 = nn.conv2d(v, w, 1, "SAME")
        answers = s.run({
            "conv": nn.relu(s1 + b),
            "leaky": nn.leaky_relu(s1 + b, 0.3),
            "norm": nn.relu6(v1.nn.fused_batch_norm(s1, *bn, epsilon=0.01, is_training=False)[0]),
            "depthwise": nn.elu(nn.depthwise_conv2d(v, d, [1, 1, 1, 1], "VALID") + e),
            "matmul": nn.relu(u @ m + c),
        })
    g = v1.GraphDef()

    def attr(n, **k):
        for key, a in k.items():
            if isinstance(a, list):
                n.attr[key].list.SetInParent()
                for q in a:
                    (n.attr[key].list.s if isinstance(q, bytes) else n.attr[key].list.i).append(q)
            elif isinstance(a, bytes):
                n.attr[key].s = a
            elif isinstance(a, float):
                n.attr[key].f = a
            elif isinstance(a, int):
                n.attr[key].i = a

    def put(name, value):
        n = g.node.add(name=name, op="Const")
        n.attr["dtype"].type = 1
        n.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
        return name

    for k, a in (("x", x), ("u", x[:, 0, :, 0])):
        n = g.node.add(name=k, op="Placeholder")
        n.attr["dtype"].type = 1
        n.attr["shape"].shape.CopyFrom(tf.TensorShape(a.shape).as_proto())
    same = dict(strides=[1, 1, 1, 1], padding=b"SAME", num_args=1)
    add = lambda name, op, ins, **k: attr(g.node.add(name=name, op=op, input=ins), **k)
    add("conv", "_FusedConv2D", ["x", put("w", w), put("b", b)], fused_ops=[b"BiasAdd", b"Relu"], **same)
    add("leaky", "_FusedConv2D", ["x", "w", "b"], fused_ops=[b"BiasAdd", b"LeakyRelu"], leakyrelu_alpha=0.3, **same)
    add("norm", "_FusedConv2D", ["x", "w"] + [put("bn%d" % i, a) for i, a in enumerate(bn)],
        fused_ops=[b"FusedBatchNorm", b"Relu6"], epsilon=0.01, **same)
    add("depthwise", "FusedDepthwiseConv2dNative", ["x", put("d", d), put("e", e)], fused_ops=[b"BiasAdd", b"Elu"],
        strides=[1, 1, 1, 1], padding=b"VALID")
    add("matmul", "_FusedMatMul", ["u", put("m", m), put("c", c)], fused_ops=[b"BiasAdd", b"Relu"], num_args=1)
    record("Fused", g, {"x": x, "u": x[:, 0, :, 0]}, answers)


KEYWORDS = "DNN CNN DS_CNN Basic_LSTM LSTM GRU CRNN".split()


def read_graph(path):
    g = v1.GraphDef()
    with open(path, "rb") as f:
        g.ParseFromString(f.read())
    return g


def keywords(folder):
    """What TensorFlow makes of the recording, from its bytes on. The models here
    take its samples instead."""
    with open(os.path.join(folder, "kws_sample.wav"), "rb") as f:
        data = f.read()
    with wave.open(io.BytesIO(data)) as w:
        samples = np.frombuffer(w.readframes(w.getnframes()), "<i2")
    out = {"keywords.samples": samples}
    for name in KEYWORDS:
        with tf.Graph().as_default() as graph, v1.Session(graph=graph) as s:
            tf.import_graph_def(read_graph(os.path.join(folder, name + "_S.pb")), name="")
            wanted = ["labels_softmax", "Mfcc"] if name == "DNN" else ["labels_softmax"]
            for k, v in zip(wanted, s.run([k + ":0" for k in wanted], {"wav_data:0": data})):
                out["%s_S.out.%s" % (name, k)] = v
    return out


def dequantized(g):
    """The graph with numbers in place of Dequantize of constants. Where all are
    the same number TensorFlow divides by zero, OpenCV does not."""
    consts = {n.name: tf.make_ndarray(n.attr["value"].tensor) for n in g.node if n.op == "Const"}
    y = v1.GraphDef()
    for n in g.node:
        if n.op == "Dequantize":
            q, low, high = [consts[i] for i in n.input]
            low, high = float(low), float(high)
            value = np.full(q.shape, low, "f")
            if low != high:
                scale = (high - low) / 255
                value = (np.round(low / np.float32(scale)) * float(np.float32(scale)) + q.astype("f8") * scale).astype("f")
            m = y.node.add(name=n.name, op="Const")
            m.attr["dtype"].type = 1
            m.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
        elif "_quantized_" not in n.name:
            y.node.add().CopyFrom(n)
    return y


def faces(shared):
    """What OpenCV and TensorFlow make of a photograph, of which a small copy is
    kept: each of its pixels is 5 by 5 of the input's. Of the answers, every
    eighth."""
    small = cv2.resize(cv2.imread(os.path.join(shared, "models/face-api/sample1.jpg")), (60, 60), interpolation=cv2.INTER_AREA)
    x = np.kron(small.astype("f") - np.array([104, 177, 123], "f"), np.ones((5, 5, 1), "f"))[None]
    g = dequantized(read_graph(os.path.join(shared, "models/tf-face-ssd-uint8/opencv_face_detector_uint8.pb")))
    net = cv2.dnn.readNetFromTensorflow(bytearray(g.SerializeToString()))
    net.setInput(x.transpose(0, 3, 1, 2).copy())
    out = {"faces.pixels": small}
    with tf.Graph().as_default() as graph, v1.Session(graph=graph) as s:
        tf.import_graph_def(g, name="")
        for k in ("mbox_loc", "mbox_conf_flatten"):
            a, b = net.forward(k), s.run(k + ":0", {"data:0": x})
            print(k, a.shape, "OpenCV and TensorFlow differ by at most", abs(a - b).max())
            out["faces.out." + k] = a[:, ::8]
    return out


if __name__ == "__main__":
    for f in (elementwise, matrices, convolutions, shapes, control, functions, optimized):
        f()
    safetensors(os.path.join(HERE, "cases.safetensors.gz"), CASES)
    if len(sys.argv) > 1:
        real = keywords(os.path.join(sys.argv[1], "models/kws-tf-frozen"))
        real.update(faces(sys.argv[1]))
        safetensors(os.path.join(HERE, "real.safetensors.gz"), real)
