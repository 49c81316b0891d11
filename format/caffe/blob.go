package caffe

import (
	"fmt"
	"math"
	"slices"

	"github.com/ihae/ihae/internal/protobuf"
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

// readBlob reads a BlobProto: its shape (7), or in older files num (1), channels
// (2), height (3) and width (4), and its elements, float (5) or double (8).
// Elements come packed or one by one. Gradients (6 and 9) are passed over.
func readBlob(b protobuf.Message) (*blob, error) {
	y := &blob{at: place{offset: b.At}}
	var legacy [4]int64
	var shape []int64
	old, has := false, false
	err := b.Fields(func(f protobuf.Field) error {
		switch f.Number {
		case 1, 2, 3, 4:
			old = true
			return f.Int(&legacy[f.Number-1])
		case 5:
			return f.Floats(&y.data)
		case 8:
			y.data = slices.Grow(y.data, len(f.Bytes)/8)
			return f.Each(protobuf.Fixed64, func(v uint64) error {
				y.data = append(y.data, float32(math.Float64frombits(v)))
				return nil
			})
		case 7:
			has = true
			return readShape(f, &shape)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if old && !has {
		shape = legacy[:]
	}
	return y, y.setDims(shape)
}

// readShape reads a BlobShape.
func readShape(f protobuf.Field, dims *[]int64) error {
	*dims = nil
	return f.Fields(func(f protobuf.Field) error {
		if f.Number != 1 {
			return nil
		}
		return f.Each(protobuf.Varint, func(v uint64) error {
			*dims = append(*dims, int64(v))
			if len(*dims) > maxAxes {
				return place{offset: f.At}.errorf("a blob with more than %d axes", maxAxes)
			}
			return nil
		})
	})
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
