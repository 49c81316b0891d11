package zoo_test

import (
	"math"
	"testing"

	"github.com/ihae/ihae/check"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

func ids(dims ...int) tensor.Type {
	return tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(dims...)}
}

func gpt(t *testing.T, places, vocab int, set map[string]any) *zoo.GPT {
	t.Helper()
	net, err := zoo.New("gpt", rng.New(1), zoo.In{Type: ids(places), Vocab: []int{vocab}}, vocab, set)
	if err != nil {
		t.Fatal(err)
	}
	return net.(*zoo.GPT)
}

func TestGPTIsALayer(t *testing.T) {
	for _, set := range []map[string]any{
		{"layers": 2, "heads": 2, "width": 6, "dropout": 0.2},
		{"layers": 1, "heads": 1, "width": 4, "dropout": 0.1, "bias": true, "tie": false},
	} {
		err := check.Layer(nn.Spec{
			Name: "gpt", Doc: "a language model", Modes: true, In: ids(2, 3), Out: tensor.F32(2, 3, 7),
			New: func(rng.Stream) nn.Layer { return gpt(t, 5, 7, set) },
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// TestGPTCounts compares with nanoGPT's count for its CPU setting, 0.80 million
// with the vectors of places left out: 65·128 + 4·(12·128² + 2·128) + 128.
func TestGPTCounts(t *testing.T) {
	count := 0
	for _, p := range nn.Params(gpt(t, 64, 65, nil)) {
		count += p.Value.Shape().Size()
	}
	if want := 65*128 + 4*(12*128*128+2*128) + 128 + 64*128; count != want {
		t.Errorf("%d parameters, want %d", count, want)
	}
}

// run compiles the outputs that build makes of leaves for n's parameters and
// calls them with the values of in.
func run(t *testing.T, n *zoo.GPT, build func(c *nn.Ctx) []*graph.Node, in map[string]tensor.Tensor) []tensor.Tensor {
	t.Helper()
	c := nn.NewCtx(n)
	out := build(c)
	var leaves []*graph.Node
	var fed []tensor.Tensor
	for _, p := range nn.Params(n) {
		leaves, fed = append(leaves, c.Graph.Leaf(p.Path, p.Value.Type())), append(fed, p.Value)
	}
	for label, v := range in {
		leaves, fed = append(leaves, c.Graph.Leaf(label, v.Type())), append(fed, v)
	}
	f, err := graph.NewFunc("gpt", leaves, out)
	if err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(1)
	defer pool.Close()
	fn, err := exec.Compile(f, pool, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := fn.Call(t.Context(), fed...)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestGPTStepsEqualTheWhole: reading three tokens, then one at a time, with
// caches, gives the logits that reading all at once gives.
func TestGPTStepsEqualTheWhole(t *testing.T) {
	const batch, places, vocab = 2, 8, 11
	n := gpt(t, places, vocab, map[string]any{"layers": 2, "heads": 2, "width": 16})
	for _, p := range nn.Params(n) { // as large as after training
		rng.New(9).Split(p.Path).Normal(p.Value.Floats(), 0, 0.5)
	}
	tokens := tensor.New(ids(batch, places))
	r := rng.New(3).Rand()
	for i := range tensor.Of[int32](tokens) {
		tensor.Of[int32](tokens)[i] = int32(r.IntN(vocab))
	}
	whole := run(t, n, func(c *nn.Ctx) []*graph.Node {
		return []*graph.Node{n.Forward(c, c.Graph.Leaf("ids", tokens.Type()))}
	}, map[string]tensor.Tensor{"ids": tokens})[0]
	cache := n.Blocks[0].Attention.CacheType(batch, places)
	state := []tensor.Tensor{tensor.New(cache), tensor.New(cache), tensor.New(cache), tensor.New(cache)}
	for at := 0; at < places; {
		take := 1
		if at == 0 {
			take = 3
		}
		part := tensor.New(ids(batch, take))
		for b := range batch {
			copy(tensor.Of[int32](part)[b*take:], tensor.Of[int32](tokens)[b*places+at:][:take])
		}
		got := run(t, n, func(c *nn.Ctx) []*graph.Node { return gptStepGraph(c, n, part.Type(), cache) }, map[string]tensor.Tensor{
			"ids": part, "at": tensor.Scalar(int32(at)), "k0": state[0], "v0": state[1], "k1": state[2], "v1": state[3],
		})
		for b := range batch {
			for i := range take * vocab {
				a, w := got[0].Floats()[b*take*vocab+i], whole.Floats()[(b*places+at)*vocab+i]
				if d := math.Abs(float64(a - w)); !(d <= 1e-4) {
					t.Fatalf("place %d of sequence %d: %v, at once %v", at+i/vocab, b, a, w)
				}
			}
		}
		copy(state, got[1:])
		at += take
	}
}

// gptStepGraph is the logits of a step and the next caches.
func gptStepGraph(c *nn.Ctx, n *zoo.GPT, part, cache tensor.Type) []*graph.Node {
	leaf := func(name string) *graph.Node { return c.Graph.Leaf(name, cache) }
	logits, next := n.Step(c, c.Graph.Leaf("ids", part), []nn.AttentionCache{
		{Key: leaf("k0"), Value: leaf("v0")}, {Key: leaf("k1"), Value: leaf("v1")},
	}, c.Graph.Leaf("at", tensor.Type{DType: tensor.Int32}))
	out := []*graph.Node{logits}
	for _, s := range next {
		out = append(out, s.Key, s.Value)
	}
	return out
}

func TestGPTRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		in  zoo.In
		out int
		set map[string]any
	}{
		"heads":      {zoo.In{Type: ids(4), Vocab: []int{5}}, 5, map[string]any{"heads": 3}},
		"tied":       {zoo.In{Type: ids(4), Vocab: []int{5}}, 6, nil},
		"vocabulary": {zoo.In{Type: ids(4)}, 5, nil},
		"size":       {zoo.In{Type: ids(4), Vocab: []int{1 << 24}}, 1 << 20, map[string]any{"tie": false, "width": 8192}},
		"layers":     {zoo.In{Type: ids(4), Vocab: []int{5}}, 5, map[string]any{"layers": 0}},
	} {
		if _, err := zoo.New("gpt", rng.New(1), c.in, c.out, c.set); err == nil {
			t.Errorf("%s: %v is accepted", name, c)
		}
	}
}
