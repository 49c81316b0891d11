package gguf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/safetensors"
	"github.com/ihae/ihae/tensor"
)

// opened is a file that is closed at the end of the test.
func opened(t testing.TB, path string) *File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// TestBlocksAsLlamaCpp holds every kind of block to what the package gguf of
// llama.cpp makes of it, bit by bit: see testdata/blocks.py.
func TestBlocksAsLlamaCpp(t *testing.T) {
	f := opened(t, "testdata/blocks.gguf")
	want, err := os.ReadFile("testdata/blocks.f32")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, e := range f.Tensors {
		if e.Name == "IQ2_XXS" {
			continue
		}
		seen[e.Kind] = true
		x, err := f.Floats(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range x.Floats() {
			w := math.Float32frombits(le.Uint32(want))
			if want = want[4:]; math.Float32bits(v) != math.Float32bits(w) {
				t.Fatalf("%s: element %d is %v, want %v", e.Name, i, v, w)
			}
		}
		if _, err := f.Tensor(e.Name); err != nil {
			t.Error(err)
		}
	}
	if len(want) != 0 || len(seen) != len(Kinds()) {
		t.Errorf("%d bytes are left, %d kinds of %d were read", len(want), len(seen), len(Kinds()))
	}
	for name, want := range map[string]string{"IQ2_XXS": "kept as IQ2_XXS, which is not read; take a file that has one of BF16, F16", "x": `no tensor "x" among 22`} {
		if _, err := f.Tensor(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %q in it", err, want)
		}
	}
}

// TestPlainElementsKeepTheirTypeAndPlace: what is not quantised is seen, not
// copied, in our order of axes.
func TestPlainElementsKeepTheirTypeAndPlace(t *testing.T) {
	f := opened(t, "testdata/blocks.gguf")
	for name, d := range map[string]tensor.DType{
		"float32": tensor.Float32, "float16": tensor.Float16, "float64": tensor.Float64, "int8": tensor.Int8,
		"int16": tensor.Int16, "int32": tensor.Int32, "int64": tensor.Int64,
	} {
		x, err := f.Tensor(name)
		if err != nil || x.Type() != (tensor.Type{DType: d, Shape: tensor.Dims(3, 5)}) {
			t.Errorf("%s: %v, %v", name, x.Type(), err)
		}
		e := f.Tensors[f.index[name]]
		if &x.Bytes()[0] != &f.bytes[e.Begin] || e.Begin%64 != 0 {
			t.Errorf("%s is a copy", name)
		}
	}
	if x, err := f.Tensor("Q4_K"); err != nil || x.Type() != tensor.F32(2, 512) {
		t.Errorf("%v, %v", x.Type(), err)
	}
}

// TestMetadataOfEveryType as the package gguf wrote it.
func TestMetadataOfEveryType(t *testing.T) {
	f := opened(t, "testdata/blocks.gguf")
	want := map[string]any{
		"uint8": uint8(200), "int8": int8(-100), "uint16": uint16(60000), "int16": int16(-30000), "uint32": uint32(4000000000),
		"int32": int32(-2000000000), "float32": float32(1.5), "bool": true, "string": "이해", "uint64": uint64(1<<63 + 1),
		"int64": int64(-1 << 62), "float64": 0.1, "ints": []int32{1, -2, 3}, "floats": []float32{0.5, -1},
		"bools": []bool{true, false, true}, "strings": []string{"a", "", "ㅏ"},
	}
	for key, v := range want {
		if got := f.Meta["test."+key]; !reflect.DeepEqual(got, v) {
			t.Errorf("%s is %#v, want %#v", key, got, v)
		}
	}
	if len(f.Keys) != len(f.Meta) || f.Keys[0] != "general.architecture" || f.Version != 3 {
		t.Errorf("version %d, %d keys of %d: %v", f.Version, len(f.Keys), len(f.Meta), f.Keys)
	}
	for key, v := range map[string]float64{"uint8": 200, "int8": -100, "uint16": 60000, "int16": -30000, "uint32": 4e9, "int32": -2e9, "int64": -1 << 62, "float32": 1.5, "float64": 0.1} {
		if got, err := f.Float("test." + key); err != nil || got != v {
			t.Errorf("%s is %v, %v", key, got, err)
		}
	}
	if s, err := f.Text("test.string"); s != "이해" || err != nil {
		t.Error(s, err)
	}
	for key, want := range map[string]string{"test.uint64": "of type uint64, wanted an integer", "test.bools": "of type []bool", "test.none": `no key "test.none"`} {
		if _, err := f.Int(key); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %q in it", err, want)
		}
	}
}

