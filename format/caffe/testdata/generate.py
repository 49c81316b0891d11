"""Small nets, one for each layer type, with random weights and the answers of
OpenCV's reader of Caffe models, or of NumPy where OpenCV lacks a layer or reads
it otherwise than Caffe. From the repository's root:

    python3 format/caffe/testdata/generate.py [../shared/data]

with Debian's python3-opencv (4.6.0). Writes layers.safetensors, which has
NAME.prototxt and NAME.caffemodel as bytes, inputs as NAME.in.BLOB and answers as
NAME.out.BLOB; with the folder of shared data also mtcnn.safetensors: crops of
photographs and the answers of the three nets of MTCNN.
"""

import json
import os
import struct
import sys

import cv2
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
R = np.random.RandomState(20161)
CASES = {}


# The wire form of protobuf, as far as it is needed.


def varint(n):
    n &= (1 << 64) - 1
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(num, payload):
    if isinstance(payload, int):
        return varint(num << 3) + varint(payload)
    if isinstance(payload, float):
        return varint(num << 3 | 5) + struct.pack("<f", payload)
    if isinstance(payload, str):
        payload = payload.encode()
    return varint(num << 3 | 2) + varint(len(payload)) + payload


def blob(a, legacy=False, packed=True, double=False):
    a = np.asarray(a, "<f4")
    if legacy:
        dims = (1,) * (4 - a.ndim) + a.shape
        out = b"".join(field(i + 1, int(d)) for i, d in enumerate(dims))
    else:
        out = field(7, field(1, b"".join(varint(d) for d in a.shape)))
    if double:
        return out + field(8, a.astype("<f8").tobytes())
    if packed:
        return out + field(5, a.tobytes())
    return out + b"".join(varint(5 << 3 | 5) + v.tobytes() for v in a.ravel())


def model(weights, **how):
    return b"".join(
        field(100, field(1, name) + b"".join(field(7, blob(b, **how)) for b in blobs))
        for name, blobs in weights.items()
    )


def safetensors(path, tensors):
    header, data = {}, b""
    for name, a in tensors.items():
        a = np.asarray(a, order="C")
        kind = {"float32": "F32", "uint8": "U8"}[a.dtype.name]
        header[name] = {"dtype": kind, "shape": list(a.shape), "data_offsets": [len(data), len(data) + a.nbytes]}
        data += a.tobytes()
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(head)) + head + data)


# The cases.


def uniform(*shape, low=-1, high=1):
    return R.uniform(low, high, shape).astype("f")


def inputs_text(inputs):
    return "".join(
        'input: "%s"\ninput_shape { %s }\n' % (k, " ".join("dim: %d" % d for d in v.shape)) for k, v in inputs.items()
    )


def opencv(prototxt, caffemodel, inputs, outputs):
    net = cv2.dnn.readNetFromCaffe(bytearray(prototxt.encode()), bytearray(caffemodel))
    for k, v in inputs.items():
        net.setInput(v, k)
    if len(outputs) == 1:
        return {outputs[0]: net.forward()}
    return dict(zip(outputs, net.forward(list(outputs))))


def case(name, layers, inputs, weights=None, outputs=("y",), oracle=None, binary=None, **how):
    """Writes a case. layers is text after the inputs; oracle is a function of
    the inputs, or None for OpenCV."""
    text = 'name: "%s"\n' % name + inputs_text(inputs) + layers.strip() + "\n"
    weights = weights or {}
    data = binary if binary is not None else model(weights, **how) or field(1, name)
    if oracle is None:
        answers = opencv(text, data, inputs, outputs)
    else:
        answers = dict(zip(outputs, oracle(*inputs.values())))
    CASES[name + ".prototxt"] = np.frombuffer(text.encode(), "u1")
    CASES[name + ".caffemodel"] = np.frombuffer(data, "u1")
    for k, v in inputs.items():
        CASES[name + ".in." + k] = v
    for k, v in answers.items():
        CASES[name + ".out." + k] = np.asarray(v, "f")


