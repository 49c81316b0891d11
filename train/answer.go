package train

import (
	"context"
	"fmt"
	"slices"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// Predictor answers for the best network of a run. It is safe for concurrent
// use.
type Predictor struct{ *Network }

// Predictor is the best checkpoint made ready to predict on pool.
func (r *Run) Predictor(pool *exec.Pool, warn func(string)) (*Predictor, error) {
	net, _, err := r.Best(warn)
	if err != nil {
		return nil, err
	}
	return &Predictor{NewNetwork(net, r.Model, pool)}, nil
}

// NewPredictor answers for a network made elsewhere, whose weights never change.
func NewPredictor(net nn.Layer, m zoo.Model, pool *exec.Pool) *Predictor {
	n := NewNetwork(net, m, pool)
	n.fixed = true
	return &Predictor{n}
}

// Prepare plans the program for n inputs, 1 or several, which the first answer would
// otherwise do.
func (p *Predictor) Prepare(n int) error {
	n, err := p.together(n)
	if err == nil {
		_, err = p.program(question{batch: n})
	}
	return err
}

// Guess is a label and how probable the network finds it.
type Guess struct {
	Label       string `json:"label"`
	Probability Figure `json:"probability"`
}

// Answer is what a network says of one example.
type Answer struct {
	Guesses []Guess // of classes: all labels, the most probable first
	Value   float64 // of a value, in the target's unit

	Truncated bool // the text was longer than what the network sees; set by who made the input
}

// AnswerBatch is how many examples [Predictor.AnswerAll] looks at together at most.
const AnswerBatch = 32

// together is how many examples at a time n of them are looked at: one alone, or
// several in portions of one size, so that there are two programs whatever n is.
func (p *Predictor) together(n int) (int, error) {
	if n == 1 {
		return 1, nil
	}
	return p.portion(AnswerBatch)
}

// Predict gives all labels for an image, the most probable first.
func (p *Predictor) Predict(ctx context.Context, m media.Image) ([]Guess, error) {
	x, err := p.model.Input.Tensor(m)
	if err != nil {
		return nil, &DataError{Err: err}
	}
	answers, err := p.AnswerAll(ctx, []tensor.Tensor{x})
	if err != nil {
		return nil, err
	}
	return answers[0].Guesses, nil
}

// AnswerAll answers for inputs, each of the type of [data.Input.Type].
func (p *Predictor) AnswerAll(ctx context.Context, list []tensor.Tensor) ([]Answer, error) {
	var answers []Answer
	k, err := p.together(len(list))
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(list, k) {
		x, err := p.stack(part, k)
		if err != nil {
			return nil, err
		}
		out, err := p.whole(ctx, x)
		if err != nil {
			return nil, err
		}
		n := x.Shape().Dim(0)
		row := out.Shape().Size() / n
		for i := range part {
			a, err := p.answer(out.Floats()[i*row:][:row])
			if err != nil {
				return nil, err
			}
			answers = append(answers, a)
		}
	}
	return answers, nil
}

// stack is inputs side by side in a batch of n.
func (p *Predictor) stack(part []tensor.Tensor, n int) (tensor.Tensor, error) {
	want := p.model.Input.Type()
	x := tensor.New(inputs(p.model, n))
	size := want.Bytes()
	for i, t := range part {
		if t.Type() != want {
			return x, fmt.Errorf("an input of %v; the network takes %v", t.Type(), want)
		}
		copy(x.Bytes()[i*size:], t.Bytes())
	}
	return x, nil
}

// answer reads one example's output.
func (p *Predictor) answer(out []float32) (Answer, error) {
	if p.model.Output.Is(data.OutputValue) {
		return Answer{Value: p.model.Output.Target(out[0])}, nil
	}
	labels := p.model.Labels
	if len(out) != len(labels) {
		return Answer{}, fmt.Errorf("the network has %d outputs for %d labels", len(out), len(labels))
	}
	guesses := make([]Guess, len(labels))
	for i, v := range out {
		guesses[i] = Guess{labels[i], Figure(v)}
	}
	slices.SortStableFunc(guesses, func(a, b Guess) int {
		switch {
		case a.Probability > b.Probability:
			return -1
		case a.Probability < b.Probability:
			return 1
		}
		return 0
	})
	return Answer{Guesses: guesses}, nil
}
