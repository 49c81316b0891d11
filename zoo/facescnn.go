package zoo

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
)

// FacesCNN is a convolutional network for small grey photographs, after LeCun et
// al., "Gradient-Based Learning Applied to Document Recognition", 1998, with
// batch normalisation and dropout: [N H W C] → logits [N K].
//
// For 25 by 25 photographs: [N 25 25 1] → [N 12 12 16] → [N 6 6 32] →
// [N 3 3 64] → [N 64] → [N 2].
type FacesCNN struct {
	Blocks  nn.Seq
	Collect nn.Layer // of places into features
	Dropout nn.Dropout
	Head    *nn.Linear
}

// Forward implements nn.Layer.
func (n *FacesCNN) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	x = c.In("blocks", n.Blocks, x)
	x = c.In("collect", n.Collect, x)
	x = c.In("dropout", n.Dropout, x)
	return c.In("head", n.Head, x)
}

func newFacesCNN(r rng.Stream, in In, out int, s Settings) (nn.Layer, error) {
	list, first, rate := s.List("widths"), s.Int("first"), s.Float("dropout")
	if err := widths("widths", list, 1, 12); err != nil {
		return nil, err
	}
	if err := between("first", first, 1, 31); err != nil {
		return nil, err
	}
	if first%2 == 0 {
		return nil, fmt.Errorf("setting first is %d, want an odd number", first)
	}
	if err := between("dropout", rate, 0, 0.95); err != nil {
		return nil, err
	}
	if err := modest(chained(in.Shape.Dim(2), list, max(first*first, 9))); err != nil {
		return nil, err
	}
	n := &FacesCNN{Dropout: nn.Dropout{Rate: rate}}
	h, w, channels := in.Shape.Dim(0), in.Shape.Dim(1), in.Shape.Dim(2)
	size := first
	for i, width := range list {
		b := newConvBlock(r.Split("block").At(uint64(i)), channels, width, size, 1, nn.Pad(size/2, size/2))
		if h >= 2 && w >= 2 {
			b.Pool = halve()
			h, w = h/2, w/2
		}
		n.Blocks = append(n.Blocks, b)
		channels, size = width, 3
	}
	features := channels
	switch s.Text("collect") {
	case "flatten":
		n.Collect, features = nn.Flatten{}, h*w*channels
	case "average":
		n.Collect = nn.GlobalAvgPool{}
	default:
		return nil, fmt.Errorf("setting collect is %q; there is [average flatten]", s.Text("collect"))
	}
	head, err := dense(r.Split("head"), features, out)
	n.Head = head
	return n, err
}

func init() {
	Register(Entry{
		Name: "faces-cnn",
		Doc:  "a few convolutions for small photographs, which learn from a hundred of them",
		Cite: "LeCun et al., 1998",
		Settings: Settings{
			"widths":  []int{16, 32, 64}, // channels of the blocks, each of which halves the sides
			"first":   5,                 // side of the first block's filters; that of the others is 3
			"collect": "average",         // over places, or "flatten"
			"dropout": 0.3,
		},
		Build: newFacesCNN,
	})
}
