package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Embedding looks up a row of a table for each number of its input: [N …] int32
// or int64 → [N … D]. Bengio et al., "A Neural Probabilistic Language Model",
// JMLR 2003, section 2. Numbers outside of [0, V) mean its ends.
type Embedding struct {
	Weight  *Param // [V D]
	Padding int    // this number gives zeros, which are not trained; negative for none
}

// NewEmbedding draws a table of vocab rows with mean 0 and variance 1.
func NewEmbedding(r rng.Stream, vocab, width int) *Embedding {
	return &Embedding{Weight: normal(r.Split("weight"), tensor.Dims(vocab, width), 1), Padding: -1}
}

// WithPadding makes row id the one for places that hold nothing, and returns l.
func (l *Embedding) WithPadding(id int) *Embedding {
	l.Padding = id
	if s := l.Weight.Value.Shape(); id >= 0 && id < s.Dim(0) {
		clear(l.Weight.Value.Floats()[id*s.Dim(1):][:s.Dim(1)])
	}
	return l
}

// Forward implements Layer.
func (l *Embedding) Forward(c *Ctx, x *graph.Node) *graph.Node {
	y := ops.Take(c.Param(l.Weight), x, 0)
	if l.Padding < 0 {
		return y
	}
	nothing := ops.Eq(x, ops.Like(x, float64(l.Padding)))
	axes := make([]int, x.Shape().Rank())
	for i := range axes {
		axes[i] = i
	}
	return ops.Select(ops.BroadcastInDim(nothing, y.Shape(), axes...), ops.Like(y, 0), y)
}

func init() {
	Register(Spec{
		Name: "embedding",
		Doc:  "a row of a table for each number",
		Cite: "Bengio et al., 2003",
		New:  func(r rng.Stream) Layer { return NewEmbedding(r, 5, 3).WithPadding(1) },
		In:   tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(3, 4)},
		Out:  tensor.F32(3, 4, 3),
	})
}
