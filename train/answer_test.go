package train

import (
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
	defer pool.Close()
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
