package lower_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/conformance"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// recorded is a case of testdata/record.py: bytes of ONNX files by name.
type recorded struct {
	Name, By string
	Grad     bool
	Model    []byte
	In, Out  map[string][]byte
}

// recordedCases reads a file of cases.
func recordedCases(t *testing.T, file string) []recorded {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []recorded }
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all.Cases
}

// TestRecorded holds single nodes to what ONNX Runtime and ONNX's reference gave:
// their inputs fed, and their inputs known.
func TestRecorded(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json.gz")
	if err != nil || len(files) == 0 {
		t.Fatal("no recorded cases", err)
	}
	pool := exec.NewPool(0)
	t.Cleanup(pool.Close)
	for _, file := range files {
		for _, c := range recordedCases(t, file) {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".json.gz")+"/"+c.Name, func(t *testing.T) {
				c.check(t, pool, false)
				c.check(t, pool, true)
				if c.Grad {
					c.checkGradient(t)
				}
			})
		}
	}
}

// load reads the model and the values.
func (c recorded) load(t *testing.T) (m *onnx.Model, in, out map[string]lower.Host) {
	t.Helper()
	m, err := onnx.Read(c.Model, onnx.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	values := func(from map[string][]byte) map[string]lower.Host {
		all := map[string]lower.Host{}
		for name, b := range from {
			d, err := onnx.ReadData(b, nil)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if d.Tensor.Elem == onnx.ElemString {
				dims := make([]int, len(d.Tensor.Dims))
				for i, v := range d.Tensor.Dims {
					dims[i] = int(v)
				}
				all[name] = lower.StringsHost(d.Tensor.Strings(), dims...)
				continue
			}
			v, err := d.Tensor.Value()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			all[name] = lower.TensorHost(v)
		}
		return all
	}
	return m, values(c.In), values(c.Out)
}

// check runs the case; if known, with its inputs as facts of the model.
func (c recorded) check(t *testing.T, pool *exec.Pool, known bool) {
	t.Helper()
	m, in, out := c.load(t)
	if known {
		for name, h := range in {
			if h.Kind == lower.KindTensor {
				m.Graph.Inits = append(m.Graph.Inits, onnx.NewTensor(name, h.Tensor))
				delete(in, name)
			}
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
	for name, want := range out {
		if err := conformance.Compare(got[name], want, conformance.Tolerance{Rel: 1e-4, Abs: 2e-5}); err != nil {
			t.Errorf("%s (known %v) is not as in %s: %v", name, known, c.By, err)
		}
	}
}

// checkGradient compares the slope of a weighted sum of the outputs along a drawn
// direction of the floating-point inputs with a difference, both in float64.
func (c recorded) checkGradient(t *testing.T) {
	t.Helper()
	m, in, _ := c.load(t)
	b := lower.Binding{Floats: tensor.Float64, Types: map[string]tensor.Type{}, Values: map[string]tensor.Tensor{}}
	for name, h := range in {
		if h.Tensor.DType().Float() {
			b.Types[name] = h.Tensor.Type()
		} else {
			b.Values[name] = h.Tensor
		}
	}
	x, err := lower.Lower(m, b)
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(7, 7))
	var seeds, outs []*graph.Node
	for _, y := range x.Outputs {
		if !y.DType().Float() {
			continue
		}
		w := tensor.NewWide(y.Type())
		for i := range w.F {
			w.F[i] = rnd.Float64() - 0.5
		}
		outs, seeds = append(outs, y), append(seeds, x.Graph.Constant(w.Narrow()))
	}
	grads := graph.Backward{Of: outs, Seeds: seeds}.Grad(x.Inputs...)
	f, err := graph.NewFunc("slope", x.Inputs, append(grads, outs...))
	if err != nil {
		t.Fatal(err)
	}
	compareSlope(t, f, x, in, seeds, rnd)
}

// compareSlope is the comparison; f gives the gradients, then the outputs.
func compareSlope(t *testing.T, f *graph.Func, x *lower.Lowered, in map[string]lower.Host, seeds []*graph.Node, rnd *rand.Rand) {
	t.Helper()
	const h = 1e-6
	var at, low, high []tensor.Wide
	var direction [][]float64
	for _, leaf := range x.Inputs {
		w := tensor.Widen(in[leaf.Name()].Tensor)
		w.Type = leaf.Type()
		a, b := tensor.NewWide(w.Type), tensor.NewWide(w.Type)
		d := make([]float64, len(w.F))
		for i := range d {
			d[i] = rnd.Float64() - 0.5
			w.F[i] += (rnd.Float64() - 0.5) / 64 // away from ties and kinks
			a.F[i], b.F[i] = w.F[i]-h*d[i], w.F[i]+h*d[i]
		}
		at, low, high, direction = append(at, w), append(low, a), append(high, b), append(direction, d)
	}
	slope := 0.0
	for i, g := range graph.Eval(f, at)[:len(x.Inputs)] {
		for j, v := range g.F {
			slope += v * direction[i][j]
		}
	}
	sum := func(in []tensor.Wide) (s float64) {
		for k, y := range graph.Eval(f, in)[len(x.Inputs):] {
			w := tensor.Widen(seeds[k].Op().(*graph.Const).Value)
			for i, v := range y.F {
				s += v * w.F[i]
			}
		}
		return s
	}
	want := (sum(high) - sum(low)) / (2 * h)
	if math.Abs(slope-want) > 1e-5*(1+math.Abs(want)) {
		t.Errorf("the slope is %v, the difference quotient %v", slope, want)
	}
}
