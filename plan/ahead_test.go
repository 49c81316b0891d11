package plan_test

import (
	"context"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// drawn is a tensor of normal numbers.
func drawn(seed uint64, dims ...int) tensor.Tensor {
	t := tensor.New(tensor.F32(dims...))
	rng.New(seed).Normal(t.Floats(), 0, 1)
	return t
}

// perceive is a network of a convolution, its normalisation and a product of
// wide layers, with weights that are leaves or constants.
func perceive(weight func(g *graph.Graph, name string, v tensor.Tensor) *graph.Node) (*graph.Node, *graph.Node) {
	g := graph.New()
	x := g.Leaf("x", tensor.F32(2, 6, 6, 8))
	y := ops.Conv(x, weight(g, "w", drawn(1, 3, 3, 8, 96)), nil, ops.ConvDims{PadLow: ops.List(1, 1), PadHigh: ops.List(1, 1)})
	variance := drawn(3, 96)
	for i, v := range variance.Floats() {
		variance.Floats()[i] = v*v + 0.5
	}
	y = ops.NormalizeWith(y, weight(g, "mean", drawn(2, 96)), weight(g, "variance", variance), weight(g, "scale", drawn(4, 96)), weight(g, "shift", drawn(5, 96)), 1e-5)
	y = ops.Mean(ops.ReLU(y), 1, 2)
	return x, ops.Linear(y, weight(g, "v", drawn(6, 96, 200)), weight(g, "b", drawn(7, 200)))
}

// TestConstantWeightsAreReady: a network whose weights are constants computes
// what it computes when it is fed them; weights are packed once and stand once
// among the constants, and the normalisation becomes part of the convolution.
func TestConstantWeightsAreReady(t *testing.T) {
	pool := exec.NewPool(1)
	defer pool.Close()
	var leaves []*graph.Node
	fed := []tensor.Tensor{drawn(9, 2, 6, 6, 8)}
	x, y := perceive(func(g *graph.Graph, name string, v tensor.Tensor) *graph.Node {
		n := g.Leaf(name, v.Type())
		leaves, fed = append(leaves, n), append(fed, v)
		return n
	})
	run := func(p *plan.Program, in []tensor.Tensor) []float32 {
		out, err := exec.NewMachine(p, pool).Run(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		return out[0].Floats()
	}
	want := run(compile(t, plan.Options{}, append([]*graph.Node{x}, leaves...), y), fed)
	x, y = perceive(func(g *graph.Graph, _ string, v tensor.Tensor) *graph.Node { return g.Constant(v) })
	p := compile(t, plan.Options{}, []*graph.Node{x}, y)
	for i, v := range run(p, fed[:1]) {
		if d := float64(v - want[i]); !(d < 1e-4 && d > -1e-4) {
			t.Fatalf("element %d is %v, want %v", i, v, want[i])
		}
	}
	size := 0
	for _, c := range p.Constants {
		size += len(c.Bytes())
	}
	if most := 4 * (3*3*8*96 + 96 + 96*256 + 200 + 64); size > most {
		t.Errorf("%d bytes of constants, want at most %d", size, most)
	}
	for i := range p.Steps {
		if p.Steps[i].Code.Ahead != nil {
			t.Errorf("%v still packs its weights", p.Steps[i].Ops)
		}
	}
	wantSteps(t, p, "conv", "reduce-sum", "mul", "linear")
}
