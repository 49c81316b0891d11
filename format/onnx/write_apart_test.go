package onnx

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/tensor"
)

// weighty is a model whose initialisers have 1023 and 1024 bytes, and in a body
// 6000, of two elements each, and 8.
func weighty(t *testing.T) *Model {
	t.Helper()
	b := NewBuilder("weighty")
	x := b.Input("x", 1, "N")
	made := func(d tensor.DType, n int) tensor.Tensor {
		v := tensor.New(tensor.Type{DType: d, Shape: tensor.Dims(n)})
		for i := range v.Bytes() {
			v.Bytes()[i] = byte(i*7) & 15
		}
		return v
	}
	b.Init("small", made(tensor.Uint8, 1023))
	b.Init("least", made(tensor.Uint8, 1024))
	body := b.Body("then")
	body.Init("packed", made(tensor.Int4, 12000))
	body.Init("pair", made(tensor.Float32, 2))
	body.OutputAny(body.Add("Relu", []string{x}), 1)
	g, err := body.Graph()
	if err != nil {
		t.Fatal(err)
	}
	b.Output(b.Add("Odd", []string{x}, GraphAttr("g", g), TensorAttr("value", made(tensor.Uint8, 2000))), 1, "N")
	m, err := b.Model(21)
	if err != nil {
		t.Fatal(err)
	}
	m.Graph.Inits[1].Doc, m.Graph.Inits[1].meta = "how", []KeyValue{{"k", "v"}}
	return m
}

// TestElementsLieApart: what a second file holds is where the first says, and is
// read back; nothing in between is lost.
func TestElementsLieApart(t *testing.T) {
	m := weighty(t)
	f, err := EncodeFiles(m, "m.onnx.data", true)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "m.onnx")
	data := saved(t, f, path)
	if want := 8192 + 1024; len(data) != want || f.DataSize() != int64(want) {
		t.Fatalf("the second file has %d bytes, says %d, want %d", len(data), f.DataSize(), want)
	}
	back, err := Open(path, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = back.Close() }()
	places := map[string]string{}
	for x := range back.Tensors() {
		if x.external != nil {
			places[x.Name] = fmt.Sprintf("%s %d %d", x.external.location, x.external.offset, x.external.length)
		}
	}
	if want := fmt.Sprint(map[string]string{"packed": "m.onnx.data 0 6000", "least": "m.onnx.data 8192 1024"}); fmt.Sprint(places) != want {
		t.Errorf("apart are %v, want %v", places, want)
	}
	least := back.Graph.Inits[1]
	if least.Doc != "how" || fmt.Sprint(least.meta) != "[{k v}]" {
		t.Errorf("what is said of a tensor apart is %q, %v", least.Doc, least.meta)
	}
	sameTensors(t, m, back)
	one, err := Encode(back)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := Encode(m); err != nil || !bytes.Equal(one, want) {
		t.Errorf("written into one file again it has %d bytes, want %d, %v", len(one), len(want), err)
	}
	again, err := EncodeFiles(back, "m.onnx.data", true)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again.Model, f.Model) || !bytes.Equal(saved(t, again, filepath.Join(t.TempDir(), "m.onnx")), data) {
		t.Error("what is read and written has other bytes")
	}
}

// saved writes both files and gives back the second.
func saved(t *testing.T, f *Files, path string) []byte {
	t.Helper()
	var data bytes.Buffer
	if err := f.WriteData(&data); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{path: f.Model, path + ".data": data.Bytes()} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return data.Bytes()
}

// sameTensors asks that all values of b are a's.
func sameTensors(t *testing.T, a, b *Model) {
	t.Helper()
	want := slices.Collect(a.Tensors())
	got := slices.Collect(b.Tensors())
	if len(got) != len(want) {
		t.Fatalf("%d tensors, want %d", len(got), len(want))
	}
	for i, w := range want {
		v, err := got[i].Value()
		if err != nil {
			t.Fatal(err)
		}
		if u, err := w.Value(); err != nil || v.Type() != u.Type() || !bytes.Equal(v.Bytes(), u.Bytes()) {
			t.Errorf("tensor %q comes back as %v, want %v, %v", w.Name, v.Type(), u.Type(), err)
		}
	}
}

// TestOnlyWhatIsTooLargeIsSplit: a model goes into one file as long as it fits, to
// the byte.
func TestOnlyWhatIsTooLargeIsSplit(t *testing.T) {
	m := weighty(t)
	whole, err := Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	size := int64(len(whole))
	f, err := encodeFiles(m, "d", false, size)
	if err != nil || f.DataSize() != 0 || !bytes.Equal(f.Model, whole) {
		t.Errorf("a model of the limit's size: %d bytes apart, %v", f.DataSize(), err)
	}
	for _, limit := range []int64{size - 1, 4000} {
		f, err = encodeFiles(m, "d", false, limit)
		if err != nil || f.DataSize() != 8192+1024 || int64(len(f.Model)) > limit {
			t.Errorf("limit %d: %d bytes apart, %v", limit, f.DataSize(), err)
		}
	}
	if _, err = encodeFiles(m, "d", false, 3000); err == nil || !strings.Contains(err.Error(), "at most 3000") { // 2000 bytes of an attribute, 1031 of initialisers
		t.Errorf("what remains is too large: %v", err)
	}
	for _, name := range []string{"", "../d", "a:b", "/d"} {
		if _, err := EncodeFiles(m, name, true); err == nil {
			t.Errorf("a second file %q is named", name)
		}
	}
}
