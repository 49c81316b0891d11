package format_test

import (
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format"
	"github.com/ihae/ihae/format/npz"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/tensor"
)

// The tests named Real run public models in their files, which lie in the folder
// of shared data, and hold their outputs to what a peer said of the same inputs
// (testdata/peers.py, which says how the records are made).

var (
	long = flag.Bool("long", false, "run the long tests")
	// record is a folder that the tests write models and inputs into, instead of
	// comparing outputs.
	record = flag.String("record", "", "write the inputs of public models into this folder, for testdata/peers.py")
)

// The tolerances of outputs, as shares of the largest output.
const (
	exact = 1e-4 // of models in float32
	half  = 1e-2 // of models in float16
)

// shared is a path in the folder of shared data; the test is skipped where it is
// not there.
func shared(t testing.TB, parts ...string) string {
	t.Helper()
	p := filepath.Join(append([]string{"..", "..", "shared", "data"}, parts...)...)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("needs ../shared/data/%s", path.Join(parts...))
	}
	return p
}

// pool is the threads of all the tests.
var pool = sync.OnceValue(func() *exec.Pool { return exec.NewPool(0) })

// opened is the model in a file of the folder models of the shared data.
func opened(t testing.TB, file string) *onnx.Model {
	t.Helper()
	f, err := format.Open(shared(t, "models", file))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if f.Model == nil {
		t.Fatalf("%s is taken for weights of %s: %v", file, f.Format, f.Meta)
	}
	return f.Model
}

// session runs a model; outputs nil means its own.
func session(t testing.TB, m *onnx.Model, outputs ...string) *lower.Session {
	t.Helper()
	s, err := lower.NewSession(m, lower.Options{Pool: pool(), Outputs: outputs})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// running is a session for the model of a file.
func running(t testing.TB, file string, outputs ...string) *lower.Session {
	t.Helper()
	return session(t, opened(t, file), outputs...)
}

// tensors is values by name.
type tensors map[string]tensor.Tensor

// ran is the outputs of s for one set of inputs.
func ran(t testing.TB, s *lower.Session, in tensors) tensors {
	t.Helper()
	out, err := s.Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// peerCase is a model with inputs, of whose outputs a peer made a record.
type peerCase struct {
	name      string      // in testdata/peers/FAMILY.json
	model     string      // below models in the shared data
	opened    *onnx.Model // of that file; nil: what format.Open gives
	in        tensors
	outputs   []string // nil: those of the model
	tolerance float64  // as a share of the largest output
	absolute  float64  // beside: as a difference
}

// summary is a record of a tensor.
type summary struct {
	Shape   []int
	Max     float64   // of the absolute values
	Norm    float64   // the root of the sum of squares
	Step    int       // between the samples, in row-major order
	Samples []float64 // the 1st, the one Step later, and so on
}

// run runs the case and compares all its outputs with the records of a family.
func (c peerCase) run(t *testing.T, family string) tensors {
	t.Helper()
	m := c.opened
	if m == nil {
		m = opened(t, c.model)
	}
	s := session(t, m, c.outputs...)
	if *record != "" {
		c.write(t, family)
	}
	out := ran(t, s, c.in)
	if *record != "" {
		return out
	}
	want := recorded(t, family)[c.name]
	if want == nil {
		t.Fatalf("testdata/peers/%s.json has no %q", family, c.name)
	}
	if len(want) != len(out) {
		t.Errorf("%s: %d outputs, the peer has %d", c.name, len(out), len(want))
	}
	worst := 0.0
	for _, name := range slices.Sorted(maps.Keys(want)) {
		y, ok := out[name]
		if !ok {
			t.Errorf("%s: no output %q", c.name, name)
			continue
		}
		far, err := want[name].distance(y)
		limit := c.tolerance
		if c.absolute > 0 {
			limit += c.absolute / want[name].Max
		}
		if err != nil || !(far <= limit) {
			t.Errorf("%s: %s is off by %.3g of its largest, more than %.3g (%v)", c.name, name, far, limit, err)
		}
		worst = max(worst, far/limit)
	}
	t.Logf("%s: off by at most %.2g of what is allowed", c.name, worst)
	return out
}

// distance is the greatest difference between y and what the record tells of it,
// as a share of the largest element. That of the norms counts by the root of
// their number: so far apart may they be if each element is.
func (s summary) distance(y tensor.Tensor) (float64, error) {
	if got := y.Shape().Dims(); !slices.Equal(got, s.Shape) {
		return math.Inf(1), fmt.Errorf("shape %v, the peer has %v", got, s.Shape)
	}
	list := values(y)
	norm, far := 0.0, 0.0
	for i, v := range list {
		norm += v * v
		if i%s.Step == 0 {
			far = max(far, math.Abs(v-s.Samples[i/s.Step]))
		}
		if math.IsNaN(v) {
			return v, fmt.Errorf("element %d is not a number", i)
		}
	}
	far = max(far, math.Abs(math.Sqrt(norm)-s.Norm)/math.Sqrt(float64(max(1, len(list)))))
	if s.Max == 0 {
		return far, nil
	}
	return far / s.Max, nil
}

// values is the elements of a tensor of numbers.
func values(t tensor.Tensor) []float64 {
	w := tensor.Widen(t)
	if w.F != nil {
		return w.F
	}
	list := make([]float64, len(w.I))
	for i, v := range w.I {
		list[i] = float64(v)
	}
	return list
}

// recorded is the records of a family: by case, by output.
func recorded(t testing.TB, family string) map[string]map[string]summary {
	t.Helper()
	var all map[string]map[string]summary
	readRecord(t, family, &all)
	return all
}

// readRecord reads a file that peers.py wrote.
func readRecord(t testing.TB, family string, v any) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "peers", family+".json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(z).Decode(v); err != nil {
		t.Fatal(err)
	}
}

// write writes the case for peers.py.
func (c peerCase) write(t *testing.T, family string) {
	t.Helper()
	at := filepath.Join(*record, family+"."+c.name)
	var arrays []npz.Named
	for _, name := range slices.Sorted(maps.Keys(c.in)) {
		arrays = append(arrays, npz.Named{Name: name, Tensor: c.in[name]})
	}
	f, err := os.Create(at + ".npz")
	if err != nil {
		t.Fatal(err)
	}
	if err := npz.Write(f, arrays); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"family": family, "name": c.name, "model": c.model, "outputs": c.outputs})
	if err == nil {
		err = os.WriteFile(at+".json", text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// near compares figures that a description of a model states.
func near(t testing.TB, what string, got []float64, tolerance float64, want ...float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
		return
	}
	for i, w := range want {
		if !(math.Abs(got[i]-w) <= tolerance) {
			t.Errorf("%s: %v, want %v within %g", what, got, want, tolerance)
			return
		}
	}
}
