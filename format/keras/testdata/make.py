"""Makes what the tests compare with: small models with random weights, and what
Keras computes with them.

    python make.py 2     with TensorFlow 2.15.1 (Keras 2.15.0)
    python make.py 3     with Keras 3.15.1 and the torch back end

layersN.json.gz holds, for each case, the JSON of a model, its weights by name, its
inputs and its outputs; numbers are little-endian in base64. modelN.h5.gz and
modelN.keras are one model as files, and modelN.json.gz its input and output."""
import base64, gzip, json, os, sys, zipfile

VERSION = sys.argv[1]
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "torch"
import numpy as np

if VERSION == "2":
    from tensorflow import keras
else:
    import keras
L = keras.layers
here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(7)
keras.utils.set_random_seed(7)


def encode(a):
    a = np.ascontiguousarray(np.asarray(a))
    return {"type": a.dtype.name, "dims": list(a.shape), "data": base64.b64encode(a.tobytes()).decode()}


def plain(w):
    """The name of a variable, with the way to it."""
    return w.name.split(":")[0] if VERSION == "2" else w.path


def randomize(m):
    for w in m.weights:
        v = np.round(rng.standard_normal(w.shape).astype("f4") * 6) / 16
        if "variance" in w.name: v = np.abs(v) + 0.5
        if "count" in w.name: v = np.asarray(3)
        w.assign(v.astype(np.asarray(w).dtype))
    for l in m.layers:
        if hasattr(l, "finalize_state"): l.finalize_state()


def draw(t):
    dims = [2] + [5 if d is None else d for d in t.shape[1:]]
    name = str(t.dtype.name if VERSION == "2" else t.dtype)
    if name.startswith("int"): return rng.integers(0, 4, dims).astype(name)
    if name == "uint8": return rng.integers(0, 256, dims).astype(name)
    return (np.round(rng.standard_normal(dims) * 24) / 16).astype("f4")


def short(a):
    """a with the 16 first bits of its fractions."""
    a = np.asarray(a, "f4")
    return ((a.view("u4") + 0x40) & 0xffffff80).view("f4")


def record(name, m):
    randomize(m)
    ins = [draw(t) for t in m.inputs]
    outs = m.predict(ins if len(ins) > 1 else ins[0], verbose=0)
    outs = outs if isinstance(outs, (list, tuple)) else [outs]
    return {"name": name, "config": json.loads(m.to_json()),
            "weights": {plain(w): encode(w.numpy() if VERSION == "2" else keras.ops.convert_to_numpy(w)) for w in m.weights},
            
            "inputs": {(t.name.split(":")[0]): encode(v) for t, v in zip(m.inputs, ins)}, "outputs": [encode(short(o)) for o in outs]}


cases = []


def seq(name, shape, *layers, dtype=None):
    cases.append(record(name, keras.Sequential([keras.Input(shape, dtype=dtype), *layers])))


def fun(name, f, *shapes):
    ins = [keras.Input(s, name="in%d" % i) for i, s in enumerate(shapes)]
    cases.append(record(name, keras.Model(ins, f(*ins))))


