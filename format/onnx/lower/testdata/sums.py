"""Reductions, sums along axes and products: versions and corners that the
published cases leave out.

    python sums.py      # sums.json.gz
"""

import numpy as np
from record import Recorder

r = Recorder(__file__, 4)
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
for op in "Sum Mean Max Min Prod L1 L2 SumSquare LogSumExp LogSum".split():
    if op == "LogSum":
        x = np.abs(x) + 1
    op = "Reduce" + op
    case(op, 1, [x], axes=[1], keepdims=0, grad=True)
    if op != "ReduceSum":
        case(op, 13, [x], axes=[-1, 0])
    case(op, 18, [x, i64(0, 2)], keepdims=0, grad=True)
    case(op, 18, [x])
    case(op, 18, [x, None], keepdims=0)
zero = np.zeros(0, np.int64)
for op, f in [("Sum", x), ("Mean", x), ("Max", x), ("Min", x), ("Prod", x), ("L1", abs(x)), ("L2", abs(x)),
              ("SumSquare", x * x), ("LogSumExp", x), ("LogSum", np.log(x))]:
    case("Reduce" + op, 18, [x, zero], noop_with_empty_axes=1, want=[f])
case("ReduceSum", 11, [x], axes=[0, 1])
case("ReduceSum", 13, [x, i64(1)], fixed=[1])
case("ReduceMean", 18, [np.int32([[7, -8], [4, -3]]), i64(1)])
case("ReduceL2", 18, [np.int32([[7, -8], [4, -3]]), i64(1)])
case("ReduceL1", 18, [np.int64([[7, -8], [4, -3]]), i64(1)])
case("ReduceMax", 13, [np.uint8([[7, 200], [4, 3]])], axes=[1])
case("ReduceMin", 20, [np.array([[True, False], [True, True]]), i64(1)])
case("ReduceProd", 18, [r.floats(2, 0, 3), i64(1)], want=[np.ones((2, 1, 3), np.float32)])
case("ReduceMax", 20, [np.zeros((2, 0), np.int8), i64(1)], keepdims=0, want=[np.int8([-128, -128])])
h = r.floats(3, 50, dtype=np.float16)
case("ReduceSum", 13, [h, i64(1)], want=[h.astype(np.float32).sum(1, keepdims=True).astype(np.float16)])
case("ReduceLogSumExp", 18, [np.float32([[-np.inf, -np.inf], [1000, 1000], [-1000, -1001]]), i64(1)])
case("ReduceLogSumExp", 18, [np.float32([[np.inf, 1]]), i64(1)], want=[np.float32([[np.inf]])])
case("ReduceMax", 18, [np.float32(4)], keepdims=0)

x = r.floats(3, 4, 2)
case("CumSum", 11, [x, np.int64(-2)], exclusive=1, reverse=1, grad=True)
case("CumSum", 14, [x, np.int32(1)])
case("CumSum", 14, [np.int32([1, 2, 3]), i64(0)], reverse=1)
case("CumProd", 26, [x, np.int64(1)], exclusive=1, grad=True)

case("MatMul", 1, [r.floats(3, 4), r.floats(4, 2)], grad=True)
case("MatMul", 9, [np.int32([[1, 2], [3, 4]]), np.int32([[5, -6], [7, 8]])])
case("MatMul", 13, [r.floats(4), r.floats(4)])
case("MatMul", 13, [r.floats(2, 1, 3, 4), r.floats(5, 4, 2)], grad=True)
case("MatMul", 13, [r.floats(3), r.floats(2, 3, 4)])
case("MatMul", 13, [r.floats(2, 3, 4), r.floats(4)])
case("MatMul", 13, [r.floats(3, 4, dtype=np.float16), r.floats(4, 2, dtype=np.float16)])
case("Gemm", 6, [r.floats(3, 4), r.floats(4, 2), r.floats(2)], broadcast=1)
case("Gemm", 7, [r.floats(4, 3), r.floats(2, 4), r.floats(3, 1)], transA=1, transB=1, alpha=0.5, beta=2.0, grad=True)
case("Gemm", 9, [r.floats(3, 4), r.floats(4, 2), r.floats(1)], alpha=2.0)
case("Gemm", 11, [r.floats(3, 4), r.floats(4, 2)], alpha=2.0)
case("Gemm", 13, [r.floats(3, 4), r.floats(4, 2), r.floats(1, 2)], beta=-1.0, grad=True)
case("Gemm", 13, [r.floats(3, 4), r.floats(4, 2), r.floats(3, 2)])
case("Gemm", 13, [r.floats(3, 4), r.floats(4, 2), np.float32(3)])
case("Gemm", 13, [r.floats(3, 4), r.floats(4, 1), r.floats(3, 1)])
case("Gemm", 13, [r.floats(3, 4), r.floats(4, 2), r.floats(2)], beta=0.0)

for equation, *shapes in [
    ("ij,jk", (2, 3), (3, 4)), ("ij,jk->ki", (2, 3), (3, 4)), ("bij,bjk->bik", (2, 3, 4), (2, 4, 2)),
    ("...ij,...jk->...ik", (2, 1, 3, 4), (5, 4, 2)), ("ii", (3, 3)), ("ii->i", (3, 3)), ("iji->j", (3, 2, 3)),
    ("iii->i", (2, 2, 2)), ("i,j->ij", (3,), (4,)), ("ij,ij->i", (3, 4), (3, 4)), ("ij->ji", (3, 4)), ("ijk->", (2, 3, 4)),
    ("i,ij,jk->k", (3,), (3, 4), (4, 2)), ("...->...", (2, 3)), ("a...b->b...", (2, 3, 4)), ("bA,Ab", (2, 3), (3, 2)),
    ("ijk,jil->kl", (3, 2, 4), (2, 3, 5)), ("ij,j->ij", (3, 4), (4,)), (" i j , j -> i ", (3, 4), (4,)),
    ("bhqd,bhkd->bhqk", (2, 2, 3, 4), (2, 2, 5, 4)), ("iij,jk->ik", (2, 2, 3), (3, 4)), ("ij,kj->", (2, 3), (4, 3)),
    ("ij,jk->ik", (2, 1), (3, 4)), (",i->i", (), (3,)), ("zB,Ba->", (2, 3), (3, 2)), ("zB,Ba", (2, 3), (3, 2)),
]:
    args = [r.floats(*s) for s in shapes]
    case("Einsum", 12, args, equation=equation, want=[np.einsum(equation, *args).astype(np.float32)], grad=True)
h = [r.floats(3, 4, dtype=np.float16), r.floats(4, dtype=np.float16)]
case("Einsum", 12, h, equation="ij,j", want=[np.einsum("ij,j", *[a.astype(np.float32) for a in h]).astype(np.float16)])
case("Einsum", 12, [np.int32([[1, 2], [3, 4]]), np.int32([5, 6])], equation="ij,j")
case("Det", 11, [r.floats(2, 3, 3)], grad=True)
case("Det", 22, [np.float64([[0, 1], [1, 0]])])

r.write()
