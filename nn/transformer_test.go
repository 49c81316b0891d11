package nn_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

type goldenArray struct {
	Dims   []int
	Values []float64
}

func (a goldenArray) wide(d tensor.DType) tensor.Wide {
	w := tensor.NewWide(tensor.Type{DType: d, Shape: tensor.Dims(a.Dims...)})
	copy(w.F, a.Values)
	for i := range w.I {
		w.I[i] = int64(a.Values[i])
	}
	return w
}

// goldenBlock is one case of testdata/transformer.json, which
// testdata/transformer.py wrote.
type goldenBlock struct {
	Kind                         string
	Heads, Width, Memory, Hidden int
	NoBias, Causal, Cross, Post  bool
	Activation                   string
	Inputs, Params, Grads        map[string]goldenArray
	Keep                         *goldenArray
	Y, G                         goldenArray
}

func (b goldenBlock) build(c **nn.Ctx, leaf func(string, tensor.DType) *graph.Node) *graph.Node {
	a := nn.AttentionConfig{Width: b.Width, Heads: b.Heads, Memory: b.Memory, NoBias: b.NoBias, Causal: b.Causal}
	start := func(l nn.Layer) { *c = nn.NewCtx(l) }
	mask := func() *graph.Node {
		if b.Keep == nil {
			return nil
		}
		return nn.PaddingMask(leaf("keep", tensor.Int32), 0)
	}
	if b.Kind == "attention" {
		l := nn.NewMultiHeadAttention(rng.New(1), a)
		start(l)
		x := leaf("x", tensor.Float32)
		if b.Memory != 0 {
			return l.Attend(*c, x, leaf("memory", tensor.Float32), mask())
		}
		return l.Attend(*c, x, x, mask())
	}
	l := nn.NewTransformerBlock(rng.New(1), nn.BlockConfig{
		AttentionConfig: a, Hidden: b.Hidden, Activation: nn.Activation(b.Activation), PostNorm: b.Post, Cross: b.Cross,
	})
	start(l)
	x := leaf("x", tensor.Float32)
	if b.Cross {
		return l.Attend(*c, x, leaf("memory", tensor.Float32), mask(), nil)
	}
	return l.Attend(*c, x, nil, mask(), nil)
}

// TestTransformersArePyTorchs holds results and the gradients of inputs and
// parameters to PyTorch's layers with the same weights.
func TestTransformersArePyTorchs(t *testing.T) {
	text, err := os.ReadFile("testdata/transformer.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct{ Cases []goldenBlock }
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	for i, b := range golden.Cases {
		checkGoldenBlock(t, i, b)
	}
}

func checkGoldenBlock(t *testing.T, i int, b goldenBlock) {
	t.Helper()
	var c *nn.Ctx
	var leaves []*graph.Node
	var fed []tensor.Wide
	feed := func(name string, w tensor.Wide) *graph.Node {
		n := c.Graph.Leaf(name, w.Type)
		leaves, fed = append(leaves, n), append(fed, w)
		return n
	}
	y := b.build(&c, func(name string, d tensor.DType) *graph.Node {
		if name == "keep" {
			return feed(name, b.Keep.wide(d))
		}
		return feed(name, b.Inputs[name].wide(d))
	})
	var names []string
	var free []*graph.Node
	for _, n := range leaves {
		if n.DType().Float() {
			free, names = append(free, n), append(names, n.Op().(graph.Leaf).Label)
		}
	}
	for _, p := range c.Used() {
		free, names = append(free, feed(p.Path, b.Params[p.Path].wide(tensor.Float32))), append(names, p.Path)
	}
	seed := feed("seed", b.G.wide(tensor.Float32))
	grads := graph.Backward{Of: []*graph.Node{y}, Seeds: []*graph.Node{seed}}.Grad(free...)
	f, err := graph.NewFunc("golden", leaves, append(grads, y))
	if err != nil {
		t.Fatal(err)
	}
	got := graph.Eval(f, fed)
	if len(names) != len(b.Grads) {
		t.Errorf("case %d: %d gradients, PyTorch has %d", i, len(names), len(b.Grads))
	}
	for j, name := range append(names, "y") {
		want := b.Y
		if name != "y" {
			want = b.Grads[name]
		}
		for e, w := range want.Values {
			if d := math.Abs(got[j].F[e] - w); !(d <= 1e-10*max(1, math.Abs(w))) {
				t.Fatalf("case %d: %s: element %d is %v, want %v", i, name, e, got[j].F[e], w)
			}
		}
	}
}
