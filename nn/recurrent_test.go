package nn_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// recurrentGolden is what testdata/recurrent.py writes.
type recurrentGolden struct {
	N, L, C, H int
	Cases      []recurrentCase
}

type recurrentCase struct {
	Name          string
	Layers        int
	Both          bool
	Lengths       []int64
	X, DX         []float64
	Outs, Weights [][]float64
	Params        map[string][2][]float64 // value and gradient
}

// recurrentGraph is a case as a function: of leaves with values, the results and
// gradients, and what they should be.
type recurrentGraph struct {
	in, out     []*graph.Node
	feeds, want []tensor.Wide
}

func (b *recurrentGraph) leaf(n *graph.Node, v []float64) *graph.Node {
	b.in, b.feeds = append(b.in, n), append(b.feeds, tensor.Wide{Type: n.Type(), F: v})
	return n
}

func (b *recurrentGraph) result(n *graph.Node, v []float64) {
	b.out, b.want = append(b.out, n), append(b.want, tensor.Wide{Type: n.Type(), F: v})
}

func (g recurrentGolden) build(c recurrentCase) recurrentGraph {
	makes := map[string]func(rng.Stream, int, int, nn.RecurrentOptions) *nn.Recurrent{"rnn": nn.NewRNN, "lstm": nn.NewLSTM, "gru": nn.NewGRU}
	net := makes[c.Name](rng.New(1), g.C, g.H, nn.RecurrentOptions{Layers: c.Layers, Bidirectional: c.Both})
	ctx := nn.NewCtx(net)
	ctx.Train = true
	var b recurrentGraph
	x := b.leaf(ctx.Graph.Leaf("x", tensor.F32(g.N, g.L, g.C)), c.X)
	var run nn.RecurrentRun
	if len(c.Lengths) > 0 {
		run.Lengths = ctx.Graph.Leaf("lengths", tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(g.N)})
		b.in, b.feeds = append(b.in, run.Lengths), append(b.feeds, tensor.Wide{Type: run.Lengths.Type(), I: c.Lengths})
	}
	y, state := net.Run(ctx, x, run)
	seeds := make([]*graph.Node, 0, len(c.Weights))
	outs := append([]*graph.Node{y}, state...)
	for i, n := range outs {
		b.result(n, c.Outs[i])
		seeds = append(seeds, b.leaf(ctx.Graph.Leaf(fmt.Sprint("weights.", i), n.Type()), c.Weights[i]))
	}
	wrt, want := []*graph.Node{x}, [][]float64{c.DX}
	for _, p := range nn.Params(net) {
		wrt = append(wrt, b.leaf(ctx.Param(p.Param), c.Params[p.Path][0]))
		want = append(want, c.Params[p.Path][1])
	}
	for i, n := range (graph.Backward{Of: outs, Seeds: seeds}).Grad(wrt...) {
		b.result(n, want[i])
	}
	return b
}

// TestRecurrentLayersAreThoseOfPyTorch compares outputs, last states and all
// gradients with PyTorch's: the definitions in float64, programs in float32.
func TestRecurrentLayersAreThoseOfPyTorch(t *testing.T) {
	data, err := os.ReadFile("testdata/recurrent.json")
	if err != nil {
		t.Fatal(err)
	}
	var g recurrentGolden
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(2)
	defer pool.Close()
	for _, c := range g.Cases {
		t.Run(fmt.Sprint(c.Name, c.Layers, c.Both, c.Lengths), func(t *testing.T) {
			b := g.build(c)
			f, err := graph.NewFunc(c.Name, b.in, b.out)
			if err != nil {
				t.Fatal(err)
			}
			for i, y := range graph.Eval(f, b.feeds) {
				if d := farthest(y.F, b.want[i].F); !(d <= 1e-10) {
					t.Errorf("result %d %v: the definition is %g off", i, y.Type, d)
				}
			}
			fn, err := exec.Compile(f, pool, plan.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var in []tensor.Tensor
			for _, w := range b.feeds {
				in = append(in, w.Narrow())
			}
			out, err := fn.Call(t.Context(), in...)
			if err != nil {
				t.Fatal(err)
			}
			for i, y := range out {
				if d := farthest(tensor.Widen(y).F, b.want[i].F); !(d <= 1e-5) {
					t.Errorf("result %d %v: the program is %g off", i, y.Type(), d)
				}
			}
		})
	}
}

// farthest is the largest difference of two lists, by the largest of b.
func farthest(a, b []float64) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	d, size := 0.0, 1e-300
	for i, v := range b {
		d, size = math.Max(d, math.Abs(a[i]-v)), math.Max(size, math.Abs(v))
	}
	return d / size
}

// TestStepsGoOnWhereARunEnded: a run over a sequence is what steps over its
// parts are.
func TestStepsGoOnWhereARunEnded(t *testing.T) {
	net := nn.NewLSTM(rng.New(3), 3, 4, nn.RecurrentOptions{Layers: 2})
	ctx := nn.NewCtx(net)
	x := ctx.Graph.Leaf("x", tensor.F32(2, 5, 3))
	part := func(from, to int) *graph.Node {
		return ops.Slice(x, []int{0, from, 0}, []int{2, to, 3}, nil)
	}
	whole, last := net.Run(ctx, x, nn.RecurrentRun{})
	_, state := net.Run(ctx, part(0, 4), nn.RecurrentRun{})
	y, next := net.Step(ctx, ops.Reshape(part(4, 5), tensor.Dims(2, 3)), state)
	out := append([]*graph.Node{ops.Reshape(ops.Slice(whole, []int{0, 4, 0}, []int{2, 5, 4}, nil), y.Shape()), y}, last...)
	in, feeds := []*graph.Node{x}, []tensor.Wide{tensor.NewWide(x.Type())}
	for i := range feeds[0].F {
		feeds[0].F[i] = math.Sin(float64(3 * i))
	}
	for _, p := range nn.Params(net) {
		in, feeds = append(in, ctx.Param(p.Param)), append(feeds, tensor.Widen(p.Value))
	}
	f, err := graph.NewFunc("steps", in, append(out, next...))
	if err != nil {
		t.Fatal(err)
	}
	v := graph.Eval(f, feeds)
	for i, pair := range [][2]int{{0, 1}, {2, 6}, {3, 7}, {4, 8}, {5, 9}} {
		if d := farthest(v[pair[0]].F, v[pair[1]].F); d > 1e-12 {
			t.Errorf("pair %d differs by %g", i, d)
		}
	}
}