def convolutions():
    for n, shape in ((1, (9,)), (2, (6, 7)), (3, (3, 5, 4))):
        conv, up = getattr(L, "Conv%dD" % n), getattr(L, "Conv%dDTranspose" % n)
        seq("conv%d" % n, (*shape, 3), conv(4, 3, activation="relu"))
        seq("conv%d-same-2" % n, (*shape, 3), conv(4, 3, strides=2, padding="same"))
        seq("conv%d-even" % n, (*shape, 3), conv(2, 2, padding="same", use_bias=False))
        seq("conv%d-dilated" % n, (*shape, 2), conv(2, 2, dilation_rate=2, padding="same"))
        seq("convtranspose%d" % n, (*shape, 2), up(3, 3, strides=2, padding="same"))
        seq("convtranspose%d-valid" % n, (*shape, 2), up(3, 3, strides=2, activation="tanh"))
        pool = [getattr(L, "%sPooling%dD" % (k, n)) for k in ("Max", "Average", "GlobalMax", "GlobalAverage")]
        for k, p in zip(("max", "mean"), pool):
            seq("%spool%d" % (k, n), (*shape, 3), p(2))
            seq("%spool%d-same" % (k, n), (*shape, 3), p(3, strides=2, padding="same"))
        seq("global-max%d" % n, (*shape, 3), pool[2]())
        seq("global-mean%d" % n, (*shape, 3), pool[3](keepdims=True))
        seq("up%d" % n, (*shape, 3), getattr(L, "UpSampling%dD" % n)(2))
        seq("zeros%d" % n, (*shape, 3), getattr(L, "ZeroPadding%dD" % n)(2))
        seq("crop%d" % n, (*shape, 3), getattr(L, "Cropping%dD" % n)(1))
    seq("conv1-causal", (9, 3), L.Conv1D(4, 3, dilation_rate=2, padding="causal"))
    seq("conv2-groups", (6, 6, 4), L.Conv2D(6, 3, groups=2))
    seq("conv2-any-size", (None, None, 3), L.Conv2D(4, 3, strides=2, padding="same"), L.GlobalAveragePooling2D())
    seq("conv2-uneven", (9, 8, 2), L.Conv2D(3, (3, 2), strides=(2, 1), padding="same"))
    seq("convtranspose2-wide", (4, 4, 2), L.Conv2DTranspose(3, 2, strides=3))
    seq("convtranspose2-wide-same", (4, 4, 2), L.Conv2DTranspose(3, 2, strides=3, padding="same"))
    seq("convtranspose2-even", (4, 4, 2), L.Conv2DTranspose(3, 4, strides=2, padding="same"))
    seq("convtranspose2-extra", (4, 4, 2), L.Conv2DTranspose(3, 3, strides=2, padding="same", output_padding=1))
    seq("depthwise1", (9, 3), L.DepthwiseConv1D(3, depth_multiplier=2, padding="same"))
    seq("depthwise2", (9, 8, 3), L.DepthwiseConv2D(3, depth_multiplier=2, strides=2, activation="relu6"))
    seq("separable1", (9, 3), L.SeparableConv1D(4, 3, depth_multiplier=2))
    seq("separable2", (9, 8, 3), L.SeparableConv2D(4, 3, depth_multiplier=2, padding="same", activation="elu"))
    seq("up2-bilinear", (4, 5, 3), L.UpSampling2D((2, 3), interpolation="bilinear"))
    seq("zeros2-uneven", (4, 5, 3), L.ZeroPadding2D(((1, 2), (0, 3))))
    seq("crop2-uneven", (6, 7, 3), L.Cropping2D(((1, 2), (0, 3))))
    seq("crop1-pair", (6, 3), L.Cropping1D((1, 2)))


def norms():
    seq("batchnorm", (5, 4, 3), L.BatchNormalization())
    seq("batchnorm-flat", (6,), L.BatchNormalization(scale=False, epsilon=0.01))
    seq("batchnorm-axis", (5, 4, 3), L.BatchNormalization(axis=2, center=False))
    seq("layernorm", (5, 6), L.LayerNormalization())
    seq("layernorm-axes", (5, 4, 3), L.LayerNormalization(axis=(2, 3), epsilon=1e-5))
    seq("layernorm-plain", (5, 6), L.LayerNormalization(center=False, scale=False))
    seq("rescaling", (4, 4, 3), L.Rescaling(1 / 127.5, offset=-1))
    seq("rescaling-bytes", (4, 4, 3), L.Rescaling(1 / 255), dtype="uint8")
    seq("normalization", (4, 3), L.Normalization())
    seq("normalization-given", (4, 3), L.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 1.0, 0.25]))
    seq("normalization-one", (4, 3), L.Normalization(mean=1.5, variance=4.0, axis=None))


def activations():
    names = ("relu relu6 leaky_relu elu celu selu sigmoid tanh exponential softplus softsign softmax log_softmax hard_sigmoid swish silu "
             "hard_silu hard_swish gelu mish linear hard_tanh tanh_shrink soft_shrink hard_shrink log_sigmoid squareplus sparse_plus "
             "sparse_sigmoid glu sparsemax")
    for name in names.split():
        try: keras.activations.get(name)
        except ValueError: continue
        seq("activation-" + name, (3, 6), L.Activation(name))
    seq("relu-bounded", (6,), L.ReLU(max_value=1.0, negative_slope=0.1, threshold=0.5))
    seq("relu-6", (6,), L.ReLU(6.0))
    seq("relu-slope", (6,), L.ReLU(negative_slope=0.1))
    seq("leaky", (6,), L.LeakyReLU(0.15))
    seq("prelu", (4, 3), L.PReLU())
    seq("prelu-shared", (4, 4, 3), L.PReLU(shared_axes=[1, 2]))
    seq("elu", (6,), L.ELU(0.7))
    seq("softmax", (4, 3), L.Softmax(axis=1))
    if VERSION == "2": seq("thresholded", (6,), L.ThresholdedReLU(0.4))


