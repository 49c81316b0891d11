package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// CumDims says along which axis a cumulative operation goes, and how.
type CumDims struct {
	Axis      int
	Reverse   bool // from the last place to the first
	Exclusive bool // each place sees those before it, not itself
}

// cumulative is what the cumulative operations share. Exclusive ones are those of
// an operand that is moved on by one place: see [CumDims.begin].
type cumulative struct {
	Axis    int
	Reverse bool
}

// begin is x ready for the inclusive form of what d asks for: where d is
// exclusive it is moved on by one place, with first, the result of nothing, at
// the place that becomes free.
func (d CumDims) begin(x *graph.Node, first float64) (*graph.Node, cumulative) {
	c := cumulative{x.Shape().Axis(d.Axis), d.Reverse}
	rank := x.Shape().Rank()
	if !d.Exclusive || c.Axis < 0 || c.Axis >= rank || x.Shape().Dim(c.Axis) == 0 {
		return x, c
	}
	return c.moved(x, first, 1), c
}

// moved is x with the elements along the axis moved on by one place (step 1) or
// back (step -1), and first at the place that becomes free.
func (c cumulative) moved(x *graph.Node, first float64, step int) *graph.Node {
	low, high := make([]int, x.Shape().Rank()), make([]int, x.Shape().Rank())
	if c.Reverse {
		step = -step
	}
	low[c.Axis], high[c.Axis] = step, -step
	return Pad(x, first, low, high, nil)
}

// backwards goes the other way.
func (c cumulative) backwards() cumulative { return cumulative{c.Axis, !c.Reverse} }

// infer is the type rule: n operands of one type, with the axis, and such a result.
func (c cumulative) infer(in []tensor.Type, n int, k kinds) ([]tensor.Type, error) {
	if err := alike(in, n, k); err != nil {
		return nil, err
	}
	if c.Axis < 0 || c.Axis >= in[0].Shape.Rank() || in[0].Shape.Dim(c.Axis) > math.MaxInt32 {
		return nil, errAxis(c.Axis, in[0].Shape)
	}
	return in[:1], nil
}

// steps calls f for each element in the order of the axis, with the one before
// it, or -1 at the beginning.
func (c cumulative) steps(s tensor.Shape, f func(i, before int)) {
	outer, n, inner := split(s, c.Axis)
	if s.Size() == 0 {
		return
	}
	for row := range outer * inner {
		at, step := row/inner*n*inner+row%inner, inner
		if c.Reverse {
			at, step = at+(n-1)*inner, -inner
		}
		before := -1
		for range n {
			f(at, before)
			before, at = at, at+step
		}
	}
}

// permuted is along the axis that lies at this one after a transposition.
func (c cumulative) permuted(perm []int) cumulative { return cumulative{perm[c.Axis], c.Reverse} }

// spec is what kernels know of it.
func (c cumulative) spec(s tensor.Shape) kernel.CumSpec {
	outer, n, inner := split(s, c.Axis)
	return kernel.CumSpec{Outer: outer, Axis: n, Inner: inner, Reverse: c.Reverse}
}

// cumSamples are operands, n of one type each: rows, columns, both ways, one
// place, none, and integers where they are allowed.
func cumSamples(op func(cumulative) graph.Op, n int, low, high float64, d ...tensor.DType) []graph.Sample {
	var samples []graph.Sample
	add := func(c cumulative, d tensor.DType, dims ...int) {
		s := graph.Sample{Of: op(c), Low: low, High: high}
		for range n {
			s.In = append(s.In, tensor.Type{DType: d, Shape: tensor.Dims(dims...)})
		}
		samples = append(samples, s)
	}
	for _, reverse := range []bool{false, true} {
		add(cumulative{1, reverse}, tensor.Float32, 3, 6)
		add(cumulative{0, reverse}, tensor.Float32, 5, 3)
		add(cumulative{1, reverse}, tensor.Float32, 2, 4, 3)
		add(cumulative{1, reverse}, tensor.Float64, 2, 5)
		for _, d := range d {
			add(cumulative{1, reverse}, d, 2, 9)
		}
	}
	add(cumulative{1, false}, tensor.Float32, 3, 1)
	add(cumulative{1, false}, tensor.Float32, 3, 0)
	add(cumulative{0, false}, tensor.Float32, 3, 0)
	add(cumulative{0, false}, tensor.Float32, 4, 40)
	return samples
}
