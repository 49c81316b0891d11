package zoo_test

import (
	"math"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// TestCompiledGPTFollowsTheDefinition compares loss and gradients of a small
// model, as kernels make them, with the definitions in float64.
func TestCompiledGPTFollowsTheDefinition(t *testing.T) {
	const batch, places, vocab = 3, 6, 7
	n := gpt(t, places, vocab, map[string]any{"layers": 2, "heads": 2, "width": 8, "bias": true})
	c := nn.NewCtx(n)
	c.Train = true
	tokens, next := tensor.New(ids(batch, places)), tensor.New(ids(batch*places))
	for i := range batch * places {
		tensor.Of[int32](tokens)[i], tensor.Of[int32](next)[i] = int32(i*i%vocab), int32((i*i+i)%vocab)
	}
	leaves := []*graph.Node{c.Graph.Leaf("ids", tokens.Type()), c.Graph.Leaf("next", next.Type())}
	in := []tensor.Tensor{tokens, next}
	logits := ops.Reshape(n.Forward(c, leaves[0]), tensor.Dims(batch*places, vocab))
	loss := nn.CrossEntropy(logits, leaves[1], 0)
	for _, p := range nn.Params(n) {
		rng.New(4).Split(p.Path).Normal(p.Value.Floats(), 0, 0.4)
		leaves, in = append(leaves, c.Graph.Leaf(p.Path, p.Value.Type())), append(in, p.Value)
	}
	f, err := graph.NewFunc("gpt", leaves, append(graph.Grad(loss, leaves[2:]...), loss))
	if err != nil {
		t.Fatal(err)
	}
	wide := make([]tensor.Wide, len(in))
	for i, v := range in {
		wide[i] = tensor.Widen(v)
	}
	want := graph.Eval(f, wide)
	pool := exec.NewPool(2)
	defer pool.Close()
	fn, err := exec.Compile(f, pool, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := fn.Call(t.Context(), in...)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range want {
		largest, far := 0.0, 0.0
		for j, v := range tensor.Widen(got[i]).F {
			largest, far = max(largest, math.Abs(w.F[j])), max(far, math.Abs(v-w.F[j]))
		}
		if !(far <= 1e-5*max(largest, 0.01)) {
			t.Errorf("output %d: off by %g of %g", i, far, largest)
		}
	}
}