def layer(typ, params="", bottom=("x",), top=("y",), name="l"):
    text = 'layer {\n  name: "%s"\n  type: "%s"\n' % (name, typ)
    text += "".join('  bottom: "%s"\n' % b for b in bottom) + "".join('  top: "%s"\n' % t for t in top)
    return text + ("  " + params + "\n" if params else "") + "}\n"


def convolutions():
    x = {"x": uniform(2, 4, 7, 9)}
    case("conv", layer("Convolution", "convolution_param { num_output: 6 kernel_size: 3 stride: 2 pad: 1 }"), x,
         {"l": [uniform(6, 4, 3, 3), uniform(6)]})
    case("conv-group-hw", layer("Convolution", "convolution_param { num_output: 6 kernel_h: 3 kernel_w: 2 stride_h: 1 "
         "stride_w: 2 pad_h: 2 pad_w: 1 group: 2 bias_term: false }"), x, {"l": [uniform(6, 2, 3, 2)]})
    case("conv-dilated", layer("Convolution", "convolution_param { num_output: 3 kernel_size: 3 dilation: 2 pad: 2 }"), x,
         {"l": [uniform(3, 4, 3, 3), uniform(3)]}, legacy=True, packed=False)
    case("deconv", layer("Deconvolution", "convolution_param { num_output: 3 kernel_size: 4 stride: 2 pad: 1 }"), x,
         {"l": [uniform(4, 3, 4, 4), uniform(3)]}, double=False)
    case("deconv-group", layer("Deconvolution", "convolution_param { num_output: 4 kernel_size: 4 stride: 2 pad: 1 "
         "group: 4 bias_term: false }"), x, {"l": [uniform(4, 1, 4, 4)]})
    case("inner", layer("InnerProduct", "inner_product_param { num_output: 5 }"), x,
         {"l": [uniform(5, 252), uniform(5)]}, legacy=True)
    w, b = uniform(9, 5), uniform(5)
    case("inner-axis", layer("InnerProduct", "inner_product_param { num_output: 5 axis: -1 transpose: true }"), x,
         {"l": [w, b]}, oracle=lambda x: [x @ w + b], double=True)
    v = uniform(5, 63)
    case("inner-axis2", layer("InnerProduct", "inner_product_param { num_output: 5 axis: 2 bias_term: false }"), x,
         {"l": [v]}, oracle=lambda x: [x.reshape(2, 4, 63) @ v.T])


