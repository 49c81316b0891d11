"""Elementwise operators and conversions: versions, types and corners that the
published cases leave out.

    python elementwise.py      # elementwise.json.gz
"""

import ml_dtypes
import numpy as np
from onnx import TensorProto as T
from record import Recorder

r = Recorder(__file__, 6)
count = {}
inf, nan = np.inf, np.nan
odd = np.float32([0, -0.0, 1, -1, 0.5, -0.5, 1e-6, -1e-6, 3, -3, 20, -20, 88.5, -100, 1e30, -1e30, inf, -inf, nan])


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


x = r.floats(2, 3, 4)
near = r.floats(3, 5, low=-1, high=1) * np.float32(0.9)

# One operand: ordinary numbers with the gradient, odd numbers, other types.
smooth = "Exp Tanh Sinh Cosh Sin Cos Tan Asinh Atan Erf Sigmoid Softplus Softsign Mish Gelu Swish Elu Celu Selu LeakyRelu Relu HardSwish Abs Neg".split()
first = dict(Mish=18, Gelu=20, Swish=24, HardSwish=14, Celu=12, Sinh=9, Cosh=9, Asinh=9, Erf=9, Sign=9, Round=11, ThresholdedRelu=10, Shrink=9)
for op in smooth:
    case(op, first.get(op, 7), [x if op != "Tan" else near], grad=True)
for op in "Asin Acos".split():
    case(op, 7, [near], grad=True)
    case(op, 22, [np.float64([-1, 1, 1.5, nan, 0])])
case("Atanh", 9, [near], grad=True)
case("Atanh", 22, [np.float32([-1, 1, 1.5, nan, 0, 1e-6])], want=[np.arctanh(np.float32([-1, 1, 1.5, nan, 0, 1e-6]))])
case("Acosh", 9, [r.floats(4, low=2, high=5)], grad=True)
high = np.float32([1, 0.5, -2, 1.0001, 1e30, inf, nan])
case("Acosh", 22, [high], want=[np.arccosh(high.astype(np.float64)).astype(np.float32)])
for op in "Sqrt Log Reciprocal".split():
    case(op, 6, [r.floats(5, low=1, high=3)], grad=True)
for op in "Abs Neg Sign Ceil Floor Round Sqrt Reciprocal Exp Log Tanh Sigmoid Relu Erf IsNaN IsInf".split():
    case(op, 13 if op != "Round" else 11, [odd])
for op, f in dict(Asinh=np.arcsinh, Sinh=np.sinh, Cosh=np.cosh, Atan=np.arctan).items():
    case(op, 9, [odd], want=[f(odd.astype(np.float64)).astype(np.float32)])
for op in "Softplus Softsign Elu LeakyRelu HardSigmoid Selu ThresholdedRelu".split():
    case(op, first.get(op, 7), [odd[:-5]])
for op in "Abs Neg Sign Ceil Floor Sqrt Exp Tanh Sin Erf Sigmoid Relu Reciprocal".split():
    case(op, 13, [r.floats(6, low=1, high=3, dtype=np.float16)])
    case(op, 13, [r.floats(6, low=1, high=3, dtype=np.float64)])
case("Round", 22, [np.float32([0.5, 1.5, 2.5, -0.5, -1.5, 2.4999])])
for d in (np.int8, np.int32, np.int64):
    whole = np.array([0, 5, -7, np.iinfo(d).min], d)
    for op in "Abs Neg Sign".split():
        case(op, 13, [whole])
case("Sign", 13, [np.uint64([0, 2**63])])
case("Relu", 14, [np.int32([-3, 0, 3])])
case("Erf", 13, [np.int32([-1, 0, 3])], want=[np.int32([0, 0, 0])])
case("BitwiseNot", 18, [np.uint8([0, 200])])
case("Not", 1, [np.array([True, False])])

# Their attributes.
for op, kw in (("Elu", dict(alpha=0.3)), ("Celu", dict(alpha=0.3)), ("Celu", dict(alpha=2.0)), ("Selu", dict(alpha=1.5, gamma=2.0)),
               ("LeakyRelu", dict(alpha=0.2)), ("ThresholdedRelu", dict(alpha=0.7)), ("HardSigmoid", dict(alpha=0.4, beta=0.3)),
               ("HardSigmoid", {}), ("Gelu", dict(approximate="tanh")), ("Swish", dict(alpha=1.7)), ("Shrink", dict(bias=0.2, lambd=0.7))):
    case(op, first.get(op, 7), [x], grad=True, **kw)
