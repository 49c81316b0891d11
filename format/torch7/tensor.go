package torch7

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/ihae/ihae/tensor"
)

// kinds is the element types by the first part of the names of tensors and
// storages: torch.DoubleTensor. That of a GPU without a kind is Float.
var kinds = map[string]tensor.DType{
	"Byte": tensor.Uint8, "Char": tensor.Int8, "Short": tensor.Int16, "Int": tensor.Int32, "Long": tensor.Int64,
	"Half": tensor.Float16, "Float": tensor.Float32, "Double": tensor.Float64,
}

// numeric says whether a class is one of tensors or storages, and of what.
func numeric(class string) (d tensor.DType, isTensor, ok bool) {
	name, ok := strings.CutPrefix(class, "torch.")
	if !ok {
		return d, false, false
	}
	name, isTensor = strings.CutSuffix(name, "Tensor")
	if !isTensor {
		if name, ok = strings.CutSuffix(name, "Storage"); !ok {
			return d, false, false
		}
	}
	if name == "Cuda" {
		return tensor.Float32, isTensor, true
	}
	d, ok = kinds[strings.TrimPrefix(name, "Cuda")]
	return d, isTensor, ok
}

// storage reads the number of elements and the elements.
func (r *reader) storage(d tensor.DType, number int) (any, error) {
	n, err := r.coding.longs(r, 1)
	if err != nil {
		return nil, err
	}
	s := &Storage{DType: d, Len: n[0]}
	r.objects[number] = s
	if n[0] < 0 {
		return nil, fmt.Errorf("a storage of %d elements", n[0])
	}
	s.data, err = r.coding.elements(r, d, n[0])
	return s, err
}

// tensor reads the number of axes, their sizes, their strides, the first
// element, counted from 1, and the storage.
func (r *reader) tensor(d tensor.DType, number int) (any, error) {
	t := &Tensor{}
	r.objects[number] = t
	rank, err := r.coding.integer(r)
	if err != nil {
		return nil, err
	}
	if rank < 0 || rank > tensor.MaxRank {
		return nil, fmt.Errorf("a tensor of %d axes, at most %d", rank, tensor.MaxRank)
	}
	dims, err := r.coding.longs(r, rank)
	if err != nil {
		return nil, err
	}
	if t.strides, err = r.coding.longs(r, rank); err != nil {
		return nil, err
	}
	first, err := r.coding.longs(r, 1)
	if err != nil {
		return nil, err
	}
	v, err := r.value()
	if err != nil {
		return nil, err
	}
	t.Storage, _ = v.(*Storage)
	t.offset = first[0] - 1
	return t, t.check(d, dims, v)
}

// check asks that the view is inside its storage. A tensor without axes has no
// elements, and often no storage.
func (t *Tensor) check(d tensor.DType, dims []int, storage any) error {
	if len(dims) == 0 {
		dims, t.strides, t.offset = []int{0}, []int{1}, 0
	}
	shape, err := tensor.CheckedDims(dims...)
	if err != nil {
		return err
	}
	t.Type = tensor.Type{DType: d, Shape: shape}
	switch {
	case shape.Size() == 0:
		t.Storage, t.offset = &Storage{DType: d}, 0
		return nil
	case t.Storage == nil:
		return fmt.Errorf("a tensor over %T, wanted a storage", storage)
	case t.Storage.DType != d:
		return fmt.Errorf("a tensor of %v over a storage of %v", d, t.Storage.DType)
	}
	return tensor.CheckStrided(shape, t.offset, t.strides, t.Storage.Len)
}

// Dense copies t into a tensor of its own, contiguous. One that would take more
// than limit bytes, by repeating elements, is an error.
func (t *Tensor) Dense(limit int64) (tensor.Tensor, error) {
	if n := int64(t.Type.Bytes()); n > limit {
		return tensor.Tensor{}, fmt.Errorf("torch7: %v has %d bytes, at most %d", t.Type, n, limit)
	}
	x, err := tensor.Strided(t.Type, t.Storage.data, t.offset, t.strides)
	if err != nil {
		return tensor.Tensor{}, err
	}
	if size := t.Type.DType.Size(); size > 1 && binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		for e := range slices.Chunk(x.Bytes(), size) {
			slices.Reverse(e)
		}
	}
	return x, nil
}
