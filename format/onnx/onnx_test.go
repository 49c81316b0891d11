package onnx_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
	"google.golang.org/protobuf/encoding/protowire"
)

// sample is a model with everything that a file can hold.
func sample(t testing.TB) *onnx.Model {
	t.Helper()
	b := onnx.NewBuilder("sample")
	x := b.Input("x", 1, "N", 3, nil)
	w := b.Init("w", tensor.From(tensor.Dims(3, 2), []float32{1, 2, 3, 4, 5, 6}))
	b.Ints("shape", 1, -1)
	y := b.AddAs("y", "MatMul", []string{x, w})
	body := b.Body("then")
	body.OutputAny(body.Add("Relu", []string{y}), 1)
	g, err := body.Graph()
	if err != nil {
		t.Fatal(err)
	}
	c := b.Add("Constant", nil, onnx.TensorAttr("value", tensor.Scalar(int64(7))))
	b.AddNode(&onnx.Node{
		Op: "Odd", Domain: "com.example", In: []string{y, "", c}, Out: []string{"z", ""}, Doc: "how",
		Attrs: []onnx.Attr{
			onnx.Int("i", -5), onnx.Ints("is", 1, -2), onnx.Float("f", 0.5), onnx.Floats("fs", 1, -1), onnx.String("s", "한글"), onnx.Strings("ss", "a", ""),
			onnx.GraphAttr("g", g),
			{Name: "tp", Kind: onnx.AttrType, Type: &onnx.Type{Kind: onnx.OptionalType, Of: &onnx.Type{Kind: onnx.SequenceType, Of: onnx.TensorOf(8, "M")}}},
		},
	}, 2)
	b.Output("z", 1, "N", nil)
	m, err := b.Model(17)
	if err != nil {
		t.Fatal(err)
	}
	m.Opsets = append(m.Opsets, onnx.Opset{Domain: "com.example", Version: 3})
	m.Graph.Inits = append(m.Graph.Inits, onnx.NewStrings("names", []int64{2}, []string{"x", "é"}))
	m.Functions = []*onnx.Function{{
		Name: "Twice", Domain: "local", In: []string{"a"}, Out: []string{"b"}, AttrNames: []string{"k"}, AttrDefaults: []onnx.Attr{onnx.Int("d", 2)},
		Opsets: []onnx.Opset{{Version: 17}}, Nodes: []*onnx.Node{{Op: "Add", In: []string{"a", "a"}, Out: []string{"b"}}},
	}}
	m.SetMeta("k", "v")
	return m
}

func TestWrittenModelsComeBack(t *testing.T) {
	m := sample(t)
	b, err := onnx.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	back, err := onnx.Read(b, onnx.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := onnx.Encode(back)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, again) {
		t.Error("a model that is read and written has other bytes")
	}
	n := back.Graph.Nodes[len(back.Graph.Nodes)-1]
	if a, ok := n.Attr("s"); !ok || string(a.Str) != "한글" {
		t.Errorf("attribute s is %+v", a)
	}
	if a, _ := n.Attr("tp"); a.Type.String() != "optional(seq(string[M]))" {
		t.Errorf("type is %v", a.Type)
	}
	if got := back.Graph.Inputs[0].Type.String(); got != "float32[N 3 ?]" {
		t.Errorf("input is %s", got)
	}
	if v := back.MetaValue("k"); v != "v" {
		t.Errorf("metadata is %q", v)
	}
	w, err := back.Graph.Init("w").Value()
	if err != nil || fmt.Sprint(w.Floats()) != "[1 2 3 4 5 6]" {
		t.Errorf("w is %v, %v", w, err)
	}
}

