package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Residual adds what Body computes to its input: He et al., "Deep Residual
// Learning for Image Recognition", CVPR 2016, equation 2.
type Residual struct {
	Body     Layer
	Shortcut Layer // of the input, where shapes differ; nil for the input itself
	After    Layer // of the sum, such as an activation; nil for nothing
}

// Forward implements Layer.
func (l *Residual) Forward(c *Ctx, x *graph.Node) *graph.Node {
	short := x
	if l.Shortcut != nil {
		short = c.In("shortcut", l.Shortcut, x)
	}
	y := ops.Add(c.In("body", l.Body, x), short)
	if l.After != nil {
		y = c.In("after", l.After, y)
	}
	return y
}

func init() {
	Register(Spec{
		Name: "residual",
		Doc:  "a body's result plus its input",
		Cite: "He et al., 2016",
		New: func(r rng.Stream) Layer {
			return &Residual{Body: NewLinear(r.Split("body"), 3, 5), Shortcut: NewLinear(r.Split("shortcut"), 3, 5), After: Seq{NewLinear(r, 5, 4)}}
		},
		In:  tensor.F32(2, 3),
		Out: tensor.F32(2, 4),
	})
}
