package zoo

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
)

// MLP is the multi-layer perceptron: Rumelhart, Hinton and Williams, "Learning
// Representations by Back-Propagating Errors", 1986. [N H W C] or [N F] → [N K].
type MLP struct {
	Flatten nn.Flatten
	Hidden  nn.Seq // of linear map, activation and dropout, in turns
	Head    *nn.Linear
}

// Forward implements nn.Layer.
func (n *MLP) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	x = c.In("flatten", n.Flatten, x)
	x = c.In("hidden", n.Hidden, x)
	return c.In("head", n.Head, x)
}

func newMLP(r rng.Stream, in In, out int, s Settings) (nn.Layer, error) {
	list, rate, act := s.List("hidden"), s.Float("dropout"), nn.Activation(s.Text("activation"))
	if err := widths("hidden", list, 0, 64); err != nil {
		return nil, err
	}
	if err := between("dropout", rate, 0, 0.95); err != nil {
		return nil, err
	}
	if err := act.Check(); err != nil {
		return nil, err
	}
	if err := modest(chained(in.Shape.Size(), list, 1)); err != nil {
		return nil, err
	}
	n, features := &MLP{}, in.Shape.Size()
	for i, width := range list {
		l, err := dense(r.Split("hidden").At(uint64(i)), features, width)
		if err != nil {
			return nil, err
		}
		l.Weight = nn.KaimingNormal(r.Split("hidden").At(uint64(i)), l.Weight.Value.Shape())
		n.Hidden = append(n.Hidden, l, act, nn.Dropout{Rate: rate})
		features = width
	}
	head, err := dense(r.Split("head"), features, out)
	n.Head = head
	return n, err
}

func init() {
	Register(Entry{
		Name:  "mlp",
		Doc:   "linear maps with activations between them",
		Cite:  "Rumelhart, Hinton and Williams, 1986",
		Takes: []int{1, 3},
		Settings: Settings{
			"hidden":     []int{256, 128}, // features of the hidden layers
			"activation": "relu",
			"dropout":    0.0,
		},
		Build: newMLP,
	})
}
