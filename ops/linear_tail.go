package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// The tail of a contraction is what comes after its products: a bias along the
// last axis, a residual of the result's type, a ReLU. Operands 0 and 1 are
// contracted; the bias follows if there is one, then the residual.

// tailed checks the number of operands and that their elements are alike; it
// says whether there is a bias.
func tailed(in []tensor.Type, residual bool) (bias bool, err error) {
	n := 2
	if residual {
		n++
	}
	if bias = len(in) == n+1; bias {
		n++
	}
	if err := of(in, n, numbers); err != nil {
		return false, err
	}
	for i, t := range in {
		if t.DType != in[0].DType {
			return false, fmt.Errorf("operands 0 and %d have %v and %v elements; convert one", i, in[0].DType, t.DType)
		}
	}
	return bias, nil
}

// tailFits checks bias and residual against the result.
func tailFits(in []tensor.Type, bias, residual bool, out tensor.Type) error {
	if want := tensor.Dims(out.Shape.Dim(-1)); bias && in[2].Shape != want {
		return fmt.Errorf("the bias is %v, want %v", in[2].Shape, want)
	}
	if last := in[len(in)-1]; residual && last != out {
		return fmt.Errorf("the residual is %v, the result %v", last, out)
	}
	return nil
}

// refTail finishes y, which holds the sums of products.
func refTail(y tensor.Wide, in []tensor.Wide, residual, relu bool) {
	cols := y.Type.Shape.Dim(-1)
	rest := in[2:]
	if residual {
		last := rest[len(rest)-1]
		rest = rest[:len(rest)-1]
		addRows(y.F, last.F, len(y.F))
		addRows(y.I, last.I, len(y.I))
	}
	if len(rest) > 0 {
		addRows(y.F, rest[0].F, cols)
		addRows(y.I, rest[0].I, cols)
	}
	if relu {
		rectify(y.F)
		rectify(y.I)
	}
}

func addRows[T float64 | int64](y, x []T, cols int) {
	for i := range y {
		y[i] += x[i%cols]
	}
}

func rectify[T float64 | int64](y []T) {
	for i, v := range y {
		y[i] = max(v, 0)
	}
}

// beforeReLU is the cotangent of what went into the ReLU of n: g where n's
// result is positive.
func beforeReLU(g *graph.Node, n *graph.Inst, relu bool) *graph.Node {
	if !relu || g == nil {
		return g
	}
	y := n.Out()[0]
	return Select(Gt(y, Like(y, 0)), g, Like(g, 0))
}

// tailVJP is the cotangents of the bias and the residual of n.
func tailVJP(g *graph.Node, n *graph.Inst, residual bool) []*graph.Node {
	rest := len(n.In()) - 2
	if residual {
		rest--
	}
	var cts []*graph.Node
	if rest > 0 {
		cts = append(cts, sumRows(g))
	}
	if residual {
		cts = append(cts, g)
	}
	return cts
}

// sumRows adds up g over all axes but the last.
func sumRows(g *graph.Node) *graph.Node {
	var axes []int
	for i := range g.Shape().Rank() - 1 {
		axes = append(axes, i)
	}
	if axes == nil {
		return g
	}
	return ReduceSum(g, axes...)
}

// act is the kernels' word for a ReLU at the end.
func act(relu bool) kernel.Act {
	if relu {
		return kernel.ActReLU
	}
	return kernel.ActNone
}

// limits is the numbers between which an operation holds its operand; ok is false
// if that is not what it does. NaN stays NaN.
func limits(op graph.Op) (low, high float64, ok bool) {
	switch op := op.(type) {
	case clamp:
		return op.Low, op.High, true
	case relu6:
		return 0, 6, true
	}
	return 0, 0, false
}

// isReLU says whether user is the ReLU of its operand.
func isReLU(user *graph.Inst) bool { return user.Op().Name() == "relu" }

// residualOf is the other operand of user, if user adds a tensor of equal type
// to n's first result, and that tensor does not depend on n.
func residualOf(n, user *graph.Inst) *graph.Node {
	if name := user.Op().Name(); name != "add" && name != "sum" {
		return nil
	}
	y := n.Out()[0]
	other := user.In()[0]
	if other == y {
		other = user.In()[1]
	}
	if other == y || other.Type() != y.Type() {
		return nil
	}
	if len(n.Out()) > 1 && other.Inst().ID() > n.ID() {
		for _, i := range graph.Reachable([]*graph.Node{other}) {
			if i == n {
				return nil
			}
		}
	}
	return other
}

// biasOf is the [K] that user adds to every row of n's result […, K], or nil.
func biasOf(n, user *graph.Inst) *graph.Node {
	r := residualOf(n, user)
	if r == nil {
		return nil
	}
	last := r.Shape().Rank() - 1
	if b, ok := r.Op().(broadcastInDim); !ok || b.Axes != List(last) || r.In()[0].Shape().Dim(0) != r.Shape().Dim(last) {
		return nil
	}
	return r.In()[0]
}
