package tensor

import (
	"fmt"
	"math/bits"
)

// Strided copies a view of src into a tensor of its own: element [i j …] is
// element offset + i·strides[0] + j·strides[1] + … of src, which holds elements
// of t's type in this machine's byte order. Strides and offset are in elements,
// may come from data, and are checked against the length of src before anything
// is allocated. A stride of 0 repeats; a negative one is an error.
func Strided(t Type, src []byte, offset int, strides []int) (Tensor, error) {
	size := t.DType.Size()
	if t.DType.Bits()%8 != 0 || size == 0 {
		return Tensor{}, fmt.Errorf("tensor: elements of %v have no addresses", t.DType)
	}
	if err := CheckStrided(t.Shape, offset, strides, len(src)/size); err != nil {
		return Tensor{}, err
	}
	out := New(t)
	if t.Shape.Size() == 0 {
		return out, nil
	}
	// The last axes, as far as they lie in src as in out, are copied as one run.
	run, axes := 1, t.Shape.Rank()
	for axes > 0 && (strides[axes-1] == run || t.Shape.Dim(axes-1) == 1) {
		axes--
		run *= t.Shape.Dim(axes)
	}
	c := strided{src: src, dst: out.mem, size: size, run: run * size, strides: strides[:axes], dims: t.Shape.Dims()[:axes]}
	c.copy(0, offset)
	return out, nil
}

// CheckStrided asks that a view as [Strided] copies it stays inside n elements.
func CheckStrided(s Shape, offset int, strides []int, n int) error {
	if len(strides) != s.Rank() {
		return fmt.Errorf("tensor: %d strides for shape %v", len(strides), s)
	}
	if offset < 0 {
		return fmt.Errorf("tensor: a view from element %d", offset)
	}
	last := uint64(offset)
	for i, st := range strides {
		if st < 0 {
			return fmt.Errorf("tensor: stride %d along axis %d", st, i)
		}
		hi, lo := bits.Mul64(uint64(st), uint64(max(s.Dim(i)-1, 0)))
		if last += lo; hi != 0 || lo >= 1<<62 || last >= 1<<62 {
			return fmt.Errorf("tensor: shape %v with strides %v reaches too far", s, strides)
		}
	}
	if s.Size() > 0 && last >= uint64(n) {
		return fmt.Errorf("tensor: shape %v with strides %v from element %d reaches element %d of %d", s, strides, offset, last, n)
	}
	return nil
}

// strided is the state of one copy: what of dst is still to fill.
type strided struct {
	src, dst      []byte
	size, run     int // bytes of an element and of a run
	strides, dims []int
}

func (c *strided) copy(axis, at int) {
	if axis == len(c.dims) {
		copy(c.dst[:c.run], c.src[at*c.size:])
		c.dst = c.dst[c.run:]
		return
	}
	for range c.dims[axis] {
		c.copy(axis+1, at)
		at += c.strides[axis]
	}
}