case("Selu", 1, [x], want=[np.where(x > 0, 1.0507 * x, 1.0507 * 1.6732 * np.expm1(x)).astype(np.float32)])
case("LeakyRelu", 1, [x], consumed_inputs=[0], want=[np.where(x < 0, np.float32(0.01) * x, x)])
case("Shrink", 9, [np.int32([-3, -2, -1, 0, 1, 2, 3])], lambd=1.5, bias=1.0, want=[np.int32([-2, -1, 0, 0, 0, 1, 2])])
case("SwiGLU", 28, [x, x[::-1].copy()], alpha=0.5, grad=True)
case("IsInf", 20, [odd], detect_negative=0)
case("IsInf", 10, [odd], detect_positive=0)
case("IsInf", 10, [odd], detect_positive=0, detect_negative=0)
case("IsInf", 20, [np.float16([inf, 1, nan])])
slope = r.floats(3, 1)
case("PRelu", 16, [x, slope], grad=True)
case("PRelu", 9, [np.int32([[-2, 3]]), np.int32([5])])
case("PRelu", 7, [x, r.floats(4)])
c = r.floats(3)
case("PRelu", 6, [x, c], want=[np.where(x < 0, x * c.reshape(3, 1), x)])
case("PRelu", 1, [x, np.float32([0.25])], want=[np.where(x < 0, x * np.float32(0.25), x)])
case("ScaledTanh", 1, [x], alpha=1.5, beta=0.5, grad=True, want=[np.float32(1.5) * np.tanh(x * np.float32(0.5))])
case("ParametricSoftplus", 1, [x], alpha=0.5, beta=2.0, grad=True, want=[np.float32(0.5) * np.log1p(np.exp(x * 2))])
case("Affine", 1, [x], alpha=0.5, beta=2.0, grad=True, want=[x * np.float32(0.5) + 2])
img = r.floats(2, 3, 4, 5)
case("ImageScaler", 1, [img], scale=0.5, bias=[1.0, 2.0, 3.0], grad=True, want=[img * np.float32(0.5) + np.float32([1, 2, 3]).reshape(3, 1, 1)])
case("Crop", 1, [img], border=[1, 2, 1, 0], grad=True, want=[img[:, :, 2:4, 1:4]])
case("Crop", 1, [img], border=[1, 0, 0, 0], scale=[2, 3], want=[img[:, :, 0:2, 1:4]])

# Two operands: broadcasting of old and new, types.
row, col, mid, one = r.floats(4), r.floats(2), r.floats(3, 4), np.float32([[3]])
for op, f in dict(Add=np.add, Sub=np.subtract, Mul=np.multiply).items():
    case(op, 6, [x, mid], broadcast=1, grad=True, want=[f(x, mid)])
    case(op, 1, [x, col], broadcast=1, axis=0, consumed_inputs=[0, 0], want=[f(x, col.reshape(2, 1, 1))])
    case(op, 6, [x, c], broadcast=1, axis=-2, want=[f(x, c.reshape(3, 1))])
    case(op, 6, [x, one], broadcast=1, axis=2, want=[f(x, np.float32(3))])
    case(op, 6, [x, x], want=[f(x, x)])
    case(op, 7, [x, row], grad=True)
    case(op, 14, [np.int8([100, -100, 7]), np.int8([100, 5, -8])])
    case(op, 13, [r.floats(2, 1, dtype=np.float16), r.floats(3, dtype=np.float16)])
for op, f in dict(Less=np.less, Greater=np.greater, Equal=np.equal).items():
    a = r.ints(2, 3, low=0, high=3, dtype=np.int32) if op == "Equal" else r.floats(2, 3)
    b = a[:, 1]
    case(op, 1, [a, b], broadcast=1, axis=0, want=[f(a, b.reshape(2, 1))])
    case(op, 9 if op != "Equal" else 11, [odd, odd[::-1].copy()])
for op in ("LessOrEqual", "GreaterOrEqual"):
    case(op, 12, [odd, odd[::-1].copy()])
    case(op, 16, [np.uint8([1, 200, 3]), np.uint8([2, 100, 3])])
case("Less", 13, [np.uint64([1, 2**63]), np.uint64([2, 1])])
case("Equal", 13, [np.array([True, False]), np.array([True, True])])
flags = np.array([[True, False, True], [False, False, True]])
for op, f in dict(And=np.logical_and, Or=np.logical_or, Xor=np.logical_xor).items():
    case(op, 1, [flags, flags[:, 1]], broadcast=1, axis=0, want=[f(flags, flags[:, 1].reshape(2, 1))])
case("Div", 7, [x, row + 3], grad=True)
case("Div", 14, [np.int32([7, -7, 7, -7]), np.int32([2, 2, -2, -2])])
case("Div", 13, [np.uint8([200, 7]), np.uint8([3, 2])])
case("Div", 13, [odd, odd[::-1].copy()])
case("Where", 16, [flags, r.floats(2, 1), r.floats(3)], grad=True)
case("Where", 9, [flags, np.array("yes", object), np.array([["a"], ["b"]], object)])
case("Where", 16, [flags, np.uint8(3), np.uint8([1, 2, 3])])

