package tensorflow

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/ihae/ihae/tensor"
)

// node is a node with attributes.
func node(name, op string, inputs []string, attrs ...Attr) *Node {
	return &Node{Name: name, Op: op, Inputs: inputs, Attrs: attrs}
}

func input(name string, dims ...int64) *Node {
	return node(name, "Placeholder", nil, Attr{Name: "dtype", Kind: AttrType, Type: 1},
		Attr{Name: "shape", Kind: AttrShape, Shape: &Shape{Dims: dims}})
}

func numbers(name string, v tensor.Tensor) *Node {
	t := &Tensor{Type: DataTypeOf(v.DType()), Value: v}
	for _, d := range v.Shape().Dims() {
		t.Dims = append(t.Dims, int64(d))
	}
	return node(name, "Const", nil, Attr{Name: "value", Kind: AttrTensor, Tensor: t})
}

func list(name string, v ...int64) Attr {
	return Attr{Name: name, Kind: AttrList, List: &List{Ints: v}}
}

func text(name, v string) Attr { return Attr{Name: name, Kind: AttrBytes, Bytes: []byte(v)} }

func function(name, attr string) Attr { return Attr{Name: attr, Kind: AttrFunc, Func: name} }

// TestMistakesOfGraphsAreNamed: what a graph can say wrongly, and what the error
// says of it.
func TestMistakesOfGraphsAreNamed(t *testing.T) {
	x := input("x", 2, 5, 5, 3)
	w := numbers("w", tensor.From(tensor.Dims(3, 3, 3, 4), make([]float32, 108)))
	axes := func(v ...int32) *Node { return numbers("a", tensor.From(tensor.Dims(len(v)), v)) }
	conv := func(attrs ...Attr) *Node { return node("y", "Conv2D", []string{"x", "w"}, attrs...) }
	for name, c := range map[string]struct {
		nodes []*Node
		want  string
	}{
		"operations":        {[]*Node{x, node("p", "Foo", []string{"x"}), node("q", "Bar", []string{"p"}), node("r", "Foo", []string{"q"})}, `not known: Bar ("q"), Foo ("r" and 1 more)`},
		"names":             {[]*Node{x, x}, `two nodes with the name "x"`},
		"missing":           {[]*Node{node("y", "Relu", []string{"z"})}, `node "y": there is no node "z"`},
		"result":            {[]*Node{x, node("y", "Relu", []string{"x:1"})}, `node "x" (Placeholder) has no result 1`},
		"result name":       {[]*Node{x, node("y", "Relu", []string{"x:a"})}, `"x:a" is no result`},
		"no inputs":         {[]*Node{node("y", "Relu", nil)}, `node "y" (Relu): 0 inputs, want 1`},
		"cycle":             {[]*Node{node("y", "Relu", []string{"z"}), node("z", "Relu", []string{"y"}), node("o", "Relu", []string{"z"})}, "needs its own result"},
		"own result":        {[]*Node{node("y", "Add", []string{"y", "y"}), node("z", "Relu", []string{"y"})}, "needs its own result"},
		"types":             {[]*Node{x, axes(1), node("y", "Add", []string{"x", "a"})}, "element types 1 and 3"},
		"no shape":          {[]*Node{node("x", "Placeholder", nil), node("y", "Relu", []string{"x"})}, "give its sizes in Options.Inputs"},
		"element type":      {[]*Node{node("x", "Placeholder", nil, Attr{Name: "dtype", Type: 8}), node("y", "Relu", []string{"x"})}, "element type 8"},
		"no value":          {[]*Node{node("c", "Const", nil), node("y", "Relu", []string{"c"})}, "no value"},
		"strides":           {[]*Node{x, w, conv(list("strides", 1, 0, 1, 1))}, "strides [1 0 1 1]"},
		"strides over all":  {[]*Node{x, w, conv(list("strides", 2, 1, 1, 1))}, "slide over examples"},
		"padding":           {[]*Node{x, w, conv(text("padding", "HALF"))}, `padding "HALF"`},
		"explicit":          {[]*Node{x, w, conv(text("padding", "EXPLICIT"), list("explicit_paddings", 1))}, "explicit_paddings [1]"},
		"format":            {[]*Node{x, w, conv(text("data_format", "CHWN"))}, `data_format "CHWN"`},
		"channels":          {[]*Node{input("x", 2, 5, 5, 4), w, conv()}, "4 channels with a filter"},
		"window":            {[]*Node{input("x", 2, 2, 2, 3), w, conv()}, "do not fit"},
		"axes of pictures":  {[]*Node{input("x", 2, 3), w, conv()}, "has 2 axes, want 4"},
		"axis":              {[]*Node{x, axes(4), node("y", "Sum", []string{"x", "a"})}, "axis 4 of 4"},
		"axes not constant": {[]*Node{x, input("n", 1), node("y", "Sum", []string{"x", "n"})}, "must be a constant"},
		"permutation":       {[]*Node{x, axes(0, 1, 1, 2), node("y", "Transpose", []string{"x", "a"})}, "axes [0 1 1 2]"},
		"split":             {[]*Node{x, axes(1), node("y", "Split", []string{"a", "x"}, Attr{Name: "num_split", Int: 2})}, "size 5 in 2 parts"},
		"parts":             {[]*Node{x, axes(1), node("y", "Split", []string{"a", "x"}, Attr{Name: "num_split", Int: 1 << 30})}, "1073741824 parts"},
		"slices":            {[]*Node{x, axes(9), node("y", "StridedSlice", []string{"x", "a", "a", "a"}, Attr{Name: "shrink_axis_mask", Int: 1})}, "place 9 of size 2"},
		"step":              {[]*Node{x, axes(0), node("y", "StridedSlice", []string{"x", "a", "a", "a"})}, "a step of 0"},
		"items":             {[]*Node{x, axes(1, 1, 1, 1, 1), node("y", "StridedSlice", []string{"x", "a", "a", "a"})}, "5 items for 4 axes"},
		"exit":              {[]*Node{x, node("y", "Exit", []string{"x"})}, "an exit without a loop"},
		"enter":             {[]*Node{x, node("e", "Enter", []string{"x"}), node("y", "Exit", []string{"e"})}, "an exit without a loop"},
		"merge":             {[]*Node{x, input("z", 2), node("y", "Merge", []string{"x", "z"})}, "not known which is there"},
		"list":              {[]*Node{x, axes(1), node("y", "TensorArrayReadV3", []string{"x", "a", "x"})}, "is no list"},
		"function":          {[]*Node{x, node("y", "PartitionedCall", []string{"x"}, function("f", "f"))}, `there is no function "f"`},
		"no function":       {[]*Node{x, node("y", "While", []string{"x"})}, "there is no function"},
		"no output":         {[]*Node{x}, "no result that is asked for"},
		"quantized":         {[]*Node{x, node("y", "Dequantize", []string{"x", "x", "x"})}, "must be a constant number"},
		"frames":            {[]*Node{input("x", 16000, 1), node("y", "AudioSpectrogram", []string{"x"}, Attr{Name: "window_size", Int: 1 << 20}, Attr{Name: "stride", Int: 1})}, "frames of 1048576 samples"},
	} {
		_, err := Convert(&Graph{Nodes: c.nodes}, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error = %v, want %s", name, err, c.want)
		}
	}
}

