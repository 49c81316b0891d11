package onnx_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
	"google.golang.org/protobuf/encoding/protowire"
)

// sparse is a sparse initialiser of float32: its values, places and sizes.
func sparse(name string, values []byte, indices []byte, dims ...uint64) []byte {
	b := append(field(1, append(field(8, []byte(name)), values...)), field(2, indices)...)
	for _, d := range dims {
		b = append(b, number(3, d)...)
	}
	return field(15, b)
}

// elements is the fields of a tensor in raw form.
func elements(elem uint64, raw []byte, dims ...uint64) []byte {
	b := append(number(2, elem), field(9, raw)...)
	for _, d := range dims {
		b = append(b, number(1, d)...)
	}
	return b
}

// TestSparseTensors places elements by their row-major places and by axes, and
// refuses places that the tensor has not.
func TestSparseTensors(t *testing.T) {
	values := elements(1, []byte{0, 0, 128, 63, 0, 0, 0, 64}, 2) // 1, 2
	places := func(v ...uint64) []byte {
		var b []byte
		for _, p := range v {
			b = binary.LittleEndian.AppendUint64(b, p)
		}
		return b
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"flat":       {sparse("s", values, elements(7, places(1, 5), 2), 2, 3), "[0 1 0 0 0 2]"},
		"by axes":    {sparse("s", values, elements(7, places(0, 2, 1, 0), 2, 2), 2, 3), "[0 0 1 2 0 0]"},
		"outside":    {sparse("s", values, elements(7, places(1, 6), 2), 2, 3), "place 6 of 6"},
		"no axes":    {sparse("s", elements(1, make([]byte, 4), 1), elements(7, nil, 1, 0)), "places for 1 values"},
		"two of one": {sparse("s", values, elements(7, nil, 2, 0)), "places for 2 values"},
	} {
		m, err := onnx.Read(field(7, c.file), onnx.Limits{})
		got := fmt.Sprint(err)
		if err == nil {
			v, err := m.Graph.Init("s").Value()
			if err != nil {
				t.Fatal(name, err)
			}
			got = fmt.Sprint(v.Floats())
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestSparseTensorsTogether: what each of many small sparse tensors may take,
// all of them together may not.
func TestSparseTensorsTogether(t *testing.T) {
	var g []byte
	for i := range 40 { // 64 MiB each
		g = append(g, sparse(fmt.Sprint("s", i), elements(1, nil, 0), elements(7, nil, 0), 1<<24)...)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := onnx.Read(field(7, g), onnx.Limits{})
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "sparse tensor") {
		t.Errorf("error = %v", err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 300<<20 {
		t.Errorf("%d bytes were taken", n)
	}
}

// TestTruthValues: any number but 0 is true, in raw form and in int32_data.
func TestTruthValues(t *testing.T) {
	for name, file := range map[string][]byte{
		"raw":        elements(9, []byte{0, 1, 2, 255}, 4),
		"int32_data": bytes.Join([][]byte{number(2, 9), number(1, 4), number(5, 0), number(5, 1), number(5, 256), number(5, 1<<64-1)}, nil),
	} {
		x, err := onnx.ReadData(file, nil)
		if err != nil {
			t.Fatal(err)
		}
		v, err := x.Tensor.Value()
		if err != nil || v.DType() != tensor.Bool || !bytes.Equal(v.Bytes(), []byte{0, 1, 1, 1}) {
			t.Errorf("%s: %v, %v", name, v.Bytes(), err)
		}
	}
}

// TestElementsInAnotherField: the bits of floats are no whole numbers.
func TestElementsInAnotherField(t *testing.T) {
	one := protowire.AppendFixed32(protowire.AppendTag(nil, 4, protowire.Fixed32Type), 0x3f800000)
	long := protowire.AppendFixed64(protowire.AppendTag(nil, 10, protowire.Fixed64Type), 0x3ff0000000000000)
	for name, file := range map[string][]byte{
		"floats as int32":  append(append(number(2, 6), number(1, 1)...), one...),
		"doubles as int64": append(append(number(2, 7), number(1, 1)...), long...),
		"int64 as float64": append(append(number(2, 11), number(1, 1)...), number(7, 1)...),
		"int32 as float32": append(append(number(2, 1), number(1, 1)...), number(5, 1)...),
	} {
		if _, err := onnx.ReadData(file, nil); err == nil || !strings.Contains(err.Error(), "in the field of another type") {
			t.Errorf("%s: error = %v", name, err)
		}
	}
}

// outside is the fields of a tensor of one float whose elements lie in a file.
func outside() []byte {
	kv := field(13, append(field(1, []byte("location")), field(2, []byte("w"))...))
	return bytes.Join([][]byte{number(1, 1), number(2, 1), number(14, 1), kv}, nil)
}

// TestExternalDataWithoutFolder: a value in a file of its own, and the default of
// a function's attribute, whose elements are said to lie elsewhere.
func TestExternalDataWithoutFolder(t *testing.T) {
	x, err := onnx.ReadData(outside(), nil)
	if err != nil {
		t.Fatal(err)
	}
	function := field(11, append(append(field(1, []byte("t")), field(5, outside())...), number(20, 4)...))
	m, err := onnx.Read(append(field(7, nil), field(25, function)...), onnx.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []*onnx.Tensor{x.Tensor, m.Functions[0].AttrDefaults[0].Tensor} {
		if _, err := v.Value(); err == nil || !strings.Contains(err.Error(), "does not come from a folder") {
			t.Errorf("error = %v", err)
		}
	}
}

// TestFunctionsComputeTheirResults: a function whose result nothing computes.
func TestFunctionsComputeTheirResults(t *testing.T) {
	m := sample(t)
	m.Functions[0].Out = []string{"nowhere"}
	if err := m.Check(); err == nil || !strings.Contains(err.Error(), `nothing computes output "nowhere" of function "Twice"`) {
		t.Errorf("error = %v", err)
	}
}