def shapes():
    seq("dense", (6,), L.Dense(4, activation="softmax"))
    seq("dense-rows", (5, 6), L.Dense(4, use_bias=False))
    seq("flatten", (2, 3, 4), L.Flatten(), L.Dense(2))
    seq("reshape", (2, 6), L.Reshape((3, -1, 2)))
    seq("permute", (2, 3, 4), L.Permute((3, 1, 2)))
    seq("repeat", (3,), L.RepeatVector(4))
    seq("dropouts", (5, 3), L.Dropout(0.5), L.SpatialDropout1D(0.2), L.GaussianNoise(1.0), L.Dense(2))
    seq("embedding", (7,), L.Embedding(4, 3), dtype="int32")
    seq("embedding-float", (7,), L.Embedding(4, 3), L.Flatten(), dtype="int32")


def merges():
    a, b = (4, 3), (4, 3)
    for name in ("Add", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Subtract"):
        fun(name.lower(), lambda x, y, k=name: getattr(L, k)()([x, y]), a, b)
    fun("add-three", lambda x, y, z: L.Add()([x, y, z]), a, b, a)
    fun("add-wide", lambda x, y: L.Add()([x, y]), (4, 1), (4, 3))
    fun("concat-axis", lambda x, y: L.Concatenate(axis=1)([x, y]), (2, 3), (4, 3))
    fun("dot", lambda x, y: L.Dot(axes=1)([x, y]), (5,), (5,))
    fun("dot-cosine", lambda x, y: L.Dot(axes=1, normalize=True)([x, y]), (5,), (5,))
    fun("dot-matrix", lambda x, y: L.Dot(axes=(2, 1))([x, y]), (4, 3), (3, 5))
    fun("dot-columns", lambda x, y: L.Dot(axes=(1, 2))([x, y]), (4, 3), (5, 4))
    fun("dot-mixed", lambda x, y: L.Dot(axes=(2, 1))([x, y]), (4, 3), (3,))
    fun("plus", lambda x, y: (x + y) * 2.0, a, b)
    two = keras.Input((3,), name="in0")
    d = L.Dense(3, name="shared")
    cases.append(record("shared", keras.Model(two, [d(d(two)), two])))


def recurrent():
    for name in ("SimpleRNN", "GRU", "LSTM"):
        k = getattr(L, name)
        seq(name.lower(), (5, 3), k(4))
        seq(name.lower() + "-sequence", (None, 3), k(4, return_sequences=True))
        seq(name.lower() + "-backwards", (5, 3), k(4, return_sequences=True, go_backwards=True, use_bias=False))
        seq("both-" + name.lower(), (5, 3), L.Bidirectional(k(4, return_sequences=True)))
        fun(name.lower() + "-state", lambda x, k=k: k(4, return_state=True)(x), (5, 3))
    seq("gru-before", (5, 3), L.GRU(4, reset_after=False, return_sequences=True))
    seq("lstm-hard", (5, 3), L.LSTM(4, activation="relu", recurrent_activation="hard_sigmoid"))
    for mode in ("sum", "mul", "ave"):
        seq("both-" + mode, (5, 3), L.Bidirectional(L.LSTM(4), merge_mode=mode))
    fun("both-none", lambda x: L.Bidirectional(L.GRU(4, return_sequences=True), merge_mode=None)(x), (5, 3))
    fun("lstm-from", lambda x, h, c: L.LSTM(4)(x, initial_state=[h, c]), (5, 3), (4,), (4,))
    seq("each-dense", (5, 3), L.TimeDistributed(L.Dense(4, activation="tanh")))
    seq("each-conv", (3, 6, 6, 2), L.TimeDistributed(L.Conv2D(3, 3)), L.TimeDistributed(L.MaxPooling2D(2)), L.TimeDistributed(L.Flatten()))
    seq("each-conv-any", (None, 6, 6, 2), L.TimeDistributed(L.Conv2D(3, 3)), L.TimeDistributed(L.GlobalMaxPooling2D()))


def channels_first():
    """What TensorFlow does not compute on a CPU."""
    if VERSION == "2": return
    first = dict(data_format="channels_first")
    seq("first-conv", (3, 6, 7), L.Conv2D(4, 3, strides=2, padding="same", **first), L.BatchNormalization(axis=1), L.PReLU(shared_axes=[2, 3]))
    seq("first-conv1", (3, 9), L.Conv1D(4, 3, **first), L.MaxPooling1D(2, **first))
    seq("first-depthwise", (3, 6, 7), L.DepthwiseConv2D(3, **first), L.AveragePooling2D(2, padding="same", **first))
    seq("first-separable", (3, 6, 7), L.SeparableConv2D(4, 3, **first), L.GlobalMaxPooling2D(**first))
    seq("first-transpose", (3, 4, 4), L.Conv2DTranspose(2, 3, strides=2, **first), L.GlobalAveragePooling2D(keepdims=True, **first))
    seq("first-around", (3, 4, 5), L.ZeroPadding2D(((1, 2), (0, 3)), **first), L.Cropping2D(((0, 1), (2, 0)), **first), L.UpSampling2D(2, **first))
    seq("first-flatten", (3, 2, 4), L.Flatten(**first), L.Dense(2))


def nested():
    def block(name, n=3):
        i = keras.Input((n,))
        return keras.Model(i, L.Dense(n, activation="tanh")(L.Add()([L.Dense(n)(i), i])), name=name)
    inner = block("inner")
    fun("nested", lambda x, y: L.Concatenate()([inner(x), inner(y)]), (3,), (3,))
    seq("nested-sequential", (8, 8, 2), keras.Sequential([L.Conv2D(3, 3), L.BatchNormalization(), L.ReLU()]), L.Flatten(), L.Dense(2))
    deep = keras.Sequential([block("a"), block("b")], name="deep")
    fun("nested-deep", lambda x: L.Dense(2)(deep(x)), (3,))
    each = block("each")
    fun("each-model", lambda x: L.TimeDistributed(each)(x), (4, 3))


def whole():
    """One model as files."""
    i = keras.Input((12, 10, 3), name="image")
    x = L.Conv2D(4, 3, name="first", activation="relu")(i)
    x = L.BatchNormalization()(x)
    x = keras.Sequential([keras.Input((10, 8, 4)), L.SeparableConv2D(3, 3), L.Dropout(0.5), L.Conv2D(2, 1)], name="inner")(x)
    x = L.Reshape((48, 2))(x)
    y = L.Bidirectional(L.LSTM(3, return_sequences=True))(x)
    z = L.TimeDistributed(L.Dense(6))(L.GRU(3, return_sequences=True, dropout=0.1)(x))
    x = L.GlobalAveragePooling1D()(L.Add()([y, z]))
    x = L.Normalization()(L.PReLU()(x))
    m = keras.Model(i, L.Dense(5, activation="softmax", name="answer")(x))
    r = record("whole", m)
    write("model%s.json" % VERSION, {"inputs": r["inputs"], "outputs": r["outputs"]})
    path = os.path.join(here, "model%s" % VERSION)
    m.save(path + ".h5")
    with open(path + ".h5", "rb") as f: data = f.read()
    os.remove(path + ".h5")
    with open(path + ".h5.gz", "wb") as f: f.write(gzip.compress(data, 9, mtime=0))
    m.save(path + ".keras")
    with zipfile.ZipFile(path + ".keras") as z: parts = {n: z.read(n) for n in z.namelist()}
    with open(path + ".keras", "rb") as f: data = f.read()
    os.remove(path + ".keras")
    with open(path + ".keras.gz", "wb") as f: f.write(gzip.compress(data, 9, mtime=0))


def many():
    """So many layers that Keras cuts the list of their names in two."""
    if VERSION != "2": return
    name = "a-layer-with-a-name-that-is-longer-than-anybody-would-like-it-to-be-" * 6
    m = keras.Sequential([keras.Input((3,)), *[L.Activation("linear", name=name + str(i)) for i in range(160)], L.Dense(2)])
    r = record("many", m)
    write("many.json", {"inputs": r["inputs"], "outputs": r["outputs"]})
    path = os.path.join(here, "many.h5")
    m.save(path)
    with open(path, "rb") as f: data = f.read()
    os.remove(path)
    assert b"layer_names0" in data
    with open(path + ".gz", "wb") as f: f.write(gzip.compress(data, 9, mtime=0))


def write(name, value):
    with open(os.path.join(here, name + ".gz"), "wb") as f:
        f.write(gzip.compress(json.dumps(value, sort_keys=True).encode(), 9, mtime=0))


for part in (convolutions, norms, activations, shapes, merges, recurrent, channels_first, nested)[0 if VERSION == "2" else 2:]: part()
write("layers%s.json" % VERSION, cases)
print(len(cases), "cases")
many()
whole()
