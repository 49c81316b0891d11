package ops_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"pgregory.net/rapid"
)

// goldenTensor is a tensor of testdata/*.json.
type goldenTensor struct {
	Dims   []int
	Values []float64
}

func (x goldenTensor) node(g *graph.Graph, d tensor.DType) *graph.Node {
	w := tensor.NewWide(tensor.Type{DType: d, Shape: tensor.Dims(x.Dims...)})
	copy(w.F, x.Values)
	for i := range w.I {
		w.I[i] = int64(x.Values[i])
	}
	return g.Constant(w.Narrow())
}

// TestAttentionIsPyTorchs holds results and gradients to those that
// testdata/attention.py wrote.
func TestAttentionIsPyTorchs(t *testing.T) {
	text, err := os.ReadFile("testdata/attention.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			Causal, Bool  bool
			Scale         float64
			Q, K, V, G, O goldenTensor
			Mask          *goldenTensor
			Grads         []goldenTensor
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	for _, c := range golden.Cases {
		g := graph.New()
		q, k, v := c.Q.node(g, tensor.Float64), c.K.node(g, tensor.Float64), c.V.node(g, tensor.Float64)
		free, mask := []*graph.Node{q, k, v}, (*graph.Node)(nil)
		switch {
		case c.Mask != nil && c.Bool:
			mask = c.Mask.node(g, tensor.Bool)
		case c.Mask != nil:
			mask = c.Mask.node(g, tensor.Float64)
			free = append(free, mask)
		}
		o := ops.Attention(q, k, v, mask, ops.AttentionDims{Causal: c.Causal, Scale: c.Scale})
		wantNear(t, values(t, o), c.O.Values, 1e-10)
		back := graph.Backward{Of: []*graph.Node{o}, Seeds: []*graph.Node{c.G.node(g, tensor.Float64)}}
		for i, d := range back.Grad(free...) {
			wantNear(t, values(t, d), c.Grads[i].Values, 1e-10)
		}
	}
}

// drawAttention is an attention over random shapes: leaves in BLHD or BHLD, any
// mask, any offset.
func drawAttention(t *rapid.T, g *graph.Graph, longest int) *graph.Node {
	size := func(name string, most int) int { return rapid.IntRange(1, most).Draw(t, name) }
	b, kv, group := size("batch", 2), size("heads", 2), size("group", 2)
	l, s, d, dv := size("queries", longest), size("keys", longest), size("width", 20), size("value width", 20)
	leaf := func(name string, heads, rows, width int) *graph.Node {
		if rapid.Bool().Draw(t, name+" late") {
			return ops.Transpose(g.Leaf(name, tensor.F32(b, rows, heads, width)), 0, 2, 1, 3)
		}
		return g.Leaf(name, tensor.F32(b, heads, rows, width))
	}
	q, k, v := leaf("q", kv*group, l, d), leaf("k", kv, s, d), leaf("v", kv, s, dv)
	dims := ops.AttentionDims{Causal: rapid.Bool().Draw(t, "causal"), Offset: rapid.IntRange(-3, longest).Draw(t, "offset")}
	var mask *graph.Node
	if kind := rapid.IntRange(0, 2).Draw(t, "mask"); kind > 0 {
		shape := []int{b, kv * group, l, s}
		for i := range shape {
			if rapid.Bool().Draw(t, "once") {
				shape[i] = 1
			}
		}
		mask = g.Leaf("mask", tensor.Type{DType: []tensor.DType{tensor.Bool, tensor.Float32}[kind-1], Shape: tensor.Dims(shape...)})
	}
	return ops.Attention(q, k, v, mask, dims)
}

// compare runs o and its gradients as planned and by their definitions, on
// random values whose products reach 80; it holds the decompositions to the definitions too.
func compare(t rapid.TB, o *graph.Node) {
	g := o.Graph()
	seed := g.Leaf("seed", o.Type())
	var leaves, floats []*graph.Node
	for _, n := range graph.Reachable([]*graph.Node{o, seed}) {
		if _, ok := n.Op().(graph.Leaf); ok {
			leaves = append(leaves, n.Out()[0])
			if n.Out()[0].DType().Float() && n.Out()[0] != seed {
				floats = append(floats, n.Out()[0])
			}
		}
	}
	grads := graph.Backward{Of: []*graph.Node{o}, Seeds: []*graph.Node{seed}}.Grad(floats...)
	outs := append([]*graph.Node{o}, grads...)
	whole := o.Inst().Op().(ops.Decomposer).Decompose(o.Inst().In())
	outs = append(outs, whole[0])
	f, err := graph.NewFunc("attention", leaves, outs)
	if err != nil {
		t.Fatal(err)
	}
	in, wide := make([]tensor.Tensor, len(leaves)), make([]tensor.Wide, len(leaves))
	for i, n := range leaves {
		w, r := tensor.NewWide(n.Type()), rng.New(uint64(i)).Rand()
		for j := range w.F {
			w.F[j] = 4*r.Float64() - 2
		}
		for j := range w.I {
			w.I[j] = int64(r.IntN(2))
		}
		in[i] = w.Narrow()
		wide[i] = tensor.Widen(in[i])
	}
	want := graph.Eval(f, wide)
	p, err := plan.Compile(f, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(2)
	defer pool.Close()
	got, err := exec.NewMachine(p, pool).Run(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		size := 0.0
		for _, v := range want[i].F {
			size = max(size, math.Abs(v))
		}
		for j, v := range tensor.Widen(got[i]).F {
			if d := math.Abs(v - want[i].F[j]); !(d <= 1e-5*max(size, 8)) {
				t.Fatalf("result %d: element %d is %v, want %v", i, j, v, want[i].F[j])
			}
		}
	}
	wantNear(t, want[len(want)-1].F, want[0].F, 1e-12)
}

func TestAttentionKernels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { compare(t, drawAttention(t, graph.New(), 40)) })
}

