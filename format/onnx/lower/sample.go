package lower

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// tap is one of the places along an axis that a value between them is made of: the
// place, a float, and how much of it is taken.
type tap struct{ at, weight *graph.Node }

// taps is those of one axis.
type taps []tap

// linearTaps takes the places below and above.
func linearTaps(at *graph.Node) taps {
	below := ops.Floor(at)
	part := ops.Sub(at, below)
	one := ops.Like(at, 1)
	return taps{{below, ops.Sub(one, part)}, {ops.Add(below, one), part}}
}

// cubicTaps takes two places on each side, by Keys's filter with a of -0.75.
func cubicTaps(at *graph.Node) taps {
	const a = -0.75
	below := ops.Floor(at)
	part := ops.Sub(at, below)
	number := func(v float64) *graph.Node { return ops.Like(at, v) }
	horner := func(x *graph.Node, c ...float64) *graph.Node {
		y := number(c[0])
		for _, v := range c[1:] {
			y = ops.Add(ops.Mul(y, x), number(v))
		}
		return y
	}
	near := func(x *graph.Node) *graph.Node { return horner(x, a+2, -(a + 3), 0, 1) }
	far := func(x *graph.Node) *graph.Node { return horner(x, a, -5*a, 8*a, -4*a) }
	rest := ops.Sub(number(1), part)
	return taps{
		{ops.Sub(below, number(1)), far(ops.Add(part, number(1)))},
		{below, near(part)},
		{ops.Add(below, number(1)), near(rest)},
		{ops.Add(below, number(2)), far(ops.Add(rest, number(1)))},
	}
}

// within is t where places outside of an axis of size places count nothing.
func (t taps) within(size int) taps {
	y := make(taps, len(t))
	for i, p := range t {
		inside := ops.And(ops.Ge(p.at, ops.Like(p.at, 0)), ops.Le(p.at, ops.Like(p.at, float64(size-1))))
		y[i] = tap{p.at, ops.Select(inside, p.weight, ops.Like(p.weight, 0))}
	}
	return y
}

// moved is t with its places moved by f.
func (t taps) moved(f func(at *graph.Node) *graph.Node) taps {
	y := make(taps, len(t))
	for i, p := range t {
		y[i] = tap{f(p.at), p.weight}
	}
	return y
}

// sampled is x [N P G C], P the places of spatial axes of sizes in, at places
// between them: the taps, one list for each spatial axis, of [N G …] give [N G … C].
// Places outside become the nearest inside.
func sampled(x *graph.Node, axes []taps, in []int) *graph.Node {
	d := tensor.Int32
	if tensor.Dims(in...).Size() > math.MaxInt32 {
		d = tensor.Int64
	}
	var sum *graph.Node
	var visit func(axis int, place, weight *graph.Node)
	visit = func(axis int, place, weight *graph.Node) {
		if axis == len(axes) {
			y := pickPlaces(x, place)
			w := ops.Convert(weight, y.DType())
			y = ops.Mul(y, ops.BroadcastInDim(w, y.Shape(), upTo(w.Shape().Rank())...))
			if sum != nil {
				y = ops.Add(sum, y)
			}
			sum = y
			return
		}
		for _, t := range axes[axis] {
			at := ops.Convert(ops.Clamp(t.at, 0, float64(max(in[axis]-1, 0))), d)
			w := t.weight
			if place != nil {
				at = ops.Add(ops.Mul(place, ops.Like(place, float64(in[axis]))), at)
				w = ops.Mul(weight, w)
			}
			visit(axis+1, at, w)
		}
	}
	visit(0, nil, nil)
	return sum
}

// pickPlaces is x [N P G C] at places [N G …]: [N G … C].
func pickPlaces(x, place *graph.Node) *graph.Node {
	rank := place.Shape().Rank()
	return ops.Gather(x, ops.Reshape(place, shapeAfter(place, append(place.Shape().Dims(), 1)...)), ops.GatherDims{
		Axes: ops.List(1), Size: ops.List(1, 1, 1, x.Shape().Dim(3)), Collapsed: ops.List(1), Offset: ops.List(rank),
		BatchX: ops.List(0, 2), BatchIndices: ops.List(0, 1),
	})
}
