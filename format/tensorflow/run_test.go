package tensorflow

import (
	"math"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/tensor"
)

// run gives the outputs of a model.
func run(t *testing.T, pool *exec.Pool, m *onnx.Model, in map[string]tensor.Tensor) map[string]tensor.Tensor {
	t.Helper()
	s, err := lower.NewSession(m, lower.Options{Pool: pool})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// agree asks that two tensors agree; the error is relative where the answer is
// above 1.
func agree(t *testing.T, name string, got, want tensor.Tensor, tolerance float64) {
	t.Helper()
	if got.Type() != want.Type() {
		t.Errorf("%s has type %v, want %v", name, got.Type(), want.Type())
		return
	}
	g, w := tensor.Widen(got), tensor.Widen(want)
	worst := 0.0
	for i, v := range w.F {
		if same := g.F[i] == v || math.IsNaN(v) && math.IsNaN(g.F[i]); same {
			continue
		}
		if e := math.Abs(g.F[i]-v) / max(1, math.Abs(v)); !(e <= worst) {
			worst = e
		}
	}
	for i, v := range w.I {
		if g.I[i] != v {
			worst = math.Inf(1)
		}
	}
	if !(worst <= tolerance) {
		t.Errorf("%s differs by %.2g", name, worst)
	}
}
