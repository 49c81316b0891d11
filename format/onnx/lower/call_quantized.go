package lower

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// steps is operand i, scales or zero points of operand 0, as elements of type d and
// repeated over the shape s of that: one number for all, one for each place along
// axis, or, where block is not 0, one for each block of so many places along axis.
func (c *Call) steps(i int, d tensor.DType, s tensor.Shape, axis, block int) *graph.Node {
	n := ops.Convert(c.In(i), d)
	t := n.Shape()
	switch {
	case block == 0 && t.Size() == 1:
		return ops.BroadcastInDim(ops.Reshape(n, tensor.Dims()), s)
	case block < 0 || s.Rank() == 0:
		c.Fail("blocks of %d of %v", block, s)
	}
	axis = c.Axis(axis, s.Rank())
	if block == 0 {
		if t.Rank() != 1 || t.Dim(0) != s.Dim(axis) {
			c.Fail("operand %d is %v, want one element or [%d]", i, n.Type(), s.Dim(axis))
		}
		return ops.BroadcastInDim(n, s, axis)
	}
	blocks := s.Dim(axis) / block
	if s.Dim(axis)%block != 0 {
		blocks++
	}
	if want := s.With(axis, blocks); t != want {
		c.Fail("operand %d is %v, want %v for blocks of %d", i, n.Type(), want, block)
	}
	dims := t.Dims()
	dims = append(dims[:axis+1:axis+1], append([]int{min(block, s.Dim(axis))}, dims[axis+1:]...)...)
	var from []int
	for a := range dims {
		if a != axis+1 {
			from = append(from, a)
		}
	}
	n = ops.BroadcastInDim(n, c.Dims(dims...), from...)
	n = ops.Reshape(n, t.With(axis, dims[axis]*dims[axis+1]))
	return part(n, axis, 0, s.Dim(axis))
}

// single is n as float32, or as float64 where all floats of the model are.
func (c *Call) single(n *graph.Node) *graph.Node {
	return ops.Convert(n, c.l.typeHere(tensor.F32()).DType)
}

// saturated is x, floats, whole numbers where d is for such, as elements of type d;
// what is beyond its range becomes its least or largest.
func saturated(x *graph.Node, d tensor.DType) *graph.Node {
	if !d.Float() {
		return ops.Convert(x, d) // saturates
	}
	low, high := d.Range()
	return ops.Convert(ops.Clamp(x, low, high), d)
}

// zeroPoint is what stands for 0 in an operand of whole numbers: a number if that is
// known and one for all; otherwise a node, int32, that broadcasts to the operand.
type zeroPoint struct {
	known int
	node  *graph.Node
}

// zeroPoint is operand i, 0 if it is not given. By shape, where it has one axis of
// several elements, tells where these lie in the operand.
func (c *Call) zeroPoint(i int, shape func(n int) tensor.Shape) zeroPoint {
	if !c.Has(i) {
		return zeroPoint{}
	}
	if t, ok := c.Known(i); ok {
		if w := tensor.Widen(t); allEqual(w.I) && len(w.I) > 0 {
			return zeroPoint{known: int(w.I[0])}
		}
	}
	n := ops.Convert(c.In(i), tensor.Int32)
	if n.Shape().Rank() == 1 && n.Shape().Size() > 1 {
		n = ops.Reshape(n, shape(n.Shape().Size()))
	} else if n.Shape().Size() == 1 {
		n = ops.Reshape(n, tensor.Dims())
	}
	return zeroPoint{node: n}
}

func allEqual(v []int64) bool {
	for _, x := range v {
		if x != v[0] {
			return false
		}
	}
	return true
}

// isByte asks for operands of int8 or uint8.
func (c *Call) isByte(operands ...int) {
	for _, i := range operands {
		if d := c.Type(i).DType; d != tensor.Uint8 && d != tensor.Int8 {
			c.Fail("operand %d is %v, want uint8 or int8", i, c.Type(i))
		}
	}
}

// centred is x - zero, for whole numbers x, in the type d.
func centred(x *graph.Node, zero zeroPoint, d tensor.DType) *graph.Node {
	x = ops.Convert(x, d)
	switch {
	case zero.node != nil:
		return ops.Sub(x, ops.Convert(zero.node, d))
	case zero.known != 0:
		return ops.Sub(x, ops.Like(x, float64(zero.known)))
	}
	return x
}

