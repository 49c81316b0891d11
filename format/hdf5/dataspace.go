package hdf5

import (
	"math/bits"

	"github.com/ihae/ihae/tensor"
)

// maxAxes is the limit of the format; tensor.MaxRank, ours, is lower.
const maxAxes = 32

// dataspace is the extent of an array.
type dataspace struct {
	dims, most []uint64 // sizes now, and the largest allowed
	null       bool     // no elements, not even one
}

// dataspace reads a dataspace message.
func (c *cursor) dataspace() dataspace {
	var s dataspace
	version := c.version("a dataspace", 1, 2)
	rank, flags := c.u8(), c.u8()
	if version == 1 {
		c.skip(5)
	} else if c.u8() == 2 {
		s.null = true
	}
	if rank > maxAxes {
		c.fail("%d axes, at most %d", rank, maxAxes)
		return s
	}
	s.dims = c.lengths(rank)
	s.most = s.dims
	if flags&1 != 0 {
		s.most = c.lengths(rank)
	}
	return s
}

func (c *cursor) lengths(n int) []uint64 {
	list := make([]uint64, n)
	for i := range list {
		if list[i] = c.length(); list[i] == 1<<(8*c.f.sl)-1 {
			list[i] = undefined // no limit
		}
	}
	return list
}

// elements is the number of elements; false if it does not fit 56 bits.
func (s dataspace) elements() (uint64, bool) {
	if s.null {
		return 0, true
	}
	return product(s.dims)
}

// product multiplies; false if the result does not fit 56 bits. A factor of 0
// counts as one for that, so that no part of the product overflows.
func product(list []uint64) (uint64, bool) {
	n, zero := uint64(1), false
	for _, v := range list {
		zero = zero || v == 0
		hi, lo := bits.Mul64(n, max(v, 1))
		if hi != 0 || lo > 1<<56 {
			return 0, false
		}
		n = lo
	}
	if zero {
		return 0, true
	}
	return n, true
}

// shape is s as a tensor's shape.
func (s dataspace) shape() (tensor.Shape, error) {
	dims := make([]int, len(s.dims))
	for i, d := range s.dims {
		if d > 1<<56 {
			d = 1 << 56
		}
		dims[i] = int(d)
	}
	if s.null {
		dims = []int{0}
	}
	return tensor.CheckedDims(dims...)
}