// TestTensorsOfEveryType: values of random bits are the same after a file.
func TestTensorsOfEveryType(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, name := range tensor.DTypes() {
		d, err := tensor.ParseDType(name)
		if err != nil {
			t.Fatal(err)
		}
		v := tensor.New(tensor.Type{DType: d, Shape: tensor.Dims(3, 5)})
		for i := range v.Bytes() {
			v.Bytes()[i] = byte(r.IntN(256))
			if d == tensor.Bool {
				v.Bytes()[i] &= 1
			}
			if d.Bits() < 8 && d != tensor.Bool {
				v.Bytes()[i] &= 1<<d.Bits() - 1
			}
		}
		b, err := onnx.EncodeTensor(onnx.NewTensor("v", v))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		x, err := onnx.ReadData(b, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := x.Tensor.Value()
		if err != nil || got.Type() != v.Type() || !bytes.Equal(got.Bytes(), v.Bytes()) {
			t.Errorf("%s: %v comes back as %v, %v", name, v.Bytes(), got.Bytes(), err)
		}
	}
}

// TestTruncatedFilesAreRefused cuts a model at every byte.
func TestTruncatedFilesAreRefused(t *testing.T) {
	b, err := onnx.Encode(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	for n := range b {
		m, err := onnx.Read(b[:n:n], onnx.Limits{})
		if err == nil && len(m.Graph.Nodes) == 3 && len(m.Functions) == 1 && len(m.Meta) == 1 && len(m.Opsets) == 2 {
			t.Errorf("cut at byte %d of %d: nothing is missed", n, len(b))
		}
		if err != nil && !strings.HasPrefix(err.Error(), "onnx: ") {
			t.Errorf("cut at byte %d: %v does not say what it is about", n, err)
		}
	}
}

// nested is a model of graphs in each other.
func nested(depth int) []byte {
	g := []byte{}
	for range depth {
		attr := protowire.AppendBytes(protowire.AppendTag(nil, 6, protowire.BytesType), g)
		node := protowire.AppendBytes(protowire.AppendTag(nil, 5, protowire.BytesType), attr)
		g = protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), node)
	}
	return protowire.AppendBytes(protowire.AppendTag(nil, 7, protowire.BytesType), g)
}

func field(num protowire.Number, b []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), b)
}

func number(num protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, num, protowire.VarintType), v)
}

func TestLyingFilesAreRefused(t *testing.T) {
	tensorIn := func(parts ...[]byte) []byte { return field(7, field(5, bytes.Join(parts, nil))) }
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"no graph":           {number(1, 8), "no graph"},
		"a field of 2^31":    {append(protowire.AppendVarint(protowire.AppendTag(nil, 7, protowire.BytesType), 1<<31), 1, 2, 3), "cut off"},
		"an overlong varint": {append(protowire.AppendTag(nil, 1, protowire.VarintType), bytes.Repeat([]byte{0xff}, 11)...), "cut off"},
		"33 deep":            {nested(33), "32 deep"},
		"10,000 deep":        {nested(10_000), "32 deep"},
		"a negative size":    {tensorIn(number(1, 1<<64-1), number(2, 1), field(8, []byte("w"))), "impossible shape"},
		"a huge product":     {tensorIn(number(1, 1<<32), number(1, 1<<32), number(2, 3), field(8, []byte("w")), field(9, nil)), "impossible shape"},
		"a product of 4":     {tensorIn(number(1, 4194305), number(1, 4194305), number(1, 211106198978564), number(2, 1), field(8, []byte("w")), field(9, make([]byte, 16))), "impossible shape"},
		"too few elements":   {tensorIn(number(1, 4), number(2, 1), field(8, []byte("w")), field(9, make([]byte, 12))), "12 bytes of elements, want 16"},
		"no element type":    {tensorIn(number(1, 4), number(2, 99), field(8, []byte("w")), field(9, make([]byte, 12))), "element type"},
		"a text for a graph": {number(7, 3), "must be a message"},
	} {
		_, err := onnx.Read(c.file, onnx.Limits{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, c.want)
		}
	}
}

func TestBrokenGraphsAreRefused(t *testing.T) {
	node := func(in, out string) *onnx.Node {
		return &onnx.Node{Op: "Relu", In: []string{in}, Out: []string{out}}
	}
	port := func(name string) []*onnx.Port { return []*onnx.Port{{Name: name}} }
	for name, c := range map[string]struct {
		g    onnx.Graph
		want string
	}{
		"a cycle":         {onnx.Graph{Inputs: port("x"), Nodes: []*onnx.Node{node("b", "a"), node("a", "b")}, Outputs: port("b")}, `uses "b"`},
		"a dangling name": {onnx.Graph{Inputs: port("x"), Nodes: []*onnx.Node{node("nowhere", "a")}, Outputs: port("a")}, `uses "nowhere"`},
		"a name twice":    {onnx.Graph{Inputs: port("x"), Nodes: []*onnx.Node{node("x", "a"), node("x", "a")}, Outputs: port("a")}, "there already"},
		"no such output":  {onnx.Graph{Inputs: port("x"), Outputs: port("y")}, "nothing computes output"},
		"two inputs":      {onnx.Graph{Inputs: append(port("x"), port("x")...)}, "two inputs"},
	} {
		b, err := onnx.Encode(&onnx.Model{IR: 8, Graph: &c.g})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = onnx.Read(b, onnx.Limits{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, c.want)
		}
	}
}

