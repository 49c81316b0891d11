package export_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/ihae/ihae/check"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/export"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/graph"
	_ "github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// unwritten is the operations that have no form in ONNX, and why.
var unwritten = map[string]string{
	"random-bits":    "the operators for random numbers have other generators",
	"random-uniform": "the operators for random numbers have other generators",
	"coupling":       "no operator but as a part of SVMClassifier, of ONNX's other domain",
	"trees":          "no operator but TreeEnsemble, of ONNX's other domain",
}

// TestOperationsComeBack writes every sample of every operation, reads the file
// back, and asks that it computes what the definition does. With IHAE_ONNX_DIR
// the files stay there, with inputs and outputs, for testdata/check.py.
func TestOperationsComeBack(t *testing.T) {
	pool := exec.NewPool(1)
	defer pool.Close()
	for _, name := range graph.Ops() {
		t.Run(name, func(t *testing.T) {
			e, err := graph.Lookup(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, opset := range []int64{export.MinOpset, export.Opset, export.MaxOpset} {
				for i, s := range e.Samples {
					comesBack(t, pool, e, s, i, opset)
				}
			}
		})
	}
}

func comesBack(t *testing.T, pool *exec.Pool, e graph.Entry, s graph.Sample, i int, opset int64) {
	op := s.Of
	if op == nil {
		op = e.Op
	}
	f, err := sampleFunc(op, s)
	if err != nil {
		t.Fatal(err)
	}
	m, err := writtenAt(f, opset)
	var unsupported *export.UnsupportedError
	if errors.As(err, &unsupported) && unwritten[op.Name()] != "" {
		return
	}
	if err != nil {
		t.Errorf("opset %d, sample %d: %v", opset, i, err)
		return
	}
	in := check.Draw(s, rng.New(uint64(i)))
	want := graph.Eval(f, in)
	got, err := runModel(pool, m, in)
	if err != nil {
		t.Errorf("opset %d, sample %d %v: %v", opset, i, s.In, err)
		return
	}
	keep(t, fmt.Sprintf("%s_%d_%d", op.Name(), i, opset), m, in, want)
	for k, w := range want {
		if err := near(got[k], w.Narrow(), s); err != nil {
			t.Errorf("opset %d, sample %d %v, result %d: %v", opset, i, s.In, k, err)
		}
	}
}

// writtenAt is f at an opset, or if that lacks something at the newest.
func writtenAt(f *graph.Func, opset int64) (*onnx.Model, error) {
	m, err := export.Func(f, export.Spec{Name: f.Name, Opset: opset})
	var unsupported *export.UnsupportedError
	if errors.As(err, &unsupported) {
		return export.Func(f, export.Spec{Name: f.Name, Opset: export.MaxOpset})
	}
	return m, err
}

func sampleFunc(op graph.Op, s graph.Sample) (*graph.Func, error) {
	g := graph.New()
	in := make([]*graph.Node, len(s.In))
	for i, typ := range s.In {
		in[i] = g.Leaf(fmt.Sprint("in", i), typ)
	}
	if len(in) == 0 {
		return graph.NewFunc("sample", nil, g.Source(op))
	}
	return graph.NewFunc("sample", in, graph.Apply(op, in...))
}

// runModel writes m, reads it back and runs it.
func runModel(pool *exec.Pool, m *onnx.Model, in []tensor.Wide) ([]tensor.Tensor, error) {
	b, err := onnx.Encode(m)
	if err != nil {
		return nil, err
	}
	m, err = onnx.Read(b, onnx.Limits{})
	if err != nil {
		return nil, err
	}
	s, err := lower.NewSession(m, lower.Options{Pool: pool})
	if err != nil {
		return nil, err
	}
	inputs := map[string]tensor.Tensor{}
	for i, w := range in {
		inputs[fmt.Sprint("in", i)] = w.Narrow()
	}
	out, err := s.Run(context.Background(), inputs)
	if err != nil {
		return nil, err
	}
	list := make([]tensor.Tensor, len(out))
	for i, p := range m.Graph.Outputs {
		list[i] = out[p.Name]
	}
	return list, nil
}

func near(got, want tensor.Tensor, s graph.Sample) error {
	if got.Type() != want.Type() {
		return fmt.Errorf("is %v, want %v", got.Type(), want.Type())
	}
	tol := max(s.Tol, 1e-5)
	switch got.DType() {
	case tensor.Float16:
		tol = 4e-3
	case tensor.BFloat16:
		tol = 4e-2
	}
	a, b := tensor.Widen(got), tensor.Widen(want)
	for i := range b.F {
		if math.IsNaN(b.F[i]) && math.IsNaN(a.F[i]) || a.F[i] == b.F[i] {
			continue
		}
		if !(math.Abs(a.F[i]-b.F[i]) <= tol*max(1, math.Abs(b.F[i]))) {
			return fmt.Errorf("element %d of %v is %v, want %v", i, got.Type(), a.F[i], b.F[i])
		}
	}
	for i := range b.I {
		if a.I[i] != b.I[i] {
			return fmt.Errorf("element %d of %v is %v, want %v", i, got.Type(), a.I[i], b.I[i])
		}
	}
	return nil
}

// keep writes a case in the layout of ONNX's own if IHAE_ONNX_DIR asks for it.
func keep(t *testing.T, name string, m *onnx.Model, in, out []tensor.Wide) {
	dir := os.Getenv("IHAE_ONNX_DIR")
	if dir == "" {
		return
	}
	b, err := onnx.Encode(m)
	keepFile(t, filepath.Join(dir, "node", name, "model.onnx"), b, err)
	for kind, list := range map[string][]tensor.Wide{"input": in, "output": out} {
		for i, w := range list {
			b, err := onnx.EncodeTensor(onnx.NewTensor("", w.Narrow()))
			keepFile(t, filepath.Join(dir, "node", name, "test_data_set_0", fmt.Sprintf("%s_%d.pb", kind, i)), b, err)
		}
	}
}

func keepFile(t *testing.T, path string, b []byte, err error) {
	t.Helper()
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
