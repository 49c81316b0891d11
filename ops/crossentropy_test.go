package ops_test

import (
	"math"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// TestCrossEntropyClosedForm: even logits cost log K whatever the smoothing; two
// classes are the logistic loss log(1+exp(-z)); shifted logits cost the same,
// also where exp overflows.
func TestCrossEntropyClosedForm(t *testing.T) {
	loss := func(smoothing float64, logits ...float32) float64 {
		g := graph.New()
		z := g.Constant(tensor.From(tensor.Dims(1, len(logits)), logits))
		return values(t, ops.CrossEntropy(z, g.Constant(tensor.From(tensor.Dims(1), []int32{0})), smoothing))[0]
	}
	wantNear(t, []float64{loss(0, 3, 3, 3, 3), loss(0.1, 3, 3, 3, 3)}, []float64{math.Log(4), math.Log(4)}, 1e-12)
	wantNear(t, []float64{loss(0, 2, 0), loss(0, 1002, 1000)}, []float64{math.Log1p(math.Exp(-2)), math.Log1p(math.Exp(-2))}, 1e-12)
	// With smoothing s the second class has the share s/2 of the target.
	wantNear(t, []float64{loss(0.2, 2, 0)}, []float64{math.Log1p(math.Exp(-2)) + 0.1*2}, 1e-12)
	if v := loss(0, 1, 2); v < 1.3 || v > 1.32 { // log(1+e) = 1.3133
		t.Errorf("loss = %v", v)
	}
}

// TestCrossEntropyMarksBadLabels: a label that is no class is NaN, not a panic.
func TestCrossEntropyMarksBadLabels(t *testing.T) {
	g := graph.New()
	z := noise(g, 1, 2, 3)
	y := ops.CrossEntropy(z, g.Constant(tensor.From(tensor.Dims(2), []int32{3, -1})), 0)
	for _, v := range append(values(t, y), values(t, graph.Grad(y, z)[0])...) {
		if v == v {
			t.Fatalf("a label out of range gives %v", v)
		}
	}
}