// integerProduct is the int32 product (a - zeroA)·(b - zeroB) of matrices of bytes,
// [… M K] and [… K N], with NumPy's rules for other numbers of axes.
func integerProduct(a, b *graph.Node, zeroA, zeroB zeroPoint) *graph.Node {
	if b.Shape().Rank() != 2 || a.Shape().Rank() < 1 {
		// The product is exact in float64, and float64 has a fast one.
		y := ops.MatMul(centred(a, zeroA, tensor.Float64), centred(b, zeroB, tensor.Float64))
		return ops.Convert(ops.Convert(y, tensor.Int64), tensor.Int32)
	}
	b, zeroB = signed(b, zeroB)
	y := ops.QuantizedDot(a, b, ops.ZeroPoints{A: zeroA.known, B: zeroB.known})
	// (a - za)·(b - zb) = a·b - za·Σb - Σa·zb + K·za·zb, Σ along the rows or columns.
	var restA *graph.Node
	if zeroA.node != nil {
		columns := ops.ReduceSum(centred(b, zeroPoint{known: zeroB.known}, tensor.Int32), 0)
		y = ops.Sub(y, ops.Mul(zeroA.node, columns))
		restA = ops.Mul(zeroA.node, ops.Like(zeroA.node, float64(b.Shape().Dim(0))))
	}
	if zeroB.node != nil {
		rank := a.Shape().Rank()
		rows := ops.ReduceSum(centred(a, zeroPoint{known: zeroA.known}, tensor.Int32), rank-1)
		rows = ops.Reshape(rows, a.Shape().With(rank-1, 1))
		if restA != nil {
			rows = ops.Sub(rows, restA)
		}
		y = ops.Sub(y, ops.Mul(rows, zeroB.node))
	}
	return y
}

// signed is b and its zero point as int8: of uint8, 128 less.
func signed(b *graph.Node, zero zeroPoint) (*graph.Node, zeroPoint) {
	if b.DType() != tensor.Uint8 {
		return b, zero
	}
	b = ops.Bitcast(ops.Xor(b, ops.Like(b, 128)), tensor.Int8)
	if zero.node != nil {
		zero.node = ops.Sub(zero.node, ops.Like(zero.node, 128))
	} else {
		zero.known -= 128
	}
	return b, zero
}

// byteProduct is the product of a and b, bytes [… K] and [K N], plus bias, int32 [N]
// or nil, times scale, one or [N], in the type of the zero point that operand i is:
// one operation where all zero points are known, else nil.
func (c *Call) byteProduct(a, b *graph.Node, zeroA, zeroB zeroPoint, bias, scale *graph.Node, i int) *graph.Node {
	zero := c.zeroPoint(i, asColumns)
	if b.Shape().Rank() != 2 || a.Shape().Rank() < 1 || zeroA.node != nil || zeroB.node != nil || zero.node != nil {
		return nil
	}
	scale = c.single(scale)
	if scale.Shape().Size() == 1 {
		scale = ops.BroadcastInDim(ops.Reshape(scale, tensor.Dims()), tensor.Dims(b.Shape().Dim(1)))
	}
	if scale.Type() != tensor.F32(b.Shape().Dim(1)) {
		return nil
	}
	b, zeroB = signed(b, zeroB)
	z := ops.ZeroPoints{A: zeroA.known, B: zeroB.known}
	return ops.QuantizedBytes(a, b, bias, scale, z, c.Type(i).DType, zero.known)
}

// exactInt32 is x, whole numbers as floats that wrap as int32 does.
func exactInt32(x *graph.Node) *graph.Node {
	if x.DType() == tensor.Float64 {
		x = ops.Convert(x, tensor.Int64)
	}
	return ops.Convert(x, tensor.Int32)
}

// exactSum is the largest whole number up to which float32 has them all.
const exactSum = 1 << 24

// farFrom is the largest distance that a byte of operand i has from its zero point.
func (c *Call) farFrom(i int, zero zeroPoint) float64 {
	if zero.node != nil {
		return 255
	}
	low, high := c.Type(i).DType.Range()
	return math.Max(high-float64(zero.known), float64(zero.known)-low)
}