// external is a model in a folder whose only tensor lies in a file beside it.
func external(t *testing.T, dir, location string, entries ...string) string {
	t.Helper()
	kv := func(k, v string) []byte { return field(13, append(field(1, []byte(k)), field(2, []byte(v))...)) }
	w := bytes.Join([][]byte{number(1, 3), number(2, 1), field(8, []byte("w")), number(14, 1), kv("location", location)}, nil)
	for i := 0; i < len(entries); i += 2 {
		w = append(w, kv(entries[i], entries[i+1])...)
	}
	path := filepath.Join(dir, "model.onnx")
	if err := os.WriteFile(path, field(7, field(5, w)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExternalDataStaysInItsFolder(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "model")
	data := make([]byte, 64)
	copy(data[16:], []byte{0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64}) // 1, 2, 3
	for _, name := range []string{filepath.Join(dir, "blobs", "w"), filepath.Join(top, "secret"), filepath.Join(dir, "alone")} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"inside": "blobs/w", "outside": "../secret"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip("no symbolic links here")
		}
	}
	hard := os.Link(filepath.Join(dir, "alone"), filepath.Join(dir, "hard")) == nil
	for name, c := range map[string]struct {
		location string
		entries  []string
		want     string // empty: it is read
	}{
		"a file":              {"blobs/w", []string{"offset", "16", "length", "12"}, ""},
		"a link inside":       {"inside", []string{"offset", "16"}, ""},
		"a link outside":      {"outside", []string{"offset", "16"}, "escapes"},
		"a parent":            {"../secret", nil, "stay in the model's folder"},
		"absolute":            {"/etc/passwd", nil, "stay in the model's folder"},
		"a backslash":         {`..\secret`, nil, "stay in the model's folder"},
		"a drive":             {`C:secret`, nil, "stay in the model's folder"},
		"nothing":             {"", nil, "names no file"},
		"a folder":            {"blobs", nil, "not a regular file"},
		"past the end":        {"blobs/w", []string{"offset", "60", "length", "12"}, "which has 64"},
		"another length":      {"blobs/w", []string{"length", "16"}, "16 bytes, want 12"},
		"a negative offset":   {"blobs/w", []string{"offset", "-4"}, "offset"},
		"an unknown key":      {"blobs/w", []string{"ofset", "4"}, "unknown key"},
		"a name of two files": {"hard", nil, "hard link"},
	} {
		if c.location == "hard" && !hard {
			continue
		}
		m, err := onnx.Open(external(t, dir, c.location, c.entries...), onnx.Limits{})
		if err == nil {
			var v tensor.Tensor
			if v, err = m.Graph.Init("w").Value(); err == nil && fmt.Sprint(v.Floats()) != "[1 2 3]" {
				t.Errorf("%s: read as %v", name, v.Floats())
			}
			if err := m.Close(); err != nil {
				t.Error(err)
			}
		}
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want an error with %q", name, err, c.want)
		}
	}
}

// FuzzRead: no file makes the reader panic, and what it reads it can write.
func FuzzRead(f *testing.F) {
	b, err := onnx.Encode(sample(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(nested(5))
	files, _ := filepath.Glob("../../../shared/data/models/*/mnist*.onnx")
	for _, name := range files {
		if b, err := os.ReadFile(name); err == nil {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := onnx.Read(file, onnx.Limits{})
		if err != nil {
			return
		}
		for x := range m.Tensors() {
			_, _ = x.Value()
		}
		if _, err := onnx.Encode(m); err != nil && !strings.Contains(err.Error(), "external") {
			t.Logf("cannot be written: %v", err)
		}
	})
}
