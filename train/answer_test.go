package train

import (
	"bytes"
	"slices"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// TestAnswersDoNotDependOnCompany asks a network about inputs one at a time and
// together: the numbers must be the same.
func TestAnswersDoNotDependOnCompany(t *testing.T) {
	p, inputs := asked(t)
	together, err := p.AnswerAll(t.Context(), inputs)
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range inputs {
		alone, err := p.AnswerAll(t.Context(), []tensor.Tensor{x})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(alone[0].Guesses, together[i].Guesses) {
			t.Errorf("input %d: alone %v, together %v", i, alone[0].Guesses, together[i].Guesses)
		}
	}
	if _, err := p.AnswerAll(t.Context(), []tensor.Tensor{tensor.New(tensor.F32(3))}); err == nil {
		t.Error("an input of another type is answered")
	}
}

// asked is a small network, and more inputs than it answers for together.
func asked(t *testing.T) (*Predictor, []tensor.Tensor) {
	t.Helper()
	m := zoo.Model{
		Task: "t", Labels: []string{"a", "b", "c"},
		Architecture: zoo.Architecture{Name: "faces-cnn"},
		Input:        data.Input{Name: "image", Kind: data.KindImage, Width: 25, Height: 25, Channels: 1},
	}
	net, err := m.Net(rng.New(1))
	if err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(2)
	t.Cleanup(pool.Close)
	p := &Predictor{NewNetwork(net, m, pool)}
	var inputs []tensor.Tensor
	r := rng.New(2).Rand()
	for range AnswerBatch + 5 {
		x := tensor.New(m.Input.Type())
		for i := range x.Floats() {
			x.Floats()[i] = r.Float32()
		}
		inputs = append(inputs, x)
	}
	return p, inputs
}

// TestPortionsChangeNothing: the answers are the same bits where a network answers for
// a few examples at a time.
func TestPortionsChangeNothing(t *testing.T) {
	p, inputs := asked(t)
	together, err := p.AnswerAll(t.Context(), inputs)
	if err != nil {
		t.Fatal(err)
	}
	// The largest value of an example is that of the first layer, [25 25 16] or more.
	const first = 25 * 25 * 16 * 4
	portions := &Predictor{NewNetwork(p.net, p.model, p.pool)}
	portions.room = 5 * first
	k, err := portions.portion(AnswerBatch)
	if err != nil || k < 2 || k > 4 || AnswerBatch%k != 0 {
		t.Fatalf("portions of %d, %v; want a part of %d that fits", k, err, AnswerBatch)
	}
	inPortions, err := portions.AnswerAll(t.Context(), inputs)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(inPortions, together, func(a, b Answer) bool { return slices.Equal(a.Guesses, b.Guesses) }) {
		t.Error("answers in portions are others")
	}
	x, err := p.stack(inputs[:AnswerBatch], AnswerBatch)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := p.Answers(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	parts, err := portions.Answers(t.Context(), x)
	if err != nil || parts.Type() != whole.Type() || !bytes.Equal(parts.Bytes(), whole.Bytes()) {
		t.Errorf("a batch in portions: %v, %v", parts.Type(), err)
	}
}
