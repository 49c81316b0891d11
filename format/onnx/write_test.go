package onnx

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/ihae/ihae/tensor"
)

// TestReferencesHaveNoValue: an attribute that stands for one of its function has
// no value of its own (onnx.proto3, AttributeProto.ref_attr_name).
func TestReferencesHaveNoValue(t *testing.T) {
	for _, a := range []Attr{
		{Name: "a", Kind: AttrFloat, Ref: "r"}, {Name: "a", Kind: AttrInt, Ref: "r"}, {Name: "a", Kind: AttrString, Ref: "r"}, {Name: "a", Kind: AttrFloats, Ref: "r"},
	} {
		got := (&encoder{}).attr(&a)
		want := []byte{0x0a, 1, 'a', 0xa0, 1, byte(a.Kind), 0xaa, 1, 1, 'r'}
		if !bytes.Equal(got, want) {
			t.Errorf("kind %d is written as %x, want %x", a.Kind, got, want)
		}
	}
}

// TestWhatIsSaidOfTensors stays, whatever their elements are.
func TestWhatIsSaidOfTensors(t *testing.T) {
	for _, x := range []*Tensor{
		NewStrings("s", []int64{1}, []string{"한"}), NewTensor("f", tensor.Scalar(float32(1))),
		{Name: "c", Elem: ElemComplex64, Dims: []int64{1}, raw: binary.LittleEndian.AppendUint64(nil, 1)},
	} {
		x.Doc, x.meta = "how", []KeyValue{{"k", "v"}}
		b, err := EncodeTensor(x)
		if err != nil {
			t.Fatal(err)
		}
		y, err := ReadData(b, nil)
		if err != nil || y.Tensor.Doc != "how" || fmt.Sprint(y.Tensor.meta) != "[{k v}]" {
			t.Errorf("%s comes back with %q, %v, %v", x.Name, y.Tensor.Doc, y.Tensor.meta, err)
		}
	}
}

// TestExternalDataOfNoFolder: elements that lie in a file nobody can find are
// missed, wherever they are used.
func TestExternalDataOfNoFolder(t *testing.T) {
	far := &Tensor{Name: "w", Elem: 1, Dims: []int64{1}, external: &external{location: "d", length: -1}}
	if _, err := EncodeTensor(far); err == nil || !strings.Contains(err.Error(), `tensor "w": external data in d`) {
		t.Errorf("written: %v", err)
	}
	if _, err := far.Value(); err == nil || !strings.Contains(err.Error(), `tensor "w": external data in d`) {
		t.Errorf("read: %v", err)
	}
}
