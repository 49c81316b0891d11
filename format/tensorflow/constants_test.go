package tensorflow

import (
	"slices"
	"strings"
	"testing"
)

// TestFieldsOfConstants: floats are not read as the bits of whole numbers, any
// number but 0 is true, and a field of an attribute that is not known is none
// whose number ends in the same bits.
func TestFieldsOfConstants(t *testing.T) {
	for name, file := range map[string][]byte{
		"float as int32": constFile(3, []uint64{1}, put(nil, 5, 0, 0, 128, 63)),
		"double as half": constFile(19, []uint64{1}, put(nil, 6, 0, 0, 0, 0, 0, 0, 0, 1)),
		"int as float":   constFile(1, []uint64{1}, putInt(nil, 7, 1)),
	} {
		if _, err := Decode(file, Limits{}); err == nil || !strings.Contains(err.Error(), "in the field of another type") {
			t.Errorf("%s: error = %v", name, err)
		}
	}
	g, err := Decode(constFile(10, []uint64{3}, put(nil, 11, 0, 2, 0x80, 2)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if v := g.Nodes[0].Attr("value").Tensor.Value; !slices.Equal(v.Bytes(), []byte{0, 1, 1}) {
		t.Errorf("truth values %v", v.Bytes())
	}
	attr := put(put(nil, 1, 'a'), 2, put(putInt(nil, 3, 7), 256+2, 'b')...)
	g, err = Decode(put(nil, 1, put(put(nil, 1, 'n'), 5, attr...)...), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if a := g.Nodes[0].Attr("a"); a.Kind != AttrInt || a.Int != 7 {
		t.Errorf("attribute %+v", a)
	}
}