base, power = r.floats(2, 3, low=1, high=3), r.floats(2)
case("Pow", 1, [base, power], broadcast=1, axis=0, want=[base ** power.reshape(2, 1)])
case("Pow", 7, [base, r.floats(3)], grad=True)
case("Pow", 12, [np.float32([-2, 0, 3]), np.int64([3, 0, -2])])
case("Pow", 15, [np.int32([-2, 0, 3, 7]), np.int32([3, 0, 4, 1])])
case("Pow", 13, [np.int64([-3, 2, 10]), np.float32([3, 0.5, 2])])
case("Pow", 13, [np.int32([2, 3, -1, 2]), np.int64([10, 4, 2**40 + 1, 2**32 + 1])], want=[np.int32([1024, 81, -1, 0])])
case("Pow", 13, [np.int32([2, 1, -1, 5]), np.int32([-1, -3, -3, -2])], want=[np.int32([0, 1, -1, 0])])
case("Pow", 15, [np.float16([2, 3]), np.uint8([3, 2])], want=[np.float16([8, 9])])
case("Pow", 13, [odd[:-3], np.float32([2])])
case("Pow", 13, [np.float32([-8, 0, 0, inf, 2]), np.float32([1 / 3, 0, -1, -1, nan])])

a, b = np.int32([7, -7, 7, -7, 0]), np.int32([3, 3, -3, -3, 5])
for d in (np.int8, np.int32, np.int64):
    case("Mod", 13, [a.astype(d), b.astype(d)])
    case("Mod", 10, [a.astype(d), b.astype(d)], fmod=1)
case("Mod", 13, [np.uint64([2**64 - 1, 7]), np.uint64([10, 4])])
fa, fb = np.float32([5.3, -5.3, 5.3, -5.3, 1, inf, 1, 4, -4]), np.float32([2, 2, -2, -2, inf, 2, 0, 2, 2])
case("Mod", 13, [fa, fb], fmod=1)
case("Mod", 28, [fa, fb], want=[np.mod(fa, fb)])
fb = np.float32([inf, -inf, inf, 3])
case("Mod", 28, [np.float32([2, 2, -2, 0]), fb], want=[np.float32([2, -inf, inf, 0])])
for d in (np.uint8, np.uint64):
    bits = np.array([1, 255, 9, 3], d)
    for way in ("LEFT", "RIGHT"):
        case("BitShift", 11, [bits, np.array([0, 7, 1, 2], d)], direction=way)
signed = np.int8([-128, -1, 100, 5, -7])
far = np.int8([1, 9, 8, -1, 2])
case("BitShift", 28, [signed, far], direction="RIGHT", want=[np.int8([-64, -1, 0, 0, -2])])
case("BitShift", 28, [signed, far], direction="LEFT", want=[np.int8([0, 0, 0, 0, -28])])
for op in ("BitwiseAnd", "BitwiseOr", "BitwiseXor"):
    case(op, 18, [np.int64([-1, 5, 12]), np.int64([3])])

# Any number of operands.
for op in ("Sum", "Max", "Min", "Mean"):
    case(op, 8, [x, row, np.float32(0.25)], grad=True)
    case(op, 13, [x])
    case(op, 6, [x, x[::-1].copy()], want=[dict(Sum=np.add, Max=np.maximum, Min=np.minimum, Mean=lambda p, q: (p + q) / 2)[op](x, x[::-1])])
for op in ("Max", "Min"):
    case(op, 13, [np.uint64([1, 2**63]), np.uint64([2, 3])])
    case(op, 13, [np.float32([nan, 1, -0.0]), np.float32([1, nan, 2])])
    case(op, 13, [np.int8([[1], [-3]]), np.int8([0, 2])])

# Bounds.
case("Clip", 6, [x], min=-0.5, max=1.0, grad=True)
case("Clip", 1, [x], max=1.0, want=[np.minimum(x, 1)])
case("Clip", 6, [odd])
case("Clip", 6, [x], min=1.0, max=-1.0, want=[np.full_like(x, -1)])
case("Clip", 11, [x, np.float32(-0.5), np.float32(1)], grad=True)
case("Clip", 13, [x, None, np.float32(0.5)])
case("Clip", 13, [x, np.float32(1), np.float32(-1)], want=[np.full_like(x, -1)])
case("Clip", 13, [odd, np.float32(-2)])
case("Clip", 12, [np.int8([-128, 0, 127]), np.int8(-3), np.int8(100)])
case("Clip", 12, [np.int64([-2**62, 2**62]), np.int64(-2**61 - 1), np.int64(2**61 + 1)])
case("Clip", 12, [np.uint64([5, 2**63 + 9]), None, np.uint64(2**63 + 5)])
case("Clip", 13, [x * 4, np.float32(0), np.float32(6)], grad=True)
for axis in (0, 1, 2, -1):
    y = r.ints(2, 3, 4, low=0, high=3).astype(np.float32)
    case("Hardmax", 13, [y], axis=axis)
    case("Hardmax", 11, [y], axis=axis)
