package nn

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Positional adds to each place of a sequence a vector of its own, which is
// learned: Gehring et al., "Convolutional Sequence to Sequence Learning", ICML
// 2017, section 3.1.
type Positional struct {
	Weight *Param // [places C]
}

// NewPositional draws vectors with standard deviation 0.02.
func NewPositional(r rng.Stream, places, width int) *Positional {
	return &Positional{Weight: normal(r.Split("weight"), tensor.Dims(places, width), 0.02*0.02)}
}

// Forward implements Layer: [N L C] → [N L C] for up to as many places as there
// are vectors.
func (l *Positional) Forward(c *Ctx, x *graph.Node) *graph.Node {
	table := c.Param(l.Weight)
	length, width := x.Shape().Dim(1), x.Shape().Dim(2)
	if most := table.Shape().Dim(0); length > most {
		c.Graph.Fail("positional", fmt.Errorf("%d places, there are vectors for %d", length, most))
		return x
	}
	return addRows(x, ops.Slice(table, []int{0, 0}, []int{length, width}, []int{1, 1}))
}

// At is Forward for places that begin at place at, int32 [].
func (l *Positional) At(c *Ctx, x, at *graph.Node) *graph.Node {
	start := ops.Concatenate(0, single(at), single(ops.Like(at, 0)))
	return addRows(x, ops.DynamicSlice(c.Param(l.Weight), start, x.Shape().Dim(1), x.Shape().Dim(2)))
}

// addRows adds rows [L C] to each of the sequences x [N L C].
func addRows(x, rows *graph.Node) *graph.Node {
	return ops.Add(x, ops.BroadcastInDim(rows, x.Shape(), 1, 2))
}

// Sinusoidal adds sines and cosines of the place, in wave lengths from 2π to
// 2π·10000: Vaswani et al., 2017, section 3.5.
type Sinusoidal struct{}

// Forward implements Layer: [N L C] → [N L C]; C is even.
func (Sinusoidal) Forward(c *Ctx, x *graph.Node) *graph.Node {
	s := x.Shape()
	if s.Rank() != 3 || s.Dim(2)%2 != 0 {
		c.Graph.Fail("sinusoidal", fmt.Errorf("%v, want [N L C] with an even C", x.Type()))
		return x
	}
	length, width := s.Dim(1), s.Dim(2)
	table := make([]float32, length*width)
	for l := range length {
		for i := 0; i < width; i += 2 {
			sin, cos := math.Sincos(float64(l) * math.Pow(10000, -float64(i)/float64(width)))
			table[l*width+i], table[l*width+i+1] = float32(sin), float32(cos)
		}
	}
	return addRows(x, ops.Convert(c.Graph.Constant(tensor.From(tensor.Dims(length, width), table)), x.DType()))
}

func init() {
	Register(Spec{
		Name: "positional",
		Doc:  "adds a learned vector to each place of a sequence",
		Cite: "Gehring et al., 2017",
		New:  func(r rng.Stream) Layer { return NewPositional(r, 5, 4) },
		In:   tensor.F32(2, 3, 4),
		Out:  tensor.F32(2, 3, 4),
	})
	Register(Spec{
		Name: "sinusoidal",
		Doc:  "adds sines and cosines of the place in a sequence",
		Cite: "Vaswani et al., 2017",
		New:  func(rng.Stream) Layer { return Sinusoidal{} },
		In:   tensor.F32(2, 3, 4),
		Out:  tensor.F32(2, 3, 4),
	})
}
