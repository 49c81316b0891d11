package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "LayerNormalization", Since: []int64{17}, Rule: layerNormalization})
	register(Operator{Name: "RMSNormalization", Since: []int64{23}, Rule: rmsNormalization})
}

// layerNormalization: X, Scale and B that broadcast to it. Mean and inverse
// deviation have the axes that were reduced, with size 1.
func layerNormalization(c *Call) {
	axis := c.Axis(c.AttrInt("axis", -1), c.Rank(0))
	stash := c.AttrDType("stash_type", c.l.typeHere(tensor.F32()).DType)
	x := c.In(0)
	wide := stashed(x, stash)
	scale, bias, after := c.affine(wide, axis, 1, 2)
	var axes []int
	for i := axis; i < c.Rank(0); i++ {
		axes = append(axes, i)
	}
	all := ops.List(axes...)
	y, mean, variance := ops.Normalize(wide, scale, bias, ops.NormDims{Axes: all, ScaleAxes: all, Eps: c.epsilon()})
	results := []*graph.Node{after(y, x.DType())}
	if c.Wants(1) || c.Wants(2) {
		keep := func(n *graph.Node) *graph.Node { return ops.Convert(c.keepDims(n, x.Shape(), axes), stash) }
		results = append(results, keep(mean), keep(ops.Rsqrt(ops.Add(variance, ops.Like(variance, c.epsilon())))))
	}
	c.Return(results...)
}

// rmsNormalization: X, and a scale that broadcasts to it.
func rmsNormalization(c *Call) {
	axis := c.Axis(c.AttrInt("axis", -1), c.Rank(0))
	x := c.In(0)
	wide := stashed(x, c.AttrDType("stash_type", c.l.typeHere(tensor.F32()).DType))
	scale, _, after := c.affine(wide, axis, 1, -1)
	dims := x.Shape().Dims()
	columns := tensor.Dims(dims[axis:]...).Size()
	rows := tensor.Dims(append(dims[:axis:axis], columns)...)
	y := ops.RMSNormalize(ops.Reshape(wide, rows), ops.Reshape(scale, tensor.Dims(columns)), c.epsilon())
	c.Return(after(ops.Reshape(y, x.Shape()), x.DType()))
}

// stashed is x in the type that its statistics are taken in: stash, unless x has
// more bits.
func stashed(x *graph.Node, stash tensor.DType) *graph.Node {
	if x.DType().Bits() > stash.Bits() {
		return x
	}
	return ops.Convert(x, stash)
}

// affine is the scale and bias of a normalisation of x over the axes from axis
// on: operands, a negative place of the bias for none. Where they do not have the
// shape of these axes, ones and zeros stand for them, and after does their work;
// otherwise it only gives y its type back.
func (c *Call) affine(x *graph.Node, axis, scaleAt, biasAt int) (scale, bias *graph.Node, after func(y *graph.Node, d tensor.DType) *graph.Node) {
	inner := tensor.Dims(x.Shape().Dims()[axis:]...)
	scale = c.In(scaleAt)
	if biasAt >= 0 {
		bias = c.InOr(biasAt)
	}
	if plainScale(scale, inner) && (bias == nil || plainScale(bias, inner)) {
		shape := func(n *graph.Node) *graph.Node { return ops.Convert(ops.Reshape(n, inner), x.DType()) }
		if scale = shape(scale); bias != nil {
			bias = shape(bias)
		} else {
			bias = ops.Like(scale, 0)
		}
		return scale, bias, ops.Convert
	}
	g, t := c.Graph(), tensor.Type{DType: x.DType(), Shape: inner}
	later, shift := scale, bias
	return g.Fill(1, t), g.Fill(0, t), func(y *graph.Node, d tensor.DType) *graph.Node {
		y = ops.Mul(ops.Convert(y, d), ops.Convert(later, d))
		if shift != nil {
			y = ops.Add(y, ops.Convert(shift, d))
		}
		return y
	}
}

// plainScale says whether n has the shape inner, axes of size 1 before it aside.
func plainScale(n *graph.Node, inner tensor.Shape) bool {
	if n.Shape().Size() != inner.Size() || n.Shape().Rank() < inner.Rank() {
		return false
	}
	dims := n.Shape().Dims()
	return tensor.Dims(dims[len(dims)-inner.Rank():]...) == inner
}
