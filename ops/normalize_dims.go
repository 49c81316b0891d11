package ops

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// NormDims says over which axes of x mean and variance are taken, and along
// which axes of x scale and bias vary: they have the shape of these axes, in
// rising order. Channels last, batch normalisation reduces all axes but the
// last, layer normalisation the last alone, and both scale along the last.
type NormDims struct {
	Axes      Ints    // reduced: mean and variance have the shape of the others
	ScaleAxes Ints    // the last axis
	Eps       float64 // added to the variance
}

// full counts axes from the first and puts the defaults in place.
func (d NormDims) full(rank int) NormDims {
	rising := func(l Ints) Ints {
		mask, err := axesOf(l, rank)
		if err != nil {
			return l
		}
		return List(named(mask, rank)...)
	}
	d.Axes, d.ScaleAxes = rising(d.Axes), rising(orElse(d.ScaleAxes, -1, 1))
	return d
}

// normShape is how the parts of a normalisation of x lie over each other.
type normShape struct {
	x               tensor.Shape
	reduced, scaled axisSet
	stat, scale     tensor.Shape        // of mean and variance, of scale and bias
	toStat, toScale [tensor.MaxRank]int // from a place of x
	n               int                 // elements under one mean
}

func (d NormDims) shape(x tensor.Shape) (s normShape, err error) {
	s.x = x
	if s.reduced, err = axesOf(d.Axes, x.Rank()); err != nil {
		return s, fmt.Errorf("reduced: %w", err)
	}
	if s.scaled, err = axesOf(d.ScaleAxes, x.Rank()); err != nil {
		return s, fmt.Errorf("scaled: %w", err)
	}
	if d.Axes.Len() == 0 || d.ScaleAxes.Len() == 0 || !(d.Eps >= 0) {
		return s, fmt.Errorf("reduced axes %v, scaled axes %v, eps %v", d.Axes, d.ScaleAxes, d.Eps)
	}
	s.toStat, s.stat = project(x, not(s.reduced))
	s.toScale, s.scale = project(x, s.scaled)
	s.n = product(sizesOf(x, named(s.reduced, x.Rank())))
	return s, nil
}

// over is the reduction to mean and variance.
func (s normShape) over() reduction { return reduction{List(named(s.reduced, s.x.Rank())...)} }

// mean takes means of x-shaped nodes: [x] → [stat].
func (s normShape) mean(x *graph.Node) *graph.Node {
	return Scale(graph.Apply1(reduceSum{s.over()}, x), 1/float64(max(s.n, 1)))
}

// byStat is a node of shape stat, repeated over x.
func (s normShape) byStat(n *graph.Node) *graph.Node { return s.over().spread(n, s.x) }

// byScale is a node of shape scale, repeated over x.
func (s normShape) byScale(n *graph.Node) *graph.Node {
	return BroadcastInDim(n, s.x, named(s.scaled, s.x.Rank())...)
}

// toScaleSum adds up an x-shaped node: [x] → [scale].
func (s normShape) toScaleSum(x *graph.Node) *graph.Node {
	return graph.Apply1(reduceSum{reduction{List(named(not(s.scaled), s.x.Rank())...)}}, x)
}

// normForm is the kernels that a normalisation can have.
type normForm int

const (
	noForm    normForm = iota
	batchForm          // [rows c]: a mean for each column, scaled along columns
	layerForm          // [rows c]: a mean for each row, scaled along columns
)

// form sees x as a matrix.
func (s normShape) form() (f normForm, rows, c int) {
	rank := s.x.Rank()
	axes, dims := named(s.reduced, rank), s.x.Dims()
	switch first := axes[0]; {
	case s.scaled == s.reduced && first+len(axes) == rank:
		return layerForm, product(dims[:first]), product(dims[first:])
	case slices.Equal(named(s.scaled, rank), []int{rank - 1}) && len(axes) == rank-1 && !s.reduced[rank-1]:
		return batchForm, product(dims[:rank-1]), dims[rank-1]
	}
	return noForm, 0, 0
}

// composed is a function of operands of the given types, made of smaller
// operations, or nil with the mistake reported to n's graph.
func composed(n *graph.Inst, f func(in []*graph.Node) []*graph.Node) *graph.Func {
	g := graph.New()
	leaves := make([]*graph.Node, len(n.In()))
	for i, t := range n.InTypes() {
		leaves[i] = g.Leaf(fmt.Sprint("in", i), t)
	}
	body, err := graph.NewFunc(n.Op().Name(), leaves, f(leaves))
	if err != nil {
		n.Graph().Fail(n.Op().Name(), err)
		return nil
	}
	return body
}

// composedVJP is the gradient of n by that of the smaller operations that f
// makes it of.
func composedVJP(ct []*graph.Node, n *graph.Inst, f func(in []*graph.Node) []*graph.Node) []*graph.Node {
	body := composed(n, f)
	if body == nil {
		return nil
	}
	return graph.Call{Body: body}.VJP(ct, n)
}
