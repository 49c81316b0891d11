package check_test

import (
	"strings"
	"testing"

	"github.com/ihae/ihae/check"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// faultyLayer is x·scale + bias over [N D] with an inner map and a running mean,
// right unless fault names one thing that is wrong.
type faultyLayer struct {
	Scale, Bias, Mean, Spare *nn.Param // [D]
	Inner                    *nn.Linear
	fault                    string
}

func (l *faultyLayer) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	name := "inner"
	if l.fault == "name" {
		name = "map"
	}
	y := ops.Add(ops.Mul(c.In(name, l.Inner, x), c.Param(l.Scale)), c.Param(l.Bias))
	mean := c.Param(l.Mean)
	if c.Train && l.fault != "update" || l.fault == "update in inference" {
		c.Update(l.Mean, ops.ReduceSum(x, 0))
	}
	switch {
	case l.fault == "gradient":
		return graph.Apply1(leaningGradient{}, y)
	case l.fault == "mixes":
		return ops.Add(y, ops.ReduceSum(x, 0))
	case l.fault == "modes" && c.Train:
		return ops.Scale(y, 2)
	case l.fault == "shape":
		return ops.Add(ops.ReduceSum(y, 0), mean)
	}
	return ops.Add(y, mean)
}

// leaningGradient is the identity with a gradient of 1.001.
type leaningGradient struct{}

func (leaningGradient) Name() string                                  { return "wrong" }
func (leaningGradient) Infer(in []tensor.Type) ([]tensor.Type, error) { return in, nil }
func (leaningGradient) Ref(out, in []tensor.Wide)                     { copy(out[0].F, in[0].F) }
func (leaningGradient) VJP(ct []*graph.Node, _ *graph.Inst) []*graph.Node {
	return []*graph.Node{ops.Scale(ct[0], 1.001)}
}

// TestLayerFindsFaults plants one fault at a time and asks that Layer names it.
func TestLayerFindsFaults(t *testing.T) {
	for fault, want := range map[string]string{
		"":                    "",
		"doc":                 "no Doc",
		"shape":               "the output is float32[3], promised float32[2 3]",
		"seed":                "the same seed gives another start",
		"unused":              "spare: Forward does not use it",
		"update":              "training does not update it",
		"update in inference": "inference updates it",
		"name":                "parameter inner.weight is used in the part named map",
		"gradient":            "the gradient of x gives",
		"mixes":               "changing example 0 changes example 1",
		"modes":               "training and inference differ: true, the spec says false",
		"modes declared":      "training and inference differ: false, the spec says true",
	} {
		t.Run(fault, func(t *testing.T) {
			made := 0
			spec := nn.Spec{
				Name: "faulty", Doc: "x·scale + bias", Modes: fault == "modes declared",
				In: tensor.F32(2, 3), Out: tensor.F32(2, 3),
				New: func(r rng.Stream) nn.Layer {
					s := tensor.Dims(3)
					l := &faultyLayer{Scale: nn.LeCunNormal(r, s), Bias: nn.Zeros(r, s), Mean: nn.Zeros(r, s), Inner: nn.NewLinear(r, 3, 3), fault: fault}
					l.Mean.Buffer = true
					if made++; fault == "seed" && made > 1 {
						l.Scale.Value.Floats()[1]++
					}
					if fault == "unused" {
						l.Spare = nn.Zeros(r, s)
					}
					return l
				},
			}
			if fault == "doc" {
				spec.Doc = ""
			}
			switch err := check.Layer(spec); {
			case want == "" && err != nil:
				t.Errorf("the right layer is refused: %v", err)
			case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("error = %v, want %q in it", err, want)
			}
		})
	}
}
