package nn

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// NewLSTM makes layers of long short-term memory: Hochreiter and Schmidhuber,
// "Long Short-Term Memory", 1997, with forget gates (Gers et al., 2000); see
// [ops.LSTMCell]. The state of a layer and direction is hidden and cell, [N H].
// Forget gates start with a bias of 1, so that a cell keeps its state until it
// has learnt when not to: Gers, Schmidhuber and Cummins, 2000; Jozefowicz et al.,
// "An Empirical Exploration of Recurrent Network Architectures", ICML 2015.
func NewLSTM(r rng.Stream, in, hidden int, o RecurrentOptions) *Recurrent {
	l := newRecurrent(r, lstm{}, in, hidden, o)
	for _, p := range l.recurrences() {
		for i := range hidden {
			p.Bias.Value.Floats()[hidden+i] = 1
		}
	}
	return l
}

// ChronoBias makes the gates of an LSTM's cells remember for times between 1 and
// longest steps: the forget gate's bias is log(u), u drawn evenly from [1,
// longest), and the input gate's the opposite: Tallec and Ollivier, "Can
// Recurrent Neural Networks Warp Time?", ICLR 2018, equation 16.
func (l *Recurrent) ChronoBias(r rng.Stream, longest int) {
	if _, ok := l.cell.(lstm); !ok || longest < 2 {
		return
	}
	h := l.Hidden()
	for i, p := range l.recurrences() {
		b := p.Bias.Value.Floats()
		r.At(uint64(i)).Uniform(b[h:2*h], 1, float64(longest))
		for k := range h {
			b[h+k] = float32(math.Log(float64(b[h+k])))
			b[k] = -b[h+k]
		}
	}
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