def pool(x, mean, k, s, p):
    """Caffe's PoolingLayer::Forward_cpu."""
    n, c, h, w = x.shape
    out = [-(-(d + 2 * p - k) // s) + 1 for d in (h, w)]
    if p:
        out = [o - 1 if (o - 1) * s >= d + p else o for o, d in zip(out, (h, w))]
    y = np.zeros((n, c, *out), "f")
    for i in range(out[0]):
        for j in range(out[1]):
            a, b = i * s - p, j * s - p
            e, f = min(a + k, h + p), min(b + k, w + p)
            size = (e - a) * (f - b)
            part = x[:, :, max(a, 0) : min(e, h), max(b, 0) : min(f, w)]
            y[:, :, i, j] = part.sum((2, 3)) / size if mean else part.max((2, 3))
    return [y]


def pooling():
    x = {"x": uniform(2, 3, 7, 10)}
    for k, s, p in ((2, 2, 0), (3, 2, 0), (3, 2, 1), (3, 3, 1), (4, 3, 2), (2, 2, 1), (5, 1, 2)):
        for kind in ("MAX", "AVE"):
            case("pool-%s-k%ds%dp%d" % (kind.lower(), k, s, p),
                 layer("Pooling", "pooling_param { pool: %s kernel_size: %d stride: %d pad: %d }" % (kind, k, s, p)), x,
                 oracle=lambda x: pool(x, kind == "AVE", k, s, p))
    case("pool-global", layer("Pooling", "pooling_param { pool: AVE global_pooling: true }"), x)
    case("pool-floor", layer("Pooling", "pooling_param { kernel_size: 3 stride: 2 round_mode: FLOOR }"), x,
         oracle=lambda x: [pool(x, False, 3, 2, 0)[0][:, :, :3, :4]])
    case("pool-hw", layer("Pooling", "pooling_param { kernel_h: 3 kernel_w: 2 stride_h: 2 stride_w: 1 pad_h: 1 pad_w: 0 }"), x)


def activations():
    x = {"x": uniform(2, 3, 4, 5, low=-3, high=3)}
    for name, typ, params in (
        ("relu", "ReLU", ""), ("relu-leaky", "ReLU", "relu_param { negative_slope: 0.1 }"),
        ("elu", "ELU", ""), ("sigmoid", "Sigmoid", ""), ("tanh", "TanH", ""), ("absval", "AbsVal", ""), ("bnll", "BNLL", ""),
        ("relu6", "ReLU6", ""), ("dropout", "Dropout", "dropout_param { dropout_ratio: 0.3 }"),
        ("softmax", "Softmax", ""), ("softmax-axis", "Softmax", "softmax_param { axis: 3 }"),
    ):
        case(name, layer(typ, params), x)
    case("elu-alpha", layer("ELU", "elu_param { alpha: 0.5 }"), x,
         oracle=lambda x: [np.where(x > 0, x, 0.5 * np.expm1(x))])
    case("power", layer("Power", "power_param { power: 2 scale: 0.5 shift: 1.5 }"), x)
    case("power-identity", layer("Power"), x)
    case("exp", layer("Exp", "exp_param { base: 2 scale: 0.5 shift: 1 }"), x, oracle=lambda x: [2 ** (0.5 * x + 1)])
    case("exp-e", layer("Exp"), x, oracle=lambda x: [np.exp(x)])
    case("log", layer("Log", "log_param { base: 10 scale: 0.5 shift: 2 }"), x, oracle=lambda x: [np.log10(0.5 * x + 2)])
    case("clip", layer("Clip", "clip_param { min: -0.5 max: 1 }"), x, oracle=lambda x: [np.clip(x, -0.5, 1)])
    case("swish", layer("Swish", "swish_param { beta: 2 }"), x, oracle=lambda x: [x / (1 + np.exp(-2 * x))])
    case("threshold", layer("Threshold", "threshold_param { threshold: 0.5 }"), x, oracle=lambda x: [x > 0.5])
    case("prelu", layer("PReLU"), x, {"l": [uniform(3)]})
    case("prelu-shared", layer("PReLU", "prelu_param { channel_shared: true }"), x, {"l": [uniform(1)]},
         oracle=None)


def normalizations():
    x = {"x": uniform(2, 6, 4, 5, low=-3, high=3)}
    case("lrn", layer("LRN", "lrn_param { local_size: 3 alpha: 0.5 beta: 0.6 }"), x)
    square = np.pad(x["x"] ** 2, ((0, 0), (2, 2), (0, 0), (0, 0)))  # OpenCV passes over k
    case("lrn-k", layer("LRN", "lrn_param { local_size: 5 alpha: 0.5 beta: 0.6 k: 2 }"), x,
         oracle=lambda x: [x / (2 + 0.1 * sum(square[:, i : i + 6] for i in range(5))) ** 0.6])
    case("lrn-within", layer("LRN", "lrn_param { local_size: 3 alpha: 0.5 norm_region: WITHIN_CHANNEL }"), x)
    mean, variance, factor = uniform(6), uniform(6, low=0.5, high=2), np.array([4.0], "f")
    case("batchnorm", layer("BatchNorm", "batch_norm_param { eps: 0.001 }"), x, {"l": [mean, variance, factor]})
    scale, bias = uniform(6), uniform(6)
    case("batchnorm-scale", layer("BatchNorm", top=("x1",)) + layer("Scale", "scale_param { bias_term: true }", ("x1",), name="s"),
         x, {"l": [mean, variance, factor], "s": [scale, bias]})
    case("batchnorm-batch", layer("BatchNorm", "batch_norm_param { use_global_stats: false }"), x,
         {"l": [mean, variance, factor]},
         oracle=lambda x: [(x - x.mean((0, 2, 3), keepdims=True)) / np.sqrt(x.var((0, 2, 3), keepdims=True) + 1e-5)])
    case("scale", layer("Scale"), x, {"l": [scale]})
    wide = uniform(6, 4, 5)
    case("scale-axes", layer("Scale", "scale_param { num_axes: -1 }"), x, {"l": [wide]}, oracle=lambda x: [x * wide])
    case("scale-two", layer("Scale", "scale_param { axis: 0 }", ("x", "s")), {**x, "s": uniform(2, 6)},
         oracle=lambda x, s: [x * s[:, :, None, None]])
    case("bias", layer("Bias"), x, {"l": [bias]}, oracle=lambda x: [x + bias[:, None, None]])
    case("bias-two", layer("Bias", "bias_param { axis: 2 }", ("x", "b")), {**x, "b": uniform(4, 5)},
         oracle=lambda x, b: [x + b])
    case("mvn", layer("MVN"), x, oracle=lambda x: [
        (x - x.mean((2, 3), keepdims=True)) / (x.std((2, 3), keepdims=True) + 1e-9)])
    case("mvn-across", layer("MVN", "mvn_param { across_channels: true eps: 0.1 }"), x, oracle=lambda x: [
        (x - x.mean((1, 2, 3), keepdims=True)) / (x.std((1, 2, 3), keepdims=True) + 0.1)])
    case("mvn-mean", layer("MVN", "mvn_param { normalize_variance: false }"), x)
    case("normalize", layer("Normalize", "norm_param { across_spatial: false channel_shared: false }"), x, {"l": [scale]})
    case("normalize-all", layer("Normalize"), x, {"l": [uniform(1)]})


def shapes():
    x = {"x": uniform(2, 6, 3, 4)}
    small = {"x": uniform(1, 1, 2, 3), "z": uniform(1, 1, 20, 30)}
    y = {**x, "z": uniform(2, 6, 3, 4), "w": uniform(2, 6, 3, 4)}
    case("eltwise-sum", layer("Eltwise", "", ("x", "z", "w")), y)
    case("eltwise-coeff", layer("Eltwise", "eltwise_param { operation: SUM coeff: 1 coeff: -0.5 }", ("x", "z")),
         {k: y[k] for k in "xz"})
    case("eltwise-prod", layer("Eltwise", "eltwise_param { operation: PROD }", ("x", "z", "w")), y)
    case("eltwise-max", layer("Eltwise", "eltwise_param { operation: MAX }", ("x", "z", "w")), y)
    case("concat", layer("Concat", "", ("x", "z")), {**x, "z": uniform(2, 3, 3, 4)})
    case("concat-axis", layer("Concat", "concat_param { axis: -1 }", ("x", "z")), {**x, "z": uniform(2, 6, 3, 2)},
         oracle=lambda x, z: [np.concatenate([x, z], -1)])
    case("slice", layer("Slice", "slice_param { slice_point: 1 slice_point: 4 }", top=("a", "b", "c")), x,
         outputs=("a", "b", "c"), oracle=lambda x: [x[:, :1], x[:, 1:4], x[:, 4:]])
    case("slice-even", layer("Slice", "slice_param { axis: 3 }", top=("a", "b")), x, outputs=("a", "b"),
         oracle=lambda x: [x[..., :2], x[..., 2:]])
    case("split", layer("Split", top=("a", "b")) + layer("ReLU", bottom=("a",), name="r"), x, outputs=("b", "y"),
         oracle=lambda x: [x, np.maximum(x, 0)])
    case("flatten", layer("Flatten"), x)
    case("flatten-middle", layer("Flatten", "flatten_param { axis: 1 end_axis: 2 }"), x)
    case("reshape", layer("Reshape", "reshape_param { shape { dim: 0 dim: 3 dim: -1 dim: 4 } }"), x)
    case("reshape-axis", layer("Reshape", "reshape_param { axis: 1 num_axes: 2 shape { dim: -1 } }"), x,
         oracle=lambda x: [x.reshape(2, 18, 4)])
    case("permute", layer("Permute", "permute_param { order: 0 order: 2 order: 3 order: 1 }"), x)
    case("permute-rest", layer("Permute", "permute_param { order: 2 }"), x, oracle=lambda x: [x.transpose(2, 0, 1, 3)])
    case("crop", layer("Crop", "crop_param { axis: 2 offset: 1 offset: 1 }", ("x", "z")), {**x, "z": uniform(2, 1, 2, 3)})
    case("tile", layer("Tile", "tile_param { axis: 1 tiles: 3 }"), x, oracle=lambda x: [np.tile(x, (1, 3, 1, 1))])
    case("shuffle", layer("ShuffleChannel", "shuffle_channel_param { group: 3 }"), x,
         oracle=lambda x: [x.reshape(2, 3, 2, 3, 4).transpose(0, 2, 1, 3, 4).reshape(x.shape)])
    case("parameter", layer("Parameter", "parameter_param { shape { dim: 2 dim: 6 dim: 3 dim: 4 } }", (), ("p",)) +
         layer("Eltwise", "", ("x", "p"), name="e"), x, {"l": [y["z"]]}, oracle=lambda x: [x + y["z"]])
    case("priorbox", layer("PriorBox", "prior_box_param { min_size: 3 max_size: 6 aspect_ratio: 2 aspect_ratio: 3 flip: true "
         "clip: true variance: 0.1 variance: 0.1 variance: 0.2 variance: 0.2 }", ("x", "z")), small)
    case("priorbox-step", layer("PriorBox", "prior_box_param { min_size: 3 step: 8 offset: 0.25 flip: false aspect_ratio: 2 "
         "variance: 0.3 clip: false }",
         ("x", "z")), small)


def reductions():
    x = {"x": uniform(2, 6, 4, 5)}
    for op, f in (("SUM", np.sum), ("ASUM", lambda a, ax: np.abs(a).sum(ax)), ("SUMSQ", lambda a, ax: (a * a).sum(ax)),
                  ("MEAN", np.mean)):
        case("reduction-" + op.lower(), layer("Reduction", "reduction_param { operation: %s axis: 2 coeff: 0.5 }" % op), x,
             oracle=lambda x: [0.5 * f(x, (2, 3))])
    case("reduction-all", layer("Reduction"), x, oracle=lambda x: [x.sum()])
    # Whole numbers, so that equal elements occur: of those Caffe takes the last.
    n = {"x": R.randint(0, 4, (2, 6, 4, 5)).astype("f")}

    def top(x, axis, k):
        size = x.shape[axis]
        order = np.argsort(-np.flip(x, axis), axis, kind="stable").take(range(k), axis)
        places = size - 1 - order
        return places, np.take_along_axis(x, places, axis)

    case("argmax-axis", layer("ArgMax", "argmax_param { axis: 1 }"), n, oracle=lambda x: [top(x, 1, 1)[0]])
    case("argmax-axis-values", layer("ArgMax", "argmax_param { axis: -1 top_k: 2 out_max_val: true }"), n,
         oracle=lambda x: [top(x, 3, 2)[1]])
    case("argmax", layer("ArgMax", "argmax_param { top_k: 3 }"), n,
         oracle=lambda x: [top(x.reshape(2, -1), 1, 3)[0].reshape(2, 1, 3, 1)])
    case("argmax-both", layer("ArgMax", "argmax_param { top_k: 2 out_max_val: true }"), n, oracle=lambda x: [
        np.stack(top(x.reshape(2, -1), 1, 2), 1).reshape(2, 2, 2, 1)])
    table, bias = uniform(7, 3), uniform(3)
    case("embed", layer("Embed", "embed_param { input_dim: 7 num_output: 3 }"), {"x": R.randint(0, 7, (2, 5)).astype("f")},
         {"l": [table, bias]}, oracle=lambda x: [table[x.astype(int)] + bias])


def nets():
    """Whole nets: in-place layers, layers of training, and version 1."""
    x = {"x": uniform(2, 3, 8, 8)}
    w = {"c1": [uniform(4, 3, 3, 3), uniform(4)], "p1": [uniform(4)], "f1": [uniform(5, 36), uniform(5)]}
    trunk = (
        layer("Convolution", "convolution_param { num_output: 4 kernel_size: 3 }", ("x",), ("c1",), "c1")
        + layer("PReLU", "", ("c1",), ("c1",), "p1")
        + layer("Pooling", "pooling_param { kernel_size: 2 stride: 2 }", ("c1",), ("q",), "q")
        + layer("Dropout", "include { phase: TRAIN } dropout_param { dropout_ratio: 0.9 }", ("q",), ("q",), "d")
        + layer("InnerProduct", "param { lr_mult: 1 } inner_product_param { num_output: 5 weight_filler { type: \"xavier\" } }",
                ("q",), ("y",), "f1")
    )
    case("net-inplace", trunk, x, w)
    train = trunk + layer("Data", "include { phase: TRAIN } data_param { source: \"db\" batch_size: 2 }", (), ("x", "label"), "data") \
        + layer("SoftmaxWithLoss", "include { phase: TRAIN }", ("y", "label"), ("loss",), "loss") \
        + layer("Softmax", "include { phase: TEST stage: \"other\" }", ("y",), ("z",), "z")
    logits = opencv('name: "n"\n' + inputs_text(x) + trunk, model(w), x, ("y",))["y"]
    case("net-phases", train, x, w, oracle=lambda x: [logits])
    numbers = {"c1": 4, "r1": 18, "q": 17, "f1": 14, "y": 20}
    old = """
layers { name: "c1" type: CONVOLUTION bottom: "x" top: "c1" blobs_lr: 1 convolution_param { num_output: 4 kernel_size: 3 } }
layers { name: "r1" type: RELU bottom: "c1" top: "c1" }
layers { name: "q" type: POOLING bottom: "c1" top: "q" pooling_param { pool: AVE kernel_size: 3 stride: 2 } }
layers { name: "f1" type: INNER_PRODUCT bottom: "q" top: "f1" inner_product_param { num_output: 5 } }
layers { name: "y" type: SOFTMAX bottom: "f1" top: "y" }
"""
    v = {"c1": w["c1"], "f1": w["f1"]}
    data = b"".join(
        field(2, field(4, n) + field(5, numbers[n]) + b"".join(field(6, blob(b, legacy=True)) for b in v.get(n, [])))
        for n in numbers
    )
    case("net-version1", old, x, binary=data)


def photographs(shared):
    """Crops of a photograph and what the nets of MTCNN say of them. The nets want
    RGB, width first."""
    image = cv2.imread(os.path.join(shared, "models/face-api/sample1.jpg"))[:, :, ::-1]
    at = (0, 0, min(image.shape[:2]))
    folder = os.path.join(shared, "models/caffe-mtcnn-face")
    out = {}
    for name, size, count in (("det1", 12, 4), ("det2", 24, 3), ("det3", 48, 2)):
        crops = []
        for i in range(count):
            side = at[2] // (i + 1)
            y, x = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
            crops.append(cv2.resize(image[y : y + side, x : x + side], (size, size), interpolation=cv2.INTER_AREA))
        if name == "det1":  # fully convolutional
            crops = [cv2.resize(image, (40, 30), interpolation=cv2.INTER_AREA)]
        u = np.stack(crops).transpose(0, 3, 2, 1)
        net = cv2.dnn.readNetFromCaffe(os.path.join(folder, name + ".prototxt"), os.path.join(folder, name + ".caffemodel"))
        net.setInput((u.astype("f") - 127.5) * 0.0078125)
        names = net.getUnconnectedOutLayersNames()
        out[name + ".in"] = u
        for k, v in zip(names, net.forward(names)):
            out[name + ".out." + k] = v
    safetensors(os.path.join(HERE, "mtcnn.safetensors"), out)


if __name__ == "__main__":
    for f in (convolutions, pooling, activations, normalizations, shapes, reductions, nets):
        f()
    safetensors(os.path.join(HERE, "layers.safetensors"), CASES)
    if len(sys.argv) > 1:
        photographs(sys.argv[1])
