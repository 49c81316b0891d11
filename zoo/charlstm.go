package zoo

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// CharLSTM is a language model of layers of LSTM, which read a text from left to
// right: Graves, "Generating Sequences With Recurrent Neural Networks", 2013,
// section 3, without the connections that skip layers. int32 [N L] → logits
// [N L V] of the next token at each place.
type CharLSTM struct {
	Embed   *nn.Embedding
	Dropout nn.Dropout
	LSTM    *nn.Recurrent
	Head    *nn.Linear
}

// Forward implements nn.Layer.
func (n *CharLSTM) Forward(c *nn.Ctx, ids *graph.Node) *graph.Node {
	x := c.In("dropout", n.Dropout, c.In("embed", n.Embed, ids)) // [N L D]
	x = c.In("dropout", n.Dropout, c.In("lstm", n.LSTM, x))      // [N L H]
	return c.In("head", n.Head, x)
}

// Memory implements Stepper: hidden state and cell of each layer.
func (n *CharLSTM) Memory(batch int) []tensor.Type {
	var list []tensor.Type
	for range n.LSTM.Layers {
		t := tensor.F32(batch, n.LSTM.Hidden())
		list = append(list, t, t)
	}
	return list
}

// Reach implements Stepper.
func (n *CharLSTM) Reach() int { return 0 }

// Advance implements Stepper.
func (n *CharLSTM) Advance(c *nn.Ctx, ids *graph.Node, memory []*graph.Node, _ *graph.Node) (logits *graph.Node, next []*graph.Node) {
	x, next := n.LSTM.Run(c, c.In("embed", n.Embed, ids), nn.RecurrentRun{State: memory})
	return c.In("head", n.Head, x), next
}

func newCharLSTM(r rng.Stream, in In, out int, s Settings) (nn.Layer, error) {
	width, hidden, layers := s.Int("width"), s.Int("hidden"), s.Int("layers")
	for _, e := range []error{
		between("width", width, 1, maxWidth), between("hidden", hidden, 1, maxWidth), between("layers", layers, 1, 100),
		between("dropout", s.Float("dropout"), 0, 0.95),
	} {
		if e != nil {
			return nil, e
		}
	}
	if len(in.Vocab) != 1 || in.Vocab[0] > maxWeights/width {
		return nil, fmt.Errorf("an input with vocabularies %v, want that of a text, of at most %d", in.Vocab, maxWeights/width)
	}
	if err := modest(8 * float64(layers*hidden) * float64(max(hidden, width))); err != nil {
		return nil, err
	}
	n := &CharLSTM{
		Embed:   nn.NewEmbedding(r.Split("embed"), in.Vocab[0], width),
		Dropout: nn.Dropout{Rate: s.Float("dropout")},
		LSTM:    nn.NewLSTM(r.Split("lstm"), width, hidden, nn.RecurrentOptions{Layers: layers, Dropout: s.Float("dropout")}),
	}
	r.Split("embed").Normal(n.Embed.Weight.Value.Floats(), 0, 0.1)
	head, err := dense(r.Split("head"), hidden, out)
	n.Head = head
	return n, err
}

func init() {
	Register(Entry{
		Name:  "char-lstm",
		Doc:   "a language model of layers of LSTM",
		Cite:  "Graves, 2013",
		Takes: []int{1},
		Settings: Settings{
			"width":   64,  // features of a token
			"hidden":  256, // of each layer
			"layers":  1,
			"dropout": 0.0,
		},
		Build: newCharLSTM,
	})
}
