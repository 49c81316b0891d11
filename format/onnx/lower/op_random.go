package lower

import (
	"math"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	since := []int64{1, 22}
	register(Operator{Name: "RandomUniform", Since: since, Rule: func(c *Call) { c.Return(c.uniform(c.drawn())) }})
	register(Operator{Name: "RandomUniformLike", Since: since, Rule: func(c *Call) { c.Return(c.uniform(c.drawnLike())) }})
	register(Operator{Name: "RandomNormal", Since: since, Rule: func(c *Call) { c.Return(c.normal(c.drawn())) }})
	register(Operator{Name: "RandomNormalLike", Since: since, Rule: func(c *Call) { c.Return(c.normal(c.drawnLike())) }})
	register(Operator{Name: "Bernoulli", Since: []int64{15, 22}, Rule: bernoulli})
	register(Operator{Name: "Multinomial", Since: []int64{7, 22}, Rule: multinomial})
}

// drawn is the type that the attributes ask for.
func (c *Call) drawn() tensor.Type {
	d := c.AttrDType("dtype", c.l.typeHere(tensor.Type{DType: tensor.Float32}).DType)
	return c.real(tensor.Type{DType: d, Shape: c.Dims(c.AttrInts("shape")...)})
}

// drawnLike is the type of operand 0, unless an attribute asks for another one.
func (c *Call) drawnLike() tensor.Type {
	t := c.Type(0)
	t.DType = c.AttrDType("dtype", t.DType)
	return c.real(t)
}

func (c *Call) real(t tensor.Type) tensor.Type {
	if !t.DType.Float() {
		c.Fail("cannot draw %v", t.DType)
	}
	return t
}

// random is the operators that draw.
var random = map[string]bool{
	"RandomUniform": true, "RandomUniformLike": true, "RandomNormal": true, "RandomNormalLike": true,
	"Bernoulli": true, "Multinomial": true, "Dropout": true,
}

// draws says whether what is in g may draw: functions may.
func (c *Call) draws(g *onnx.Graph) bool {
	return !g.AllNodes(func(n *onnx.Node) bool { return !random[n.Op] && findFunction(c.l.model, n) == nil })
}

// turn runs f, which lowers the body of a loop, for the step of number n: random
// operators draw anew in each step, also where the body is built once for all.
func (c *Call) turn(n *value, f func()) {
	c.l.turns = append(c.l.turns, n)
	defer func() { c.l.turns = c.l.turns[:len(c.l.turns)-1] }()
	f()
}

// turned is a key made another one in each step of the loops around.
func (l *lowering) turned(key *graph.Node) *graph.Node {
	for _, v := range l.turns {
		n := ops.Convert(ops.Reshape(l.nodeOf(v), tensor.Dims()), tensor.Uint32)
		key = ops.Add(ops.Mul(key, ops.Like(key, 747796405)), ops.BroadcastInDim(n, key.Shape()))
	}
	return key
}

// unit is numbers of [0, 1), of the shape and, if it has the bits, the type of t.
// A node with a seed draws what the seed, the run and the steps of loops say, one
// without what its place in the model, the run and these steps say.
func (c *Call) unit(t tensor.Type) *graph.Node {
	key, stream := c.Key()
	if c.HasAttr("seed") {
		key, stream = ops.Xor(key, c.Graph().Constant(tensor.From(tensor.Dims(2), c.seed()))), 0
	}
	if t.DType != tensor.Float64 {
		t.DType = tensor.Float32
	}
	return ops.RandomUniform(key, stream, t)
}

func (c *Call) seed() []uint32 {
	bits := uint64(0)
	if a, _ := c.n.Attr("seed"); a.Float != 0 {
		bits = math.Float64bits(c.AttrFloat("seed", 0))
	} else {
		bits = uint64(a.Int)
	}
	bits *= 0x9e3779b97f4a7c15
	return []uint32{uint32(bits >> 32), uint32(bits)}
}

// uniform is drawn evenly from [low, high).
func (c *Call) uniform(t tensor.Type) *graph.Node {
	low, high := c.AttrFloat("low", 0), c.AttrFloat("high", 1)
	u := c.unit(t)
	return ops.Convert(ops.Add(ops.Scale(u, high-low), ops.Like(u, low)), t.DType)
}

// normal is drawn from the normal distribution: √(-2 log(1-u))·cos(2πv) with u
// and v from [0, 1). Box and Muller, "A note on the generation of random normal
// deviates", 1958.
func (c *Call) normal(t tensor.Type) *graph.Node {
	n := t.Shape.Size()
	both := c.unit(tensor.Type{DType: t.DType, Shape: c.Dims(2, n)})
	u := ops.Slice(both, []int{0, 0}, []int{1, n}, nil)
	v := ops.Slice(both, []int{1, 0}, []int{2, n}, nil)
	radius := ops.Sqrt(ops.Scale(ops.Log1p(ops.Neg(u)), -2))
	x := ops.Mul(radius, ops.Cos(ops.Scale(v, 2*math.Pi)))
	x = ops.Add(ops.Scale(x, c.AttrFloat("scale", 1)), ops.Like(x, c.AttrFloat("mean", 0)))
	return ops.Convert(ops.Reshape(x, t.Shape), t.DType)
}

// bernoulli is 1 with the probability that operand 0 has there, else 0.
func bernoulli(c *Call) {
	t := c.real(c.Type(0))
	d := c.AttrDType("dtype", t.DType)
	u := c.unit(t)
	c.Return(ops.Convert(ops.Lt(u, ops.Convert(c.In(0), u.DType())), d))
}

// multinomial draws classes, by their log-probabilities [N classes] up to a sum:
// [N samples]. A number of [0, 1) means the class at which the cumulative share
// passes it.
func multinomial(c *Call) {
	t := c.real(c.Type(0))
	if t.Shape.Rank() != 2 || t.Shape.Dim(1) == 0 {
		c.Fail("log-probabilities are %v, want [N classes]", t)
	}
	n, classes, samples := t.Shape.Dim(0), t.Shape.Dim(1), c.AttrInt("sample_size", 1)
	d := c.AttrDType("dtype", tensor.Int32)
	all := c.Dims(n, samples, classes)
	u := c.unit(tensor.Type{DType: t.DType, Shape: c.Dims(n, samples)})
	share := ops.CumSum(ops.Softmax(ops.Convert(c.In(0), u.DType()), 1), ops.CumDims{Axis: 1})
	passed := ops.Ge(ops.BroadcastInDim(u, all, 0, 1), ops.BroadcastInDim(share, all, 0, 2))
	y := ops.ReduceSum(ops.Convert(passed, tensor.Int32), 2)
	y = ops.Min(y, ops.Like(y, float64(classes-1))) // shares may add up to a little less than 1
	c.Return(ops.Convert(y, d))
}
