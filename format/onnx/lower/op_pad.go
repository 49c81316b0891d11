package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "Pad", Since: []int64{1, 2, 11, 13, 18, 19, 21, 23, 24, 25}, Rule: moves(pad)})
}

// pad puts elements before and behind the others along each axis, or cuts off as
// many where the number is negative.
func pad(c *Call) {
	low, high := c.pads()
	mode := c.AttrString("mode", "constant")
	if mode == "constant" {
		c.Return(c.padConstant(low, high))
		return
	}
	from := map[string]func(i, n int) int{"edge": edge, "reflect": reflect, "wrap": wrap}[mode]
	if from == nil {
		c.Fail("mode %q is unknown", mode)
	}
	x := c.In(0)
	for a := range low {
		if low[a] != 0 || high[a] != 0 {
			x = c.padFrom(x, a, low[a], high[a], from)
		}
	}
	c.Return(x)
}

// pads is how much is put before and behind each axis, from the attribute or from
// operand 1, whose numbers belong to the axes of operand 3.
func (c *Call) pads() (low, high []int) {
	var both, axes []int
	switch v := c.Opset(); {
	case v < 2:
		both = c.AttrInts("paddings")
	case v < 11:
		both = c.AttrInts("pads")
	default:
		both = c.Ints(1)
		if c.Has(3) {
			axes = c.Ints(3)
		}
	}
	rank := c.Rank(0)
	if axes == nil {
		axes = upTo(rank)
	}
	axes = c.Axes(axes, rank)
	if len(both) != 2*len(axes) {
		c.Fail("%d pads for %d axes, want two an axis", len(both), len(axes))
	}
	low, high = make([]int, rank), make([]int, rank)
	for i, a := range axes {
		low[a], high[a] = both[i], both[len(axes)+i]
	}
	c.padded(c.Shape(0), low, high)
	return low, high
}

// padded is the shape with pads, checked.
func (c *Call) padded(s tensor.Shape, low, high []int) tensor.Shape {
	dims := s.Dims()
	for i := range dims {
		if most := 1 << 48; low[i] < -most || low[i] > most || high[i] < -most || high[i] > most {
			c.Fail("pads of %d and %d along axis %d", low[i], high[i], i)
		}
		dims[i] += low[i] + high[i]
	}
	return c.Dims(dims...)
}

// padConstant pads with the attribute or operand 2; 0 if there is none. A value
// that is not known, or of which a float64 is not exact, is chosen outside of x.
func (c *Call) padConstant(low, high []int) *graph.Node {
	value, exact := c.AttrFloat("value", 0), true
	if c.Opset() >= 11 {
		value, exact = c.padValue()
	}
	x := c.In(0)
	if exact {
		return ops.Pad(x, value, low, high, nil)
	}
	v := c.In(2)
	if v.Shape().Size() != 1 {
		c.Fail("the value to pad with is %v, want one", v.Type())
	}
	inside := ops.Pad(c.Graph().Fill(1, tensor.Type{DType: tensor.Bool, Shape: x.Shape()}), 0, low, high, nil)
	return ops.Select(inside, ops.Pad(x, 0, low, high, nil), ops.Reshape(v, tensor.Dims()))
}

func (c *Call) padValue() (value float64, exact bool) {
	if !c.Has(2) {
		return 0, true
	}
	t, ok := c.Known(2)
	if !ok || t.Shape().Size() != 1 {
		return 0, false
	}
	w := tensor.Widen(t)
	if w.F != nil {
		return w.F[0], true
	}
	return float64(w.I[0]), w.I[0] > -1<<53 && w.I[0] < 1<<53
}

// padFrom pads an axis with elements of x: place i of the axis, which may lie
// outside, is that of place from(i, n) of its n places. Cutting comes first.
func (c *Call) padFrom(x *graph.Node, axis, low, high int, from func(i, n int) int) *graph.Node {
	start, limit := make([]int, x.Shape().Rank()), x.Shape().Dims()
	start[axis] = max(-low, 0)
	limit[axis] += min(high, 0)
	n := limit[axis] - start[axis]
	low, high = max(low, 0), max(high, 0)
	if n < 0 || n == 0 && low+high > 0 {
		c.Fail("axis %d of %v has no elements to pad with", axis, x.Shape())
	}
	x = ops.Slice(x, start, limit, nil)
	if low+high == 0 {
		return x
	}
	c.Dims(low + n + high)
	ids := make([]int64, low+n+high)
	for i := range ids {
		ids[i] = int64(from(i-low, n))
	}
	return ops.Take(x, c.Graph().Constant(tensor.From(tensor.Dims(len(ids)), ids)), axis)
}

// edge repeats the first and the last element.
func edge(i, n int) int { return min(max(i, 0), n-1) }

// wrap goes on with the axis from its beginning.
func wrap(i, n int) int { return (i%n + n) % n }

// reflect goes back and forth between the ends, which are not repeated.
func reflect(i, n int) int {
	if n == 1 {
		return 0
	}
	i = wrap(i, 2*n-2)
	return min(i, 2*n-2-i)
}
