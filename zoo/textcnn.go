package zoo

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
)

// TextCNN tells the classes of texts by what stands somewhere in them: filters
// of several widths slide over the vectors of the tokens, and of each only the
// strongest answer counts. Kim, "Convolutional Neural Networks for Sentence
// Classification", EMNLP 2014, with vectors that are learned from the start. A
// linear map of n-grams may stand beside, so that the network can be as good as a
// linear model on few texts and better on many.
//
// int32 [N L] → [N K]. Number 0 fills texts up.
type TextCNN struct {
	Embed   *nn.Embedding
	Drop    nn.Dropout // of whole vectors' elements
	Filters []*nn.Conv
	Hidden  *nn.Linear // nil for none
	Dropout nn.Dropout
	Head    *nn.Linear
	Grams   *Grams // nil for none; else its result is added
}

// Forward implements nn.Layer.
func (n *TextCNN) Forward(c *nn.Ctx, ids *graph.Node) *graph.Node {
	x := c.In("drop", n.Drop, c.In("embed", n.Embed, ids)) // [N L D]
	var parts []*graph.Node
	for i, f := range n.Filters {
		y := ops.ReLU(c.In(fmt.Sprintf("filters.%d", i), f, x)) // [N L C]
		parts = append(parts, ops.ReduceMax(y, 1))              // [N C]
	}
	y := ops.Concatenate(1, parts...)
	if n.Hidden != nil {
		y = ops.ReLU(c.In("hidden", n.Hidden, c.In("dropout", n.Dropout, y)))
	}
	y = c.In("head", n.Head, c.In("dropout", n.Dropout, y))
	if n.Grams == nil {
		return y
	}
	return ops.Add(y, c.In("grams", n.Grams, ids))
}

func newTextCNN(r rng.Stream, in In, out int, s Settings) (nn.Layer, error) {
	width, channels, sizes := s.Int("width"), s.Int("channels"), s.List("sizes")
	for _, e := range []error{
		between("width", width, 1, maxWidth), between("channels", channels, 1, maxWidth), between("hidden", s.Int("hidden"), 0, maxWidth),
		between("grams", s.Int("grams"), 0, maxGrams), between("grams.most", s.Int("grams.most"), 1, 16),
		between("dropout", s.Float("dropout"), 0, 0.95), between("dropout.embed", s.Float("dropout.embed"), 0, 0.95),
		widths("sizes", sizes, 1, 16),
	} {
		if e != nil {
			return nil, e
		}
	}
	if len(in.Vocab) != 1 || in.Vocab[0] > maxWeights/width {
		return nil, fmt.Errorf("an input with vocabularies %v, want that of a text, of at most %d", in.Vocab, maxWeights/width)
	}
	taps := 0.0
	for _, size := range sizes {
		taps += float64(size)
	}
	if err := modest(taps * float64(width*channels)); err != nil {
		return nil, err
	}
	n := &TextCNN{
		Embed:   nn.NewEmbedding(r.Split("embed"), in.Vocab[0], width),
		Drop:    nn.Dropout{Rate: s.Float("dropout.embed")},
		Dropout: nn.Dropout{Rate: s.Float("dropout")},
	}
	r.Split("embed").Normal(n.Embed.Weight.Value.Floats(), 0, 0.1)
	n.Embed = n.Embed.WithPadding(0)
	for i, size := range sizes {
		if size > in.Shape.Dim(0) {
			return nil, fmt.Errorf("filters over %d tokens, the text has %d", size, in.Shape.Dim(0))
		}
		n.Filters = append(n.Filters, nn.NewConv(r.Split("filters").At(uint64(i)), width, channels, nn.ConvConfig{
			Size: []int{size}, Padding: nn.Padding{Same: true},
		}))
	}
	features := channels * len(sizes)
	if h := s.Int("hidden"); h > 0 {
		l, err := dense(r.Split("hidden"), features, h)
		if err != nil {
			return nil, err
		}
		n.Hidden, features = l, h
	}
	var err error
	if b := s.Int("grams"); b != 0 {
		if n.Grams, err = newGrams(b, s.Int("grams.most"), out); err != nil {
			return nil, err
		}
	}
	n.Head, err = dense(r.Split("head"), features, out)
	return n, err
}

func init() {
	Register(Entry{
		Name:  "text-cnn",
		Doc:   "filters over the tokens of a text, of which the strongest answer counts",
		Cite:  "Kim, 2014",
		Takes: []int{1},
		Settings: Settings{
			"width":         128,               // features of a token
			"channels":      128,               // filters of each size
			"sizes":         []int{2, 3, 4, 5}, // tokens that a filter sees
			"hidden":        0,                 // features of a layer between, 0 for none
			"grams":         0,                 // rows of a linear map of hashed n-grams beside, a power of two; 0 for none
			"grams.most":    4,                 // tokens of the longest of them
			"dropout":       0.5,
			"dropout.embed": 0.1,
		},
		Build: newTextCNN,
	})
}
