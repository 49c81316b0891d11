"""Windows, spectra and dropout: what the published cases leave out.

    python signals.py      # signals.json.gz
"""

import numpy as np
from onnx import TensorProto
from record import Recorder

r = Recorder(__file__, 5)
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


case("HannWindow", 17, [np.int64(10)])
case("HammingWindow", 17, [np.int64(9)], periodic=0)
case("BlackmanWindow", 17, [np.int32(8)], output_datatype=TensorProto.DOUBLE)
case("MelWeightMatrix", 17, [np.int64(8), np.int64(64), np.int64(8192), np.float32(100), np.float32(4000)])


def complexes(x):
    return x[..., 0] + 1j * x[..., 1] if x.shape[-1] == 2 else x[..., 0]


def pairs(y):
    return np.stack([y.real, y.imag], -1).astype(np.float32)


for n, axis in [(None, 1), (5, 1), (12, -2), (7, 2)]:
    length = None if n is None else np.int64(n)
    at = axis % 4
    x = r.floats(2, 9, 4, 1)
    y = np.fft.fft(complexes(x), n, axis=at)
    case("DFT", 17, [x, length], axis=axis, want=[pairs(y)], grad=True)
    m = (n or x.shape[at]) // 2 + 1
    case("DFT", 20, [x, length, np.int64(axis)], onesided=1, want=[pairs(np.take(y, range(m), at))], grad=True)
    x = r.floats(2, 9, 4, 2)
    case("DFT", 17, [x, length], axis=axis, inverse=1, want=[pairs(np.fft.ifft(complexes(x), n, axis=at))], grad=True)
for n in (None, 6, 7, 9):
    x = r.floats(2, 4, 2)
    y = np.fft.irfft(complexes(x), n, axis=1)[..., None].astype(np.float32)
    case("DFT", 20, [x, n and np.int64(n), np.int64(1)], inverse=1, onesided=1, want=[y], grad=True)

case("STFT", 17, [r.floats(2, 40, 1), np.int64(7), r.floats(10)], grad=True)
case("STFT", 17, [r.floats(2, 40, 1), np.int64(7), None, np.int64(9)], onesided=0)
case("STFT", 17, [r.floats(1, 20, 2), np.int64(3), r.floats(8)], onesided=0, grad=True)

x = r.floats(2, 3)
case("Dropout", 1, [x], want=[x], is_test=1)
case("Dropout", 7, [x], ratio=0.3)
case("Dropout", 10, [x], 2, ratio=0.3, want=[x, np.ones((2, 3), bool)])  # ONNX Runtime says that nothing is kept
case("Dropout", 12, [x, np.float32(0.9), np.array(False)], 2)
case("Dropout", 13, [x, np.float32(0), np.array(True)], 2, want=[x, np.ones((2, 3), bool)])

r.write()