case("Hardmax", 1, [r.floats(3, 4, dtype=np.float16)])

# Conversions.
for to in (T.FLOAT16, T.DOUBLE, T.BOOL, T.BFLOAT16):
    case("Cast", 13, [odd], to=to)
inside = np.float32([0, 1.9, -1.9, 100.5, -100.5])
for to in (T.INT8, T.INT16, T.INT32, T.INT64):
    case("Cast", 9, [inside], to=to)
for to in (T.UINT8, T.UINT16, T.UINT32, T.UINT64):
    case("Cast", 13, [np.abs(inside)], to=to)
whole = np.int64([0, 1, -1, 200, -200, 2**31, 2**40 + 7])
for to in (T.INT8, T.UINT8, T.INT16, T.UINT16, T.INT32, T.UINT32, T.UINT64, T.BOOL, T.FLOAT, T.DOUBLE):
    case("Cast", 13, [whole], to=to)
case("Cast", 13, [np.uint64([2**64 - 1, 5])], to=T.DOUBLE)
case("Cast", 13, [np.array([True, False])], to=T.FLOAT)
case("Cast", 6, [x], to=T.DOUBLE, grad=True)
for name, to in dict(FLOAT=np.float32, DOUBLE=np.float64, INT64=np.int64, BOOL=np.bool_, FLOAT16=np.float16, UINT8=np.uint8).items():
    case("Cast", 1, [np.float32([0, 1, 2.5])], to=name, want=[np.float32([0, 1, 2.5]).astype(to)])
for to in (T.FLOAT8E4M3FN, T.FLOAT8E4M3FNUZ, T.FLOAT8E5M2, T.FLOAT8E5M2FNUZ):
    for saturate in (0, 1):
        wide = np.float32([0, 0.3, -1.7, 239, 447, 465, -480, 1e5, inf, -inf, 1e-9])
        r.add(f"Cast-{to}-{saturate}", "Cast", 19, [wide], by="reference", to=to, saturate=saturate)
for way in ("up", "down", "nearest"):
    for saturate in (0, 1):
        scale = np.float32([1, 1.4, 1.5, 3, 6.1, 1e-38, 1e38, nan, 2.0**-127])
        r.add(f"Cast-{way}-{saturate}", "Cast", 25, [scale], by="reference", to=T.FLOAT8E8M0, saturate=saturate, round_mode=way)
far = np.float32([0, 1e-45, inf])  # as the table of the standard has them, unlike the reference
for saturate, codes in ((1, [0, 0, 254]), (0, [255, 255, 255])):
    r.add(f"Cast-far-{saturate}", "Cast", 25, [far], by="formula", to=T.FLOAT8E8M0, saturate=saturate,
          want=[np.uint8(codes).view(ml_dtypes.float8_e8m0fnu)])
texts = np.array(["3.14", "1000", "1e-5", "1E8", "INF", "+inf", "-INF", "NaN", "-7"], object)
for to in (T.FLOAT, T.DOUBLE, T.FLOAT16):
    case("Cast", 13, [texts], to=to)
for to in (T.INT64, T.INT8, T.UINT8, T.BOOL):
    case("Cast", 13, [np.array(["0", "7", "-3", "100.5"], object)], to=to)
case("Cast", 13, [np.array(["18446744073709551615", "9"], object)], to=T.UINT64)
case("Cast", 13, [np.array(["9007199254740993", "-9223372036854775808"], object)], to=T.INT64)
for d in (np.float32, np.float64):
    case("Cast", 13, [np.array([0, 1, -2.5, 1234567, 0.1, 314.15926, nan, inf, -inf]).astype(d)], to=T.STRING)
case("Cast", 13, [np.int64([-5, 2**62])], to=T.STRING)
case("Cast", 13, [np.uint64([2**64 - 1])], to=T.STRING)
case("Cast", 13, [np.array([True, False])], to=T.STRING)
case("Cast", 13, [texts], to=T.STRING, want=[texts])
case("CastLike", 19, [inside, np.int32([1])])
case("CastLike", 15, [np.int64([[3]]), np.array(["a"], object)], want=[np.array([["3"]], object)])
case("BitCast", 26, [np.uint8([0, 200])], to=T.INT8)
case("BitCast", 26, [np.float16([1, -2.5])], to=T.UINT16)

r.write()