// TestAttentionOfManyBlocks: several blocks of queries and of keys, in chunks.
func TestAttentionOfManyBlocks(t *testing.T) {
	for _, c := range []struct {
		b, h, kv, l, s int
		d              ops.AttentionDims
	}{
		{1, 2, 1, 150, 530, ops.AttentionDims{}},
		{1, 1, 1, 300, 300, ops.AttentionDims{Causal: true}},
		{1, 1, 1, 70, 300, ops.AttentionDims{Causal: true, Offset: 230}},
	} {
		g := graph.New()
		q := ops.Transpose(g.Leaf("q", tensor.F32(c.b, c.l, c.h, 9)), 0, 2, 1, 3)
		k, v := g.Leaf("k", tensor.F32(c.b, c.kv, c.s, 9)), g.Leaf("v", tensor.F32(c.b, c.kv, c.s, 70))
		compare(t, ops.Attention(q, k, v, g.Leaf("mask", tensor.F32(c.l, c.s)), c.d))
	}
}

// TestAttentionReadsTransposedOperandsInPlace plans attention between heads that
// are cut from rows and joined again: nothing is moved.
func TestAttentionReadsTransposedOperandsInPlace(t *testing.T) {
	g := graph.New()
	x := g.Leaf("x", tensor.F32(2, 8, 12))
	heads := func(x *graph.Node) *graph.Node {
		return ops.Transpose(ops.Reshape(x, tensor.Dims(2, 8, 3, 4)), 0, 2, 1, 3)
	}
	o := ops.Attention(heads(x), heads(ops.Tanh(x)), heads(x), nil, ops.AttentionDims{})
	y := ops.Reshape(ops.Transpose(o, 0, 2, 1, 3), tensor.Dims(2, 8, 12))
	f, err := graph.NewFunc("f", []*graph.Node{x}, append(graph.Grad(ops.ReduceSum(ops.Exp(y)), x), y))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Compile(f, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Steps {
		for _, op := range s.Ops {
			if op == "transpose" {
				t.Errorf("a step is %v", s.Ops)
			}
		}
	}
}

func TestAttentionRefuses(t *testing.T) {
	for name, c := range map[string][3]tensor.Type{
		"three axes": {tensor.F32(2, 3, 4), tensor.F32(1, 2, 3, 4), tensor.F32(1, 2, 3, 4)},
		"heads":      {tensor.F32(1, 3, 3, 4), tensor.F32(1, 2, 3, 4), tensor.F32(1, 2, 3, 4)},
		"width":      {tensor.F32(1, 2, 3, 5), tensor.F32(1, 2, 3, 4), tensor.F32(1, 2, 3, 4)},
		"length":     {tensor.F32(1, 2, 3, 4), tensor.F32(1, 2, 3, 4), tensor.F32(1, 2, 4, 4)},
	} {
		g := graph.New()
		ops.Attention(g.Leaf("q", c[0]), g.Leaf("k", c[1]), g.Leaf("v", c[2]), nil, ops.AttentionDims{})
		if g.Err() == nil {
			t.Errorf("%s: %v are accepted", name, c)
		}
	}
}
