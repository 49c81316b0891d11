package lower

import (
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "Scatter", Since: []int64{9, 11}, Rule: moves(scatterElements)})
	register(Operator{Name: "ScatterElements", Since: []int64{11, 13, 16, 18}, Rule: moves(scatterElements)})
	register(Operator{Name: "ScatterND", Since: []int64{11, 13, 16, 18}, Rule: moves(scatterND)})
	register(Operator{Name: "TensorScatter", Since: []int64{24}, Rule: moves(tensorScatter)})
}

// tensorAxes is above the number of axes that anything has while it is built.
const tensorAxes = 4 * tensor.MaxRank

func scatterElements(c *Call) {
	axis := c.Axis(c.AttrInt("axis", 0), c.Rank(0))
	how := c.combine()
	ids := c.index(1, c.Shape(0).Dim(axis))
	if ids.Shape() != c.Shape(2) {
		c.Fail("indices %v and updates %v differ in shape", ids.Shape(), c.Shape(2))
	}
	c.Return(ops.PutAlongAxis(c.In(0), ids, c.In(2), axis, how))
}

func scatterND(c *Call) {
	d := c.elementsND(0)
	how := c.combine()
	ids := c.index(1, c.Shape(0).Dims()[:d.Axes.Len()]...)
	c.Return(ops.Scatter(c.In(0), ids, c.In(2), d, how))
}

// combine is what becomes of an element and its update.
func (c *Call) combine() ops.Combine {
	name := c.AttrString("reduction", "none")
	how, ok := map[string]ops.Combine{
		"none": ops.CombineUpdate, "add": ops.CombineAdd, "mul": ops.CombineMul, "min": ops.CombineMin, "max": ops.CombineMax,
	}[name]
	if !ok {
		c.Fail("reduction %q is unknown", name)
	}
	return how
}

// tensorScatter writes an update [N … S …] into a cache [N … M …] along axis,
// from a place on for each of N, which wraps around in mode circular.
func tensorScatter(c *Call) {
	s := c.Shape(0)
	axis := c.Axis(c.AttrInt("axis", -2), s.Rank())
	u := c.Shape(1)
	if axis == 0 || u.Rank() != s.Rank() || u.With(axis, s.Dim(axis)) != s || u.Dim(axis) > s.Dim(axis) {
		c.Fail("an update %v of a cache %v along axis %d", u, s, axis)
	}
	n, steps := s.Dim(0), u.Dim(axis)
	c.room(n, steps)
	places := tensor.Type{DType: tensor.Int64, Shape: tensor.Dims(n, steps, 1)}
	ids := ops.Iota(c.Graph(), places, 1)
	if c.Has(2) {
		ids = ops.Add(ids, ops.Reshape(c.In(2), tensor.Dims(n, 1, 1)))
	}
	switch mode := c.AttrString("mode", "linear"); mode {
	case "linear":
	case "circular":
		ids = ops.Rem(ids, ops.Like(ids, float64(max(s.Dim(axis), 1))))
	default:
		c.Fail("mode %q is unknown", mode)
	}
	var whole []int
	for i := 1; i < s.Rank(); i++ {
		if i != axis {
			whole = append(whole, i)
		}
	}
	c.Return(ops.Scatter(c.In(0), ids, c.In(1), ops.GatherDims{
		Axes: ops.List(axis), Collapsed: ops.List(axis), Size: ops.List(s.With(axis, 1).With(0, 1).Dims()...),
		Offset: ops.List(whole...), BatchX: ops.List(0), BatchIndices: ops.List(0),
	}, ops.CombineUpdate))
}
