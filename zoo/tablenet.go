package zoo

import (
	"cmp"
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// TableNet is a network for rows of tables: the sum of a linear map and of a
// deep part, so that it can be as good as a linear model on a few rows and better
// on many: Cheng et al., "Wide & Deep Learning for Recommender Systems", 2016.
// The deep part is residual blocks, as in Gorishniy et al., "Revisiting Deep
// Learning Models for Tabular Data", NeurIPS 2021, section 3.2; it starts as
// zero. Numbers of categories become learned vectors, which both parts see.
//
// [N F] → [N K].
type TableNet struct {
	Embed  []*nn.Embedding // of the last places of the row, in their order
	Wide   *nn.Linear
	Stem   *nn.Linear // nil without blocks
	Blocks nn.Seq
	Last   nn.Seq // normalisation, activation and dropout
	Head   *nn.Linear
}

// Forward implements nn.Layer.
func (n *TableNet) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	x = n.vectors(c, x)
	y := c.In("wide", n.Wide, x)
	if n.Stem == nil {
		return y
	}
	h := c.In("stem", n.Stem, x)
	h = c.In("blocks", n.Blocks, h)
	h = c.In("last", n.Last, h)
	return ops.Add(y, c.In("head", n.Head, h))
}

// vectors puts a learned vector in the place of each number of a category.
func (n *TableNet) vectors(c *nn.Ctx, x *graph.Node) *graph.Node {
	if len(n.Embed) == 0 {
		return x
	}
	rows, width := x.Shape().Dim(0), x.Shape().Dim(1)
	at := width - len(n.Embed)
	parts := []*graph.Node{ops.Slice(x, []int{0, 0}, []int{rows, at}, nil)}
	for i, e := range n.Embed {
		id := ops.Slice(x, []int{0, at + i}, []int{rows, at + i + 1}, nil) // [N 1]
		id = ops.Convert(ops.Reshape(id, tensor.Dims(rows)), tensor.Int32)
		parts = append(parts, c.In(fmt.Sprintf("embed.%d", i), e, id)) // [N D]
	}
	return ops.Concatenate(1, parts...)
}

func newTableNet(r rng.Stream, in In, out int, s Settings) (nn.Layer, error) {
	width, blocks, rate := s.Int("width"), s.Int("blocks"), s.Float("dropout")
	if err := cmp.Or(
		between("width", width, 1, maxWidth), between("blocks", blocks, 0, 64), between("embed", s.Int("embed"), 1, 512), between("dropout", rate, 0, 0.95),
	); err != nil {
		return nil, err
	}
	weights := float64(2*blocks) * float64(width*width)
	for _, v := range in.Vocab {
		weights += float64(v) * float64(embedWidth(v, s.Int("embed")))
	}
	if err := modest(weights); err != nil {
		return nil, err
	}
	n, features := &TableNet{}, in.Shape.Dim(0)
	if len(in.Vocab) > features {
		return nil, fmt.Errorf("%d categories in a row of %d", len(in.Vocab), features)
	}
	for i, v := range in.Vocab {
		d := embedWidth(v, s.Int("embed"))
		if v > maxWeights/d {
			return nil, fmt.Errorf("a category of %d values by %d has more than %d weights", v, d, maxWeights)
		}
		e := nn.NewEmbedding(r.Split("embed").At(uint64(i)), v, d).WithPadding(0)
		n.Embed = append(n.Embed, e)
		features += d - 1
	}
	var err error
	if n.Wide, err = dense(r.Split("wide"), features, out); err != nil {
		return nil, err
	}
	clear(n.Wide.Weight.Value.Floats())
	if blocks == 0 {
		return n, nil
	}
	if n.Stem, err = dense(r.Split("stem"), features, width); err != nil {
		return nil, err
	}
	for i := range blocks {
		b := r.Split("block").At(uint64(i))
		n.Blocks = append(n.Blocks, &nn.Residual{Body: nn.Seq{
			nn.NewLayerNorm(width),
			nn.NewLinear(b.Split("in"), width, width), nn.Activation("gelu"), nn.Dropout{Rate: rate},
			nn.NewLinear(b.Split("out"), width, width),
		}})
	}
	n.Last = nn.Seq{nn.NewLayerNorm(width), nn.Activation("gelu"), nn.Dropout{Rate: rate}}
	if n.Head, err = dense(r.Split("head"), width, out); err != nil {
		return nil, err
	}
	clear(n.Head.Weight.Value.Floats())
	return n, nil
}

// embedWidth is the length of the vectors of a category with v values.
func embedWidth(v, most int) int {
	return max(1, min(most, int(math.Round(1.6*math.Pow(float64(v), 0.56)))))
}

func init() {
	Register(Entry{
		Name:  "table-net",
		Doc:   "a linear map plus a residual network, for rows of tables",
		Cite:  "Cheng et al., 2016; Gorishniy et al., 2021",
		Takes: []int{1},
		Settings: Settings{
			"width":   128, // features of the deep part
			"blocks":  2,   // of the deep part; 0 leaves the linear map
			"dropout": 0.2,
			"embed":   32, // longest vector of a category
		},
		Build: newTableNet,
	})
}
