"""Quantization, and products and convolutions of bytes: what the published cases
leave out.

    python quantized.py      # writes quantized.json.gz
"""

import ml_dtypes
import numpy as np
from onnx import TensorProto
from record import Recorder

r = Recorder(__file__, 5)
ref = dict(by="reference")
u8, i8, i32, f16 = np.uint8, np.int8, np.int32, np.float16


def scales(*shape, dtype=np.float32):
    return (r.ints(*shape, low=1, high=16) / 32).astype(dtype)


def bytes_of(*shape, dtype=u8):
    low = 0 if dtype == u8 else -128
    return r.ints(*shape, low=low, high=low + 256, dtype=dtype)


x = r.floats(3, 4, 5, low=-30, high=30)
for dtype in (u8, i8, np.int16, np.uint16):
    name = np.dtype(dtype).name
    info = np.iinfo(dtype)
    zero = r.ints(4, low=info.min // 2, high=info.max // 2, dtype=dtype)
    r.add(f"quantize-axis-{name}", "QuantizeLinear", 21, [x, scales(4), zero])
    r.add(f"dequantize-axis-{name}", "DequantizeLinear", 21, [r.ints(3, 4, 5, low=info.min, high=info.max, dtype=dtype), scales(4), zero])
r.add("quantize-all", "QuantizeLinear", 10, [x * 16, np.float32(0.5), np.uint8(3)])
r.add("quantize-ties", "QuantizeLinear", 13, [np.arange(-9, 9, dtype=np.float32) / 2, np.float32(1)])
r.add("quantize-int32", "QuantizeLinear", 13, [r.ints(4, 3, low=-900, high=900, dtype=i32), np.float32(2.5), np.int8(7)], **ref)
r.add("quantize-last-axis", "QuantizeLinear", 13, [x, scales(5), bytes_of(5)], axis=-1)
r.add("quantize-half", "QuantizeLinear", 21, [x.astype(f16), f16(0.25), np.uint8(100)])
r.add("quantize-precision", "QuantizeLinear", 23, [x, f16(0.3)], output_dtype=TensorProto.INT8, precision=TensorProto.FLOAT, **ref)
r.add("quantize-output-type", "QuantizeLinear", 21, [x, np.float32(1 / 128)], output_dtype=TensorProto.INT16)
r.add("quantize-blocks", "QuantizeLinear", 21, [x, scales(3, 4, 3), bytes_of(3, 4, 3, dtype=i8)], axis=2, block_size=2)
r.add("dequantize-blocks", "DequantizeLinear", 21, [bytes_of(3, 5, 2), scales(3, 2, 2), bytes_of(3, 2, 2)], axis=1, block_size=3)
for kind in ("int4", "uint4"):
    dtype = getattr(ml_dtypes, kind)
    low = -8 if kind == "int4" else 0
    zero = r.ints(4, low=low, high=low + 16).astype(dtype)
    r.add(f"quantize-{kind}", "QuantizeLinear", 21, [x, scales(4) * 8, zero], **ref)
    r.add(f"dequantize-{kind}", "DequantizeLinear", 21, [r.ints(3, 4, 5, low=low, high=low + 16).astype(dtype), scales(4), zero], **ref)
for kind, elem in (("float8_e4m3fn", 17), ("float8_e4m3fnuz", 18), ("float8_e5m2", 19), ("float8_e5m2fnuz", 20)):
    dtype = getattr(ml_dtypes, kind)
    far = np.array([-1e6, -500, -250, -1, -0.001, 0, 0.01, 3, 230, 460, 5e4, 7e4, np.inf, np.nan], np.float32)
    for saturate in (0, 1):
        if saturate == 0 and "e4m3" in kind:
            far = far[1:-3]
        r.add(f"quantize-{kind}-{saturate}", "QuantizeLinear", 19, [far, np.float32(1), np.zeros((), dtype)], saturate=saturate, **ref)
    r.add(f"dequantize-{kind}", "DequantizeLinear", 19, [np.arange(-8, 8).astype(np.float32).astype(dtype), np.float32(0.5)], **ref)
r.add("dequantize-int32", "DequantizeLinear", 10, [r.ints(2, 3, low=-2**30, high=2**30, dtype=i32), np.float32(0.001)])
r.add("dequantize-half", "DequantizeLinear", 19, [bytes_of(2, 3), f16(0.1), np.uint8(100)])
r.add("dequantize-output-type", "DequantizeLinear", 23, [bytes_of(2, 3), np.float32(0.1), np.uint8(100)], output_dtype=TensorProto.FLOAT16, **ref)
r.add("dynamic", "DynamicQuantizeLinear", 11, [x], 3)
r.add("dynamic-zeros", "DynamicQuantizeLinear", 11, [np.zeros((2, 2), np.float32)], 3)

a, b = bytes_of(3, 70), bytes_of(70, 6, dtype=i8)
r.add("matmul-plain", "MatMulInteger", 10, [a, b])
r.add("matmul-zeros", "MatMulInteger", 10, [a, b, np.uint8(120), np.int8(-7)])
r.add("matmul-uint8", "MatMulInteger", 10, [a, bytes_of(70, 6), np.uint8(120), np.uint8(90)])
r.add("matmul-int8", "MatMulInteger", 10, [bytes_of(3, 5, dtype=i8), bytes_of(5, 4), np.int8(3), np.uint8(9)], **ref)
r.add("matmul-columns", "MatMulInteger", 10, [a, b, np.uint8(120), bytes_of(6, dtype=i8)])
r.add("matmul-known", "MatMulInteger", 10, [a, b, np.uint8(120), np.int8(5)], fixed=(1, 2, 3))
r.add("matmul-batch", "MatMulInteger", 10, [bytes_of(2, 3, 5), bytes_of(2, 5, 4), np.uint8(3), np.uint8(9)])

A, B = bytes_of(4, 5), bytes_of(5, 3)
r.add("qlinearmatmul", "QLinearMatMul", 10, [A, np.float32(0.1), np.uint8(99), B, np.float32(0.2), np.uint8(130), np.float32(3.5), np.uint8(128)])
s, z, t, w = scales(4), bytes_of(4), scales(3), bytes_of(3)  # ONNX Runtime has no scales for rows
product = (A.astype(i32) - z.reshape(4, 1)) @ (B.astype(i32) - w)
y = np.clip(np.rint(product * (s.reshape(4, 1) * t / np.float32(3.5))) + 128, 0, 255).astype(u8)
r.add("qlinearmatmul-rows", "QLinearMatMul", 21, [A, s, z, B, t, w, np.float32(3.5), np.uint8(128)], by="formula", want=[y])
r.add("matmul-rows", "MatMulInteger", 10, [A, B, z, w], by="formula", want=[product])
r.add("qlinearmatmul-batch", "QLinearMatMul", 10,
      [bytes_of(2, 4, 5), np.float32(0.1), np.uint8(99), bytes_of(2, 5, 3), np.float32(0.2), np.uint8(130), np.float32(3.5), np.uint8(128)])

X = bytes_of(2, 4, 6, 5)
r.add("conv-zeros", "ConvInteger", 10, [X, bytes_of(3, 4, 3, 3), np.uint8(7), np.uint8(200)], pads=[1, 0, 1, 1], strides=[2, 1])
r.add("conv-groups", "ConvInteger", 10, [X, bytes_of(4, 2, 2, 2), np.uint8(130), np.uint8(120)], group=2, auto_pad="SAME_UPPER")
r.add("conv-pointwise", "ConvInteger", 10, [X, bytes_of(3, 4, 1, 1), np.uint8(130), np.uint8(120)], strides=[2, 2])
extreme = np.full((1, 300, 2, 2), 255, u8), np.full((1, 300, 2, 2), 255, u8)
r.add("conv-far-sums", "ConvInteger", 10, list(extreme))
r.add("conv-far-groups", "ConvInteger", 10, [np.full((1, 600, 1, 2), 255, u8), np.full((2, 300, 1, 2), 255, u8)], group=2)


def qconv(name, x, w, dtype=u8, wtype=i8, per=False, bias=True, by="onnxruntime", fixed=(), **kw):
    m = w[0]
    zero = lambda d: np.array(r.ints(low=0, high=60), d)
    ins = [bytes_of(*x, dtype=dtype), np.float32(0.05), zero(dtype), bytes_of(*w, dtype=wtype)]
    ins += [scales(m) / 8, np.zeros(m, wtype)] if per else [np.float32(0.02), zero(wtype)]
    ins += [np.float32(0.7), zero(dtype)] + ([r.ints(m, low=-5000, high=5000, dtype=i32)] if bias else [])
    r.add("qlinearconv-" + name, "QLinearConv", 10, ins, by=by, fixed=fixed, **kw)


qconv("per-channel", (2, 3, 6, 5), (4, 3, 3, 3), per=True, pads=[1, 1, 1, 1])
qconv("known", (2, 3, 6, 5), (4, 3, 3, 3), per=True, pads=[1, 1, 1, 1], fixed=range(1, 9))
qconv("depthwise", (1, 4, 6, 5), (4, 1, 3, 3), wtype=u8, group=4, strides=[2, 2], fixed=range(1, 9))
qconv("pointwise", (2, 6, 3, 4), (5, 6, 1, 1), per=True, fixed=range(1, 9))
qconv("int8", (1, 3, 5, 5), (2, 3, 2, 2), dtype=i8, bias=False)
qconv("1d", (1, 3, 9), (2, 3, 3), wtype=u8, dilations=[2])

r.write()
