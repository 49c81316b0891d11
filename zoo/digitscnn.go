package zoo

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
)

// DigitsCNN is a convolutional network for handwritten digits: two stages of two
// 3x3 convolutions (Simonyan and Zisserman, "Very Deep Convolutional Networks",
// ICLR 2015) with batch normalisation, then a hidden layer: [N H W C] → logits
// [N K]. The convolutions have no padding, since digits have an empty border:
// that costs half of what padded ones do.
//
// For MNIST: [N 28 28 1] → [N 24 24 32] → [N 12 12 32] → [N 8 8 64] →
// [N 4 4 64] → [N 128] → [N 10].
type DigitsCNN struct {
	Blocks  nn.Seq
	Flatten nn.Flatten
	Hidden  *nn.Linear // without a bias, which the norm would take away
	Norm    *nn.BatchNorm
	Act     nn.Layer
	Dropout nn.Dropout
	Head    *nn.Linear
}

// Forward implements nn.Layer.
func (n *DigitsCNN) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	x = c.In("blocks", n.Blocks, x)
	x = c.In("flatten", n.Flatten, x)
	x = c.In("hidden", n.Hidden, x)
	x = c.In("norm", n.Norm, x)
	x = c.In("act", n.Act, x)
	x = c.In("dropout", n.Dropout, x)
	return c.In("head", n.Head, x)
}

func newDigitsCNN(r rng.Stream, in In, out int, s Settings) (nn.Layer, error) {
	list, hidden, rate := s.List("widths"), s.Int("hidden"), s.Float("dropout")
	if err := widths("widths", list, 1, 6); err != nil {
		return nil, err
	}
	if err := between("hidden", hidden, 1, maxWidth); err != nil {
		return nil, err
	}
	if err := between("dropout", rate, 0, 0.95); err != nil {
		return nil, err
	}
	if err := modest(2 * chained(max(in.Shape.Dim(2), list[0]), list, 9)); err != nil {
		return nil, err
	}
	n := &DigitsCNN{Norm: nn.NewBatchNorm(hidden), Act: nn.Activation("relu"), Dropout: nn.Dropout{Rate: rate}}
	h, w, channels := in.Shape.Dim(0), in.Shape.Dim(1), in.Shape.Dim(2)
	for i, width := range list {
		stage := r.Split("stage").At(uint64(i))
		second := newConvBlock(stage.Split("second"), width, width, 3, 1, nn.Padding{})
		second.Pool = halve()
		n.Blocks = append(n.Blocks, newConvBlock(stage.Split("first"), channels, width, 3, 1, nn.Padding{}), second)
		h, w, channels = (h-4)/2, (w-4)/2, width
		if h < 1 || w < 1 {
			return nil, fmt.Errorf("an image of %d by %d has nothing left after stage %d of %d", in.Shape.Dim(0), in.Shape.Dim(1), i+1, len(list))
		}
	}
	var err error
	if n.Hidden, err = dense(r.Split("hidden"), h*w*channels, hidden); err != nil {
		return nil, err
	}
	n.Hidden.Bias = nil
	n.Head, err = dense(r.Split("head"), hidden, out)
	return n, err
}

func init() {
	Register(Entry{
		Name: "digits-cnn",
		Doc:  "four convolutions and a hidden layer for handwritten digits",
		Cite: "Simonyan and Zisserman, 2015",
		Settings: Settings{
			"widths":  []int{32, 64}, // channels of the stages, each of two convolutions and a pooling
			"hidden":  128,           // features of the hidden layer
			"dropout": 0.4,           // before the last layer
		},
		Build: newDigitsCNN,
	})
}
