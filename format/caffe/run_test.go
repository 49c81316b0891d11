package caffe

import (
	"math"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/tensor"
)

// run runs a model and compares its outputs with answers; the error is relative
// where an answer is above 1.
func run(t *testing.T, pool *exec.Pool, m *onnx.Model, in, want map[string]tensor.Tensor, tolerance float64) {
	t.Helper()
	s, err := lower.NewSession(m, lower.Options{Pool: pool})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Errorf("%d outputs, want %d", len(got), len(want))
	}
	for name, w := range want {
		g := got[name]
		if g.Type() != w.Type() {
			t.Errorf("%s has type %v, want %v", name, g.Type(), w.Type())
			continue
		}
		worst := 0.0
		for i, v := range w.Floats() {
			e := math.Abs(float64(g.Floats()[i]-v)) / max(1, math.Abs(float64(v)))
			if !(e <= worst) {
				worst = e
			}
		}
		if !(worst <= tolerance) {
			t.Errorf("%s differs by %.2g", name, worst)
		}
	}
}
