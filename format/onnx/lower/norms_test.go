package lower_test

import (
	"math"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// TestRunningStatistics: in training a batch is normalised by its own mean and
// variance, and the model's are moved towards them.
func TestRunningStatistics(t *testing.T) {
	b := onnx.NewBuilder("norm")
	b.Input("x", onnx.ElemNone)
	names := []string{"x"}
	for i, name := range []string{"scale", "bias", "mean", "variance"} {
		names = append(names, b.Init(name, tensor.From(tensor.Dims(1), []float32{float32(i + 1)})))
	}
	b.AddAs("y", "BatchNormalization", names, onnx.Float("momentum", 0.75))
	b.OutputAny("y", onnx.ElemNone)
	m, err := b.Model(15)
	if err != nil {
		t.Fatal(err)
	}
	m.Graph.Inputs[0].Type = nil
	next := map[string]*graph.Node{}
	x, err := lower.Lower(m, lower.Binding{
		Types: map[string]tensor.Type{"x": tensor.F32(2, 1, 2)}, Train: true,
		Update: func(name string, n *graph.Node) { next[name] = n },
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(next) != 2 || next["mean"] == nil || next["variance"] == nil {
		t.Fatalf("%d values are told to change, want mean and variance", len(next))
	}
	f, err := graph.NewFunc("next", x.Inputs, []*graph.Node{x.Outputs[0], next["mean"], next["variance"]})
	if err != nil {
		t.Fatal(err)
	}
	out := graph.Eval(f, []tensor.Wide{{Type: tensor.F32(2, 1, 2), F: []float64{1, 3, 5, 7}}})
	// The batch has mean 4 and variance 5.
	near := func(got, want float64) bool { return math.Abs(got-want) < 1e-6 }
	if !near(out[1].F[0], 0.75*3+0.25*4) || !near(out[2].F[0], 0.75*4+0.25*5) {
		t.Errorf("the next mean and variance are %v and %v", out[1].F, out[2].F)
	}
	for i, v := range []float64{1, 3, 5, 7} {
		if want := (v-4)/math.Sqrt(5+1e-5) + 2; !near(out[0].F[i], want) {
			t.Errorf("element %d is %v, want %v", i, out[0].F[i], want)
		}
	}
}

// TestIgnoredLabels: an example whose label is to be ignored counts nothing, however
// unlikely the class is that stands in for its label. Of the other one the logits are
// -1 and -2, its label the second: the loss is log(1+e).
func TestIgnoredLabels(t *testing.T) {
	never := float32(math.Inf(-1))
	logits := tensor.From(tensor.Dims(2, 2), []float32{never, 0, -1, -2})
	want := math.Log1p(math.E)
	logs := tensor.From(tensor.Dims(2, 2), []float32{never, 0, float32(1 - want), float32(-want)})
	for op, x := range map[string]tensor.Tensor{"SoftmaxCrossEntropyLoss": logits, "NegativeLogLikelihoodLoss": logs} {
		for how, want := range map[string][]float64{"none": {0, want}, "sum": {want}, "mean": {want}} {
			m := oneNode(t, op, 13, []any{x.Type(), numbers(-1, 1)}, onnx.Int("ignore_index", -1), onnx.String("reduction", how))
			y, err := run(t, m, map[string]tensor.Tensor{"a": x})
			if err != nil {
				t.Fatal(err)
			}
			got := y[op].Floats()
			for i, w := range want {
				if len(got) != len(want) || !(math.Abs(float64(got[i])-w) < 1e-6) {
					t.Errorf("%s, %s: %v, want %v", op, how, got, want)
				}
			}
		}
	}
}
