package lower_test

import (
	"math"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// TestNormOfNothingHasASlope: the slope of the length of a vector of zeros is 0,
// and x/|x| elsewhere.
func TestNormOfNothingHasASlope(t *testing.T) {
	m := oneNode(t, "ReduceL2", 13, []any{tensor.F32(2, 2)}, onnx.Ints("axes", 1))
	l, err := lower.Lower(m, lower.Binding{Types: map[string]tensor.Type{"a": tensor.F32(2, 2)}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := graph.NewFunc("f", l.Inputs, graph.Grad(l.Outputs[0], l.Inputs...))
	if err != nil {
		t.Fatal(err)
	}
	g := graph.Eval(f, []tensor.Wide{{Type: tensor.F32(2, 2), F: []float64{0, 0, 3, -4}}})[0].F
	for i, want := range []float64{0, 0, 0.6, -0.8} {
		if math.Abs(g[i]-want) > 1e-12 {
			t.Errorf("slope %d is %v, want %v", i, g[i], want)
		}
	}
}