// TestFunctionsWithoutEnd: functions that call each other, or that would become
// too many nodes.
func TestFunctionsWithoutEnd(t *testing.T) {
	call := func(name, f string) *Node { return node(name, "PartitionedCall", []string{"x:0:0"}, function(f, "f")) }
	first := func(name, f string) *Node { return node(name, "PartitionedCall", []string{"x"}, function(f, "f")) }
	g := &Graph{Nodes: []*Node{input("x", 2), first("y", "f")}}
	f := &Function{Name: "f", Args: []string{"x"}, Results: []string{"r"}, Return: map[string]string{"r": "c:output:0"}}
	f.Nodes = []*Node{first("c", "f")}
	g.Functions = []*Function{f}
	if _, err := Convert(g, Options{}); err == nil || !strings.Contains(err.Error(), "more than 32 deep") {
		t.Errorf("a function that calls itself: %v", err)
	}
	g.Functions = nil
	for i := range 30 { // 2³⁰ nodes
		f := &Function{Name: fmt.Sprint("f", i), Args: []string{"x"}, Results: []string{"r"}, Return: map[string]string{"r": "b:output:0"}}
		next := fmt.Sprint("f", i+1)
		f.Nodes = []*Node{first("a", next), call("b", next)}
		f.Nodes[1].Inputs = []string{"a:output:0"}
		g.Functions = append(g.Functions, f)
	}
	g.Functions = append(g.Functions, &Function{Name: "f30", Args: []string{"x"}, Results: []string{"r"},
		Return: map[string]string{"r": "a:y:0"}, Nodes: []*Node{node("a", "Relu", []string{"x"})}})
	g.Nodes[1] = first("y", "f0")
	if _, err := Convert(g, Options{Limits: Limits{Nodes: 10_000}}); err == nil || !strings.Contains(err.Error(), "more than 10000 ") {
		t.Errorf("functions that double: %v", err)
	}
}

