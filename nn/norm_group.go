package nn

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// GroupNorm brings each group of neighbouring channels of each example to mean 0
// and variance 1 over all places, then scales and shifts each channel: Wu and He,
// "Group Normalization", ECCV 2018, equation 7. One group for each channel is
// instance normalisation (Ulyanov et al., 2016).
type GroupNorm struct {
	Scale, Bias *Param // [C]
	Groups      int    // divides C
	Eps         float64
}

// NewGroupNorm starts with scale 1, bias 0 and epsilon 1e-5.
func NewGroupNorm(groups, channels int) *GroupNorm {
	s, none := tensor.Dims(channels), rng.Stream{}
	return &GroupNorm{Scale: noDecay(Ones(none, s)), Bias: noDecay(Zeros(none, s)), Groups: groups, Eps: normEps}
}

// NewInstanceNorm is [NewGroupNorm] with a group for each channel.
func NewInstanceNorm(channels int) *GroupNorm { return NewGroupNorm(channels, channels) }

// Forward implements Layer: [N … C] → [N … C].
func (l *GroupNorm) Forward(c *Ctx, x *graph.Node) *graph.Node {
	s := x.Shape()
	channels, last := s.Dim(-1), s.Rank()-1
	if l.Groups < 1 || channels%l.Groups != 0 || last < 1 || last+2 > tensor.MaxRank {
		c.Graph.Fail("group-norm", fmt.Errorf("%d groups of the channels of %v", l.Groups, x.Type()))
		return x
	}
	axes := []int{last + 1} // of [N … G C/G]
	for i := 1; i < last; i++ {
		axes = append(axes, i)
	}
	group := func(n *graph.Node) *graph.Node {
		before := n.Shape().Dims()[:n.Shape().Rank()-1]
		return ops.Reshape(n, tensor.Dims(append(before, l.Groups, channels/l.Groups)...))
	}
	y, _, _ := ops.Normalize(group(x), group(c.Param(l.Scale)), group(c.Param(l.Bias)),
		ops.NormDims{Axes: ops.List(axes...), ScaleAxes: ops.List(last, last+1), Eps: l.Eps})
	return ops.Reshape(y, s)
}

func init() {
	Register(Spec{
		Name: "group-norm",
		Doc:  "groups of channels to mean 0 and variance 1 over all places, then scaled and shifted",
		Cite: "Wu and He, 2018",
		New:  func(rng.Stream) Layer { return NewGroupNorm(2, 6) },
		In:   tensor.F32(2, 3, 2, 6),
		Out:  tensor.F32(2, 3, 2, 6),
	})
}