const llama = "../../../shared/data/models/llama-stories260K/"

// TestStories260K: a language model that others wrote equals its twin in
// safetensors, bit by bit and name by name, and has the tokenizer and the
// settings that stand beside it in JSON.
func TestStories260K(t *testing.T) {
	if _, err := os.Stat(llama + "stories260K.gguf"); err != nil {
		t.Skip("no llama-stories260K in ../shared/data/models on this machine")
	}
	f := opened(t, llama+"stories260K.gguf")
	twin, _, err := safetensors.Open(llama+"stories260K.safetensors", safetensors.Limits{})
	if err != nil || len(twin) != 48 || len(f.Tensors) != 48 {
		t.Fatal(len(twin), len(f.Tensors), err)
	}
	for _, n := range twin {
		x, err := f.Tensor(n.Name)
		if err != nil || x.Type() != n.Tensor.Type() || !bytes.Equal(x.Bytes(), n.Tensor.Bytes()) {
			t.Errorf("%s: %v, want %v, or other bytes; %v", n.Name, x.Type(), n.Tensor.Type(), err)
		}
	}
	var beside struct {
		Tokens []string  `json:"tokens"`
		Scores []float32 `json:"scores"`
	}
	text, err := os.ReadFile(llama + "tokenizer_and_config.json")
	if err == nil {
		err = json.Unmarshal(text, &beside)
	}
	if err != nil || len(beside.Tokens) != 512 || !reflect.DeepEqual(f.Meta["tokenizer.ggml.tokens"], beside.Tokens) {
		t.Errorf("%d tokens of %d, %v", len(f.Meta["tokenizer.ggml.tokens"].([]string)), len(beside.Tokens), err)
	}
	if !reflect.DeepEqual(f.Meta["tokenizer.ggml.scores"], beside.Scores) {
		t.Error("the scores differ")
	}
	for key, want := range map[string]int64{
		"llama.embedding_length": 64, "llama.feed_forward_length": 172, "llama.attention.head_count": 8, "llama.attention.head_count_kv": 4,
		"llama.block_count": 5, "llama.rope.dimension_count": 8, "llama.context_length": 128, "tokenizer.ggml.bos_token_id": 1,
	} {
		if v, err := f.Int(key); v != want || err != nil {
			t.Errorf("%s is %d, want %d, %v", key, v, want, err)
		}
	}
	if v, err := f.Float("llama.attention.layer_norm_rms_epsilon"); float32(v) != 1e-5 || err != nil {
		t.Error(v, err)
	}
}

// TestOpenNamesTheFile so that a person knows which; a closed file says so.
func TestOpenNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.gguf")
	if err := os.WriteFile(path, []byte("1234"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), path+": gguf: byte 0") {
		t.Errorf("error = %v", err)
	}
	f, err := Open("testdata/blocks.gguf")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, err := f.Tensor("Q8_0"); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("error = %v", err)
	}
}

func ExampleFile_Tensor() {
	f, err := Open("testdata/blocks.gguf")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	x, err := f.Tensor("Q6_K")
	fmt.Println(x.Type(), f.Tensors[0].Kind, err)
	// Output: float32[2 512] Q4_0 <nil>
}