// TestTruncated cuts a small file at each byte and a real one at many places:
// an error that says where, or a graph that lacks nodes.
func TestTruncated(t *testing.T) {
	cut := func(file []byte, every int) {
		for n := 0; n < len(file); n += every {
			g, err := Decode(file[:n], Limits{})
			var format *FormatError
			if err != nil && (!errors.As(err, &format) || format.Offset > int64(n)) {
				t.Fatalf("%d of %d bytes: %v", n, len(file), err)
			}
			if err == nil {
				_, _ = Convert(g, Options{})
			}
		}
	}
	cut(goldenCases(t)["Functions-while"].graph, 1)
	file, err := readFile(keywordFolder + "GRU_S.pb")
	if err != nil {
		t.Skip("../shared/data/models/kws-tf-frozen is not there")
	}
	cut(file, len(file)/2000)
}

func put(b []byte, num protowire.Number, v ...byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), v)
}

func putInt(b []byte, num protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), v)
}

// constFile is a file of one constant of an element type and sizes, with further
// fields.
func constFile(typ uint64, dims []uint64, fields []byte) []byte {
	var shape []byte
	for _, d := range dims {
		shape = put(shape, 2, putInt(nil, 1, d)...)
	}
	proto := append(put(putInt(nil, 1, typ), 2, shape...), fields...)
	attr := put(put(nil, 1, []byte("value")...), 2, put(nil, 8, proto...)...)
	n := put(put(nil, 1, 'c'), 2, []byte("Const")...)
	return put(nil, 1, put(n, 5, attr...)...)
}

// TestLyingConstants: sizes and counts that the file does not hold take no
// memory.
func TestLyingConstants(t *testing.T) {
	one := putInt(nil, 7, 1)
	for want, file := range map[string][]byte{
		"take far more memory than the file": constFile(3, []uint64{30000, 30000}, one),
		"a constant of shape [4294967296 2]": constFile(3, []uint64{1 << 32, 2}, one),
		"too many elements":                  constFile(3, []uint64{1 << 30, 1 << 30, 1 << 30}, one),
		"axis 0 has size -2":                 constFile(3, []uint64{1<<64 - 2}, one),
		"whose shape is not known":           constFile(3, []uint64{1<<64 - 1}, one),
		"has 4 bytes, want 8":                constFile(3, []uint64{2}, put(nil, 4, 1, 0, 0, 0)),
		"has 2 elements":                     constFile(3, []uint64{1}, append(one, one...)),
		"holds numbers that are cut off":     constFile(3, []uint64{1}, put(nil, 7, 0x80)),
		"truth values holds others":          constFile(10, []uint64{1}, put(nil, 4, 2)),
		"a constant with 9 axes":             constFile(3, []uint64{1, 1, 1, 1, 1, 1, 1, 1, 1}, one),
		"more than 156000 nodes":             constFile(7, nil, []byte(strings.Repeat("\x42\x00", 300_000))),
		"is cut off":                         put(nil, 1, 0x0a, 0xff),
		"field 1 must be a message, its":     {0x0b, 0x0c},
		"no nodes: this is no GraphDef":      {},
		"field 1 must be a message":          {0x08, 0x01},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Decode(file, Limits{})
		runtime.ReadMemStats(&after)
		var format *FormatError
		if !errors.As(err, &format) || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %s", err, want)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 64<<20+4*uint64(len(file)) {
			t.Errorf("%s: %d bytes", want, n)
		}
	}
}

// TestWeights lists the constants of a graph that has unknown operations.
func TestWeights(t *testing.T) {
	if _, err := Weights("testdata/none.pb"); err == nil {
		t.Error("a file that is not there is read")
	}
	list, err := Weights(keywordFolder + "LSTM_S.pb")
	if err != nil {
		t.Skip("../shared/data/models/kws-tf-frozen is not there")
	}
	shapes := map[string]tensor.Shape{}
	for _, n := range list {
		shapes[n.Name] = n.Tensor.Shape()
	}
	if shapes["lstm/rnn/lstm_cell/kernel"] != tensor.Dims(108, 576) || shapes["W_o"] != tensor.Dims(98, 12) || len(list) != 38 {
		t.Errorf("%d constants: %v", len(list), shapes)
	}
}
