package caffe

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/safetensors"
	"github.com/ihae/ihae/tensor"
)

// models is a folder that TestCases writes its models into, for check.py in
// testdata, which runs them with ONNX Runtime.
var models = flag.String("models", "", "write the translated models into this folder")

// goldenCase is a small net with inputs and answers (testdata/generate.py).
type goldenCase struct {
	net, weights []byte
	in, out      map[string]tensor.Tensor
}

func goldenCases(t testing.TB) map[string]*goldenCase {
	t.Helper()
	all, _, err := safetensors.Open("testdata/layers.safetensors", safetensors.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]*goldenCase{}
	for _, n := range all {
		name, what, _ := strings.Cut(n.Name, ".")
		c := cases[name]
		if c == nil {
			c = &goldenCase{in: map[string]tensor.Tensor{}, out: map[string]tensor.Tensor{}}
			cases[name] = c
		}
		kind, blob, _ := strings.Cut(what, ".")
		switch kind {
		case "prototxt":
			c.net = n.Tensor.Bytes()
		case "caffemodel":
			c.weights = n.Tensor.Bytes()
		case "in":
			c.in[blob] = n.Tensor
		case "out":
			c.out[blob] = n.Tensor
		}
	}
	return cases
}

// write writes a model for check.py if that is asked for.
func write(t *testing.T, name string, m *onnx.Model) {
	t.Helper()
	if *models == "" {
		return
	}
	b, err := onnx.Encode(m)
	if err == nil {
		err = os.WriteFile(filepath.Join(*models, name+".onnx"), b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestCases translates and runs every golden case: the outputs have the names,
// shapes and numbers of the answers.
func TestCases(t *testing.T) {
	cases := goldenCases(t)
	pool := exec.NewPool(1)
	defer pool.Close()
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		c := cases[name]
		t.Run(name, func(t *testing.T) {
			m, err := Convert(c.net, c.weights, Options{})
			if err != nil {
				t.Fatal(err)
			}
			write(t, name, m)
			for _, p := range m.Graph.Outputs {
				want, ok := c.out[p.Name]
				if !ok {
					t.Errorf("output %q is not in the answers", p.Name)
					continue
				}
				checkShape(t, p, want.Shape().Dims())
			}
			run(t, pool, m, c.in, c.out, 1e-5)
		})
	}
}

// checkShape compares the shape that a model states with one that was computed.
func checkShape(t *testing.T, p *onnx.Port, want []int) {
	t.Helper()
	if len(p.Type.Dims) != len(want) {
		t.Errorf("%s has type %v, want shape %v", p.Name, p.Type, want)
		return
	}
	for i, d := range p.Type.Dims {
		if d.Size >= 0 && d.Size != int64(want[i]) {
			t.Errorf("%s has type %v, want shape %v", p.Name, p.Type, want)
		}
	}
}

const mtcnn = "../../../shared/data/models/caffe-mtcnn-face/"

func readReal(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(mtcnn + name)
	if err != nil {
		t.Skip("../shared/data/models/caffe-mtcnn-face is not there")
	}
	return b
}

// openReal translates one of the nets of MTCNN, or skips the test.
func openReal(t *testing.T, name string, o Options) *onnx.Model {
	t.Helper()
	readReal(t, name+".prototxt")
	m, err := Open(mtcnn+name+".prototxt", mtcnn+name+".caffemodel", o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestMTCNN translates and runs the three nets of Zhang et al., "Joint Face Detection and
// Alignment using Multi-task Cascaded Convolutional Networks", 2016.
func TestMTCNN(t *testing.T) {
	all, _, err := safetensors.Open("testdata/mtcnn.safetensors", safetensors.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(0)
	defer pool.Close()
	for _, name := range []string{"det1", "det2", "det3"} {
		o := Options{}
		if name == "det1" { // fully convolutional
			o.Inputs = map[string][]int{"data": {-1, 3, -1, -1}}
		}
		m := openReal(t, name, o)
		write(t, name, m)
		in, want := map[string]tensor.Tensor{}, map[string]tensor.Tensor{}
		for _, n := range all {
			if n.Name == name+".in" {
				in["data"] = normalized(n.Tensor)
			}
			if blob, ok := strings.CutPrefix(n.Name, name+".out."); ok {
				want[blob] = n.Tensor
			}
		}
		for _, p := range m.Graph.Outputs {
			checkShape(t, p, want[p.Name].Shape().Dims())
		}
		run(t, pool, m, in, want, 1e-5)
	}
}

// normalized is pixels as the nets of MTCNN take them.
func normalized(pixels tensor.Tensor) tensor.Tensor {
	y := make([]float32, len(pixels.Bytes()))
	for i, v := range pixels.Bytes() {
		y[i] = (float32(v) - 127.5) * 0.0078125
	}
	return tensor.From(pixels.Shape(), y)
}
