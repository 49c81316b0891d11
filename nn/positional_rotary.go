package nn

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Rotary turns pairs of features by angles that grow with the place, so that
// products of two places depend on their distance alone: Su et al., "RoFormer",
// 2021, section 3.2. Feature i goes with feature i + D/2, as in GPT-NeoX, or,
// with Pairs, feature 2i with 2i + 1, as in the paper.
type Rotary struct {
	Base  float64 // of the wave lengths; 0 means 10000
	Pairs bool    // neighbours go together
}

// Turn turns x [N L H D] whose places begin at place at, int32 [], or at 0 for
// nil; D is even.
func (l *Rotary) Turn(x, at *graph.Node) *graph.Node {
	s, g := x.Shape(), x.Graph()
	if s.Rank() != 4 || s.Dim(3)%2 != 0 {
		g.Fail("rotary", fmt.Errorf("%v, want [N L H D] with an even D", x.Type()))
		return x
	}
	half := s.Dim(3) / 2
	angles := tensor.Type{DType: x.DType(), Shape: tensor.Dims(s.Dim(1), half)}
	place := ops.Iota(g, angles, 0)
	if at != nil {
		place = ops.Add(place, ops.BroadcastInDim(ops.Convert(at, x.DType()), angles.Shape))
	}
	angle := ops.Mul(place, ops.BroadcastInDim(l.speeds(g, angles), angles.Shape, 1))
	first, second := l.split(x)
	cos := ops.BroadcastInDim(ops.Cos(angle), first.Shape(), 1, 3)
	sin := ops.BroadcastInDim(ops.Sin(angle), first.Shape(), 1, 3)
	return l.join(
		ops.Sub(ops.Mul(first, cos), ops.Mul(second, sin)),
		ops.Add(ops.Mul(second, cos), ops.Mul(first, sin)))
}

// split is the first and the second feature of each pair of x [N L H D]: [N L H
// D/2] each.
func (l *Rotary) split(x *graph.Node) (first, second *graph.Node) {
	d := x.Shape().Dims()
	half := d[3] / 2
	if !l.Pairs {
		return lastAxis(x, 0, half), lastAxis(x, half, 2*half)
	}
	pairs, one := ops.Reshape(x, tensor.Dims(d[0], d[1], d[2], half, 2)), tensor.Dims(d[0], d[1], d[2], half)
	return ops.Reshape(lastAxis(pairs, 0, 1), one), ops.Reshape(lastAxis(pairs, 1, 2), one)
}

// join is the opposite of split.
func (l *Rotary) join(first, second *graph.Node) *graph.Node {
	if !l.Pairs {
		return ops.Concatenate(3, first, second)
	}
	s := first.Shape()
	apart := func(x *graph.Node) *graph.Node { return ops.Reshape(x, s.Append(1)) }
	return ops.Reshape(ops.Concatenate(4, apart(first), apart(second)), s.With(3, 2*s.Dim(3)))
}

// speeds is the angle by which each pair turns from place to place.
func (l *Rotary) speeds(g *graph.Graph, t tensor.Type) *graph.Node {
	base, half := l.Base, t.Shape.Dim(1)
	if base == 0 {
		base = 10000
	}
	speed := make([]float32, half)
	for i := range speed {
		speed[i] = float32(math.Pow(base, -float64(i)/float64(half)))
	}
	return ops.Convert(g.Constant(tensor.From(tensor.Dims(half), speed)), t.DType)
}

// Forward implements Layer: [N L H D] → [N L H D].
func (l *Rotary) Forward(_ *Ctx, x *graph.Node) *graph.Node { return l.Turn(x, nil) }

func init() {
	Register(Spec{
		Name: "rotary",
		Doc:  "turns pairs of features by angles that grow with the place",
		Cite: "Su et al., 2021",
		New:  func(rng.Stream) Layer { return &Rotary{} },
		In:   tensor.F32(2, 3, 2, 4),
		Out:  tensor.F32(2, 3, 2, 4),
	})
	Register(Spec{
		Name: "rotary-pairs",
		Doc:  "turns neighbouring features by angles that grow with the place",
		Cite: "Su et al., 2021",
		New:  func(rng.Stream) Layer { return &Rotary{Pairs: true} },
		In:   tensor.F32(2, 3, 2, 4),
		Out:  tensor.F32(2, 3, 2, 4),
	})
}
