package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// NewRNN makes layers of h ← tanh(x·W + h·U + b): Elman, "Finding Structure in
// Time", Cognitive Science 1990.
func NewRNN(r rng.Stream, in, hidden int, o RecurrentOptions) *Recurrent {
	return newRecurrent(r, elman{}, in, hidden, o)
}

type elman struct{}

func (elman) gates() int { return 1 }

func (elman) carries() int { return 1 }

func (elman) twice() bool { return false }

func (elman) next(x, u *graph.Node, _ []*graph.Node) []*graph.Node {
	return []*graph.Node{ops.Tanh(ops.Add(x, u))}
}

func init() {
	Register(Spec{
		Name: "rnn",
		Doc:  "h ← tanh(x·W + h·U + b) along time",
		Cite: "Elman, 1990",
		New:  func(r rng.Stream) Layer { return NewRNN(r, 3, 4, RecurrentOptions{}) },
		In:   tensor.F32(2, 5, 3),
		Out:  tensor.F32(2, 5, 4),
	})
}
