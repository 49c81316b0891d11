package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// NewGRU makes layers of gated recurrent units: Cho et al., "Learning Phrase
// Representations using RNN Encoder-Decoder for Statistical Machine
// Translation", EMNLP 2014, in PyTorch's form; see [ops.GRUCell].
func NewGRU(r rng.Stream, in, hidden int, o RecurrentOptions) *Recurrent {
	return newRecurrent(r, gru{}, in, hidden, o)
}

type gru struct{}

func (gru) gates() int { return 3 }

func (gru) carries() int { return 1 }

func (gru) twice() bool { return true }

func (gru) next(x, u *graph.Node, state []*graph.Node) []*graph.Node {
	return []*graph.Node{ops.GRUCell(x, u, state[0])}
}

func init() {
	Register(Spec{
		Name: "gru",
		Doc:  "gated recurrent units along time",
		Cite: "Cho et al., 2014",
		New:  func(r rng.Stream) Layer { return NewGRU(r, 3, 4, RecurrentOptions{Layers: 2}) },
		In:   tensor.F32(2, 5, 3),
		Out:  tensor.F32(2, 5, 4),
	})
}
