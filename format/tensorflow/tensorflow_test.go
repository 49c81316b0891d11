package tensorflow

import (
	"bytes"
	"compress/gzip"
	"flag"
	"io"
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

// models is a folder that tests write their models into, for check.py in
// testdata, which runs them with ONNX Runtime.
var models = flag.String("models", "", "write the translated models into this folder")

// goldenCase is a graph with inputs and what TensorFlow makes of them
// (testdata/generate.py).
type goldenCase struct {
	graph   []byte
	in, out map[string]tensor.Tensor
}

// golden reads a compressed file of named tensors.
func golden(t testing.TB, path string) map[string]tensor.Tensor {
	t.Helper()
	f, err := os.Open(path)
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
	s, err := safetensors.Read(bytes.NewReader(b), int64(len(b)), safetensors.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.All()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]tensor.Tensor{}
	for _, n := range list {
		all[n.Name] = n.Tensor
	}
	return all
}

func goldenCases(t testing.TB) map[string]*goldenCase {
	t.Helper()
	cases := map[string]*goldenCase{}
	for key, v := range golden(t, "testdata/cases.safetensors.gz") {
		name, what, _ := strings.Cut(key, ".")
		c := cases[name]
		if c == nil {
			c = &goldenCase{in: map[string]tensor.Tensor{}, out: map[string]tensor.Tensor{}}
			cases[name] = c
		}
		kind, result, _ := strings.Cut(what, ".")
		switch kind {
		case "pb":
			c.graph = v.Bytes()
		case "in":
			c.in[result] = v
		case "out":
			c.out[result] = v
		}
	}
	return cases
}

// translate translates a case; its answers are the outputs.
func (c *goldenCase) translate() (*onnx.Model, error) {
	g, err := Decode(c.graph, Limits{})
	if err != nil {
		return nil, err
	}
	return Convert(g, Options{Outputs: slices.Sorted(maps.Keys(c.out))})
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
// types, shapes and numbers of the answers.
func TestCases(t *testing.T) {
	cases := goldenCases(t)
	pool := exec.NewPool(1)
	defer pool.Close()
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		c := cases[name]
		t.Run(name, func(t *testing.T) {
			m, err := c.translate()
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
				checkType(t, p, want.Type())
			}
			if len(m.Graph.Outputs) != len(c.out) {
				t.Errorf("%d outputs, want %d", len(m.Graph.Outputs), len(c.out))
			}
			for result, y := range run(t, pool, m, c.in) {
				agree(t, result, y, c.out[result], 2e-5)
			}
		})
	}
}

// checkType compares the type that a model states with that of an answer.
func checkType(t *testing.T, p *onnx.Port, want tensor.Type) {
	t.Helper()
	w := onnx.TypeOf(want)
	if p.Type.Elem != w.Elem || p.Type.Ranked && len(p.Type.Dims) != len(w.Dims) {
		t.Errorf("%s has type %v, want %v", p.Name, p.Type, w)
		return
	}
	for i, d := range p.Type.Dims {
		if p.Type.Ranked && d.Size >= 0 && d.Size != w.Dims[i].Size {
			t.Errorf("%s has type %v, want %v", p.Name, p.Type, w)
		}
	}
}

// TestChannelsFirst: what TensorFlow makes of [N H W C] is what the same
// operation makes of [N C H W], transposed.
func TestChannelsFirst(t *testing.T) {
	cases := goldenCases(t)
	pool := exec.NewPool(1)
	defer pool.Close()
	tested := 0
	for _, name := range []string{
		"Conv2D-SAME-2", "Conv2D-VALID-1", "Conv2D-dilated-SAME", "Depthwise-SAME-1", "MaxPool-SAME-2", "AvgPool-VALID-2",
		"FusedBatchNormV3", "FusedBatchNorm-training", "SpaceToDepth", "DepthToSpace", "Conv2D-explicit", "ConvBackward-SAME",
	} {
		c := cases[name]
		g, err := Decode(c.graph, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range g.Nodes {
			channelsFirst(n)
		}
		m, err := Convert(g, Options{Outputs: slices.Sorted(maps.Keys(c.out))})
		if err != nil {
			t.Fatal(name, err)
		}
		for result, y := range run(t, pool, m, map[string]tensor.Tensor{"x": permute(c.in["x"], []int{0, 3, 1, 2})}) {
			agree(t, name+" "+result, permute(y, []int{0, 2, 3, 1}), c.out[result], 2e-5)
			tested++
		}
	}
	if tested != 12 {
		t.Errorf("%d results were compared", tested)
	}
}

// channelsFirst turns the lists of a node around for NCHW.
func channelsFirst(n *Node) {
	turn := func(v []int64) {
		if len(v) == 4 {
			copy(v, []int64{v[0], v[3], v[1], v[2]})
		}
		if len(v) == 8 {
			copy(v, []int64{v[0], v[1], v[6], v[7], v[2], v[3], v[4], v[5]})
		}
	}
	for i := range n.Attrs {
		switch a := &n.Attrs[i]; a.Name {
		case "data_format":
			a.Bytes = []byte("NCHW")
		case "strides", "dilations", "ksize", "explicit_paddings":
			turn(a.List.Ints)
		case "shape":
			turn(a.Shape.Dims)
		case "value":
			if strings.Contains(n.Name, "input_sizes") {
				v := tensor.Of[int32](a.Tensor.Value.Clone())
				a.Tensor.Value = tensor.From(tensor.Dims(4), []int32{v[0], v[3], v[1], v[2]})
			}
		}
	}
}
