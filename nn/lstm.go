package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// NewLSTM makes layers of long short-term memory: Hochreiter and Schmidhuber,
// "Long Short-Term Memory", 1997, with forget gates (Gers et al., 2000); see
// [ops.LSTMCell]. The state of a layer and direction is hidden and cell, [N H].
func NewLSTM(r rng.Stream, in, hidden int, o RecurrentOptions) *Recurrent {
	return newRecurrent(r, lstm{}, in, hidden, o)
}

type lstm struct{}

func (lstm) gates() int { return 4 }

func (lstm) carries() int { return 2 }

func (lstm) twice() bool { return false }

func (lstm) next(x, u *graph.Node, state []*graph.Node) []*graph.Node {
	h, c := ops.LSTMCell(x, u, state[1])
	return []*graph.Node{h, c}
}

func init() {
	Register(Spec{
		Name: "lstm",
		Doc:  "long short-term memory along time",
		Cite: "Hochreiter and Schmidhuber, 1997",
		New: func(r rng.Stream) Layer {
			return NewLSTM(r, 3, 4, RecurrentOptions{Layers: 2, Bidirectional: true, Dropout: 0.3})
		},
		In:    tensor.F32(2, 5, 3),
		Out:   tensor.F32(2, 5, 8),
		Modes: true,
	})
}
