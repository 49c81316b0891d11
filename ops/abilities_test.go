package ops_test

import (
	"slices"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// What plans find by type assertion, and would silently do without.
var (
	_ = []plan.Strided{strided(func(x *graph.Node) *graph.Node { return ops.BroadcastInDim(x, tensor.Dims(2, 3), 0, 1) }), strided(func(x *graph.Node) *graph.Node { return ops.Transpose(x) })}
	_ = strided(func(x *graph.Node) *graph.Node { return ops.Transpose(x) }).(plan.Transposer)
	_ = folding(ops.ReduceSum)
	_ = folding(ops.ReduceMax)
	_ = folding(ops.ReduceMin)
	_ = folding(ops.ReduceProd)
)

func strided(f func(*graph.Node) *graph.Node) plan.Strided {
	return f(graph.New().Leaf("x", tensor.F32(2, 3))).Op().(plan.Strided)
}

func folding(f func(*graph.Node, ...int) *graph.Node) plan.Folding {
	return f(graph.New().Leaf("x", tensor.F32(2, 3)), 0).Op().(plan.Folding)
}

// TestElementwiseChainsReadThroughBroadcastsAndFold asks that the planner uses
// what the operations offer: a bias, an activation and a sum are one step.
func TestElementwiseChainsReadThroughBroadcastsAndFold(t *testing.T) {
	g := graph.New()
	x, b := g.Leaf("x", tensor.F32(64, 32)), g.Leaf("b", tensor.F32(32))
	y := ops.ReduceSum(ops.Tanh(ops.Add(x, b)), 0)
	f, err := graph.NewFunc("f", []*graph.Node{x, b}, []*graph.Node{y})
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Compile(f, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Steps) != 1 {
		for _, s := range p.Steps {
			t.Log(s.Ops)
		}
		t.Errorf("%d steps, want one", len(p.Steps))
	}
}

// TestChannelsFirstKeepsItsTranspositionsAtTheEdges plans two convolutions
// written for channels-first images: of six transpositions two remain.
func TestChannelsFirstKeepsItsTranspositionsAtTheEdges(t *testing.T) {
	g := graph.New()
	x := g.Leaf("x", tensor.F32(2, 3, 8, 8)) // [N C H W]
	w1, w2 := g.Leaf("w1", tensor.F32(3, 3, 3, 4)), g.Leaf("w2", tensor.F32(3, 3, 4, 5))
	conv := func(x, w *graph.Node) *graph.Node {
		y := ops.Conv(ops.Transpose(x, 0, 2, 3, 1), w, nil, ops.ConvDims{})
		return ops.Tanh(ops.Transpose(y, 0, 3, 1, 2))
	}
	y := conv(conv(x, w1), w2)
	f, err := graph.NewFunc("f", []*graph.Node{x, w1, w2}, []*graph.Node{y})
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Compile(f, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, s := range p.Steps {
		if slices.Contains(s.Ops, "transpose") {
			count++
		}
	}
	if count > 2 {
		t.Errorf("%d steps transpose, want at most two", count)
	}
}
