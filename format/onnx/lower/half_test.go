package lower_test

import (
	"strings"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/conformance"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/tensor"
)

// TestHalf runs recorded cases of float32 in 16-bit floats: results have that type
// and are near.
func TestHalf(t *testing.T) {
	pool := exec.NewPool(0)
	defer pool.Close()
	for _, file := range []string{"windows", "norms", "recurrent", "resample"} {
		for _, c := range recordedCases(t, "testdata/"+file+".json.gz") {
			for _, d := range []tensor.DType{tensor.Float16, tensor.BFloat16} {
				if d == tensor.BFloat16 && file != "windows" {
					continue // one file is enough
				}
				t.Run(file+"/"+c.Name+"/"+d.Name(), func(t *testing.T) { c.checkNarrow(t, pool, d) })
			}
		}
	}
}

// checkNarrow runs the case with its float32 values as elements of d.
func (c recorded) checkNarrow(t *testing.T, pool *exec.Pool, d tensor.DType) {
	t.Helper()
	m, in, out := c.load(t)
	narrow := func(h lower.Host) lower.Host {
		w := tensor.Widen(h.Tensor)
		if w.Type.DType != tensor.Float32 {
			return h
		}
		w.Type.DType = d
		return lower.TensorHost(w.Narrow())
	}
	resizing := strings.HasPrefix(m.Graph.Nodes[0].Op, "Resize") || m.Graph.Nodes[0].Op == "Upsample"
	for _, p := range m.Graph.Inputs {
		p.Type = nil
		if h := in[p.Name]; h.Tensor.DType() == tensor.Float64 {
			t.Skip("a case of float64")
		}
		if !resizing || p.Name == "in0" {
			in[p.Name] = narrow(in[p.Name])
		}
	}
	for i, x := range m.Graph.Inits {
		v, err := x.Value()
		if err != nil {
			t.Fatal(err)
		}
		if !resizing {
			m.Graph.Inits[i] = onnx.NewTensor(x.Name, narrow(lower.TensorHost(v)).Tensor)
		}
	}
	s, err := lower.NewSession(m, lower.Options{Pool: pool})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.RunHosts(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	// A unit in the last place, and what positions that were rounded change.
	tol := conformance.Tolerance{Rel: 8 / float64(int(1)<<11), Abs: 0.02}
	if d == tensor.BFloat16 {
		tol = conformance.Tolerance{Rel: 8 / float64(int(1)<<8), Abs: 0.15}
	}
	for name, want := range out {
		if tensor.Widen(want.Tensor).F == nil {
			continue
		}
		w := tensor.Widen(got[name].Tensor)
		if w.Type.DType != d && !strings.HasPrefix(c.Name, "layer-") {
			t.Errorf("%s is %v, want elements of %v", name, w.Type, d)
		}
		w.Type.DType = tensor.Float32
		wide := tensor.Widen(want.Tensor)
		wide.Type.DType = tensor.Float32
		if err := conformance.Compare(lower.TensorHost(w.Narrow()), lower.TensorHost(wide.Narrow()), tol); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
