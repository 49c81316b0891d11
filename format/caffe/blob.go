package caffe

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/ihae/ihae/tensor"
)

// blob is a weight of a layer.
type blob struct {
	at   place
	dims []int // as the file gives them
	data []float32
}

// maxAxes is Caffe's limit on the axes of a blob.
const maxAxes = 32

// readBlob reads a BlobProto, which takes all of b and begins at byte base: its
// shape (7), or in older files num (1), channels (2), height (3) and width (4),
// and its elements, float (5) or double (8). Elements come packed or one by one.
// Gradients (6 and 9) are passed over.
func readBlob(b []byte, base int64) (*blob, error) {
	y := &blob{at: place{offset: base}}
	var legacy [4]int64
	var shape []int64
	old, has := false, false
	for at := 0; at < len(b); {
		where := place{offset: base + int64(at)}
		num, wire, n := protowire.ConsumeTag(b[at:])
		if n < 0 {
			return nil, where.errorf("a blob is cut off: %v", protowire.ParseError(n))
		}
		at += n
		n = protowire.ConsumeFieldValue(num, wire, b[at:])
		if n < 0 {
			return nil, where.errorf("field %d of a blob is cut off: %v", num, protowire.ParseError(n))
		}
		f := wireField{wire: wire, raw: b[at : at+n], base: base + int64(at), at: where}
		at += n
		ok := true
		switch {
		case num >= 1 && num <= 4:
			var v uint64
			v, _ = protowire.ConsumeVarint(f.raw)
			ok = wire == protowire.VarintType
			legacy[num-1], old = int64(v), true
		case num == 5 || num == 8:
			ok = y.elements(f, num == 8)
		case num == 7:
			var err error
			if shape, err = readShape(f); err != nil {
				return nil, err
			}
			has = true
		}
		if !ok {
			return nil, where.errorf("field %d of a blob has wire type %d or a wrong length", num, wire)
		}
	}
	if old && !has {
		shape = legacy[:]
	}
	return y, y.setDims(shape)
}

// elements appends the elements of one field.
func (y *blob) elements(f wireField, double bool) bool {
	size, single := 4, protowire.Fixed32Type
	if double {
		size, single = 8, protowire.Fixed64Type
	}
	raw, packed := f.bytes()
	if !packed {
		raw = f.raw
	}
	if !packed && f.wire != single || len(raw)%size != 0 {
		return false
	}
	if packed {
		y.data = slices.Grow(y.data, len(raw)/size)
	}
	for ; len(raw) > 0; raw = raw[size:] {
		if double {
			y.data = append(y.data, float32(math.Float64frombits(binary.LittleEndian.Uint64(raw))))
		} else {
			y.data = append(y.data, math.Float32frombits(binary.LittleEndian.Uint32(raw)))
		}
	}
	return true
}

// readShape reads a BlobShape.
func readShape(f wireField) ([]int64, error) {
	b, ok := f.bytes()
	if !ok {
		return nil, f.at.errorf("the shape of a blob has wire type %d", f.wire)
	}
	m, err := (&wireReader{left: maxAxes}).message("shape", b, f.base+int64(len(f.raw)-len(b)), 1)
	if err != nil {
		return nil, err
	}
	var dims []int64
	for _, f := range m.fields {
		dims = append(dims, f.value.i)
	}
	return dims, nil
}

// setDims checks that the elements are as many as the shape says.
func (y *blob) setDims(dims []int64) error {
	list := make([]int, len(dims))
	for i, d := range dims {
		if d < 0 || d > math.MaxInt32 {
			return y.at.errorf("a blob of shape %v", dims)
		}
		list[i] = int(d)
	}
	n, ok := count(list)
	if !ok || n != len(y.data) {
		return y.at.errorf("a blob of shape %v has %d elements", dims, len(y.data))
	}
	y.dims = list
	return nil
}

// count is the product of sizes; ok is false if it is too large for any memory.
func count(dims []int) (n int, ok bool) {
	n = 1
	for _, d := range dims {
		if d != 0 && n > math.MaxInt/8/d {
			return 0, false
		}
		n *= d
	}
	return n, true
}

// as is the blob with the shape that its layer gives it. The file's may have
// other axes of size 1: older versions wrote four axes always.
func (y *blob) as(dims ...int) (tensor.Tensor, error) {
	thick := func(dims []int) []int {
		return slices.DeleteFunc(slices.Clone(dims), func(d int) bool { return d == 1 })
	}
	if !slices.Equal(thick(dims), thick(y.dims)) {
		return tensor.Tensor{}, fmt.Errorf("the weights at byte %d have shape %v, the net asks for %v", y.at.offset, y.dims, dims)
	}
	s, err := tensor.CheckedDims(dims...)
	if err != nil {
		return tensor.Tensor{}, err
	}
	return tensor.From(s, y.data), nil
}
