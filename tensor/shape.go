package tensor

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// MaxRank is the largest number of axes.
const MaxRank = 8

// Shape is the size of each axis, outermost first. It is a value: two shapes
// are the same when == says so, and a Shape can be part of a map key.
type Shape struct {
	rank int8
	dim  [MaxRank]int
}

// Dims makes a Shape. It panics on more than MaxRank axes or a negative size,
// since both are mistakes in the caller's source; [CheckedDims] is for sizes
// that come from data.
func Dims(dims ...int) Shape {
	s, err := CheckedDims(dims...)
	if err != nil {
		panic(err.Error())
	}
	return s
}

// CheckedDims makes a Shape of sizes read from outside. It refuses more than
// MaxRank axes, negative sizes, and shapes whose number of elements overflows.
func CheckedDims(dims ...int) (Shape, error) {
	if len(dims) > MaxRank {
		return Shape{}, fmt.Errorf("tensor: %d axes, at most %d", len(dims), MaxRank)
	}
	s, size := Shape{rank: int8(len(dims))}, uint64(1)
	for i, d := range dims {
		if d < 0 {
			return Shape{}, fmt.Errorf("tensor: axis %d has size %d", i, d)
		}
		// An axis of size 0 counts as one, so that no part of a shape overflows.
		hi, lo := bits.Mul64(size, uint64(max(d, 1)))
		if hi != 0 || lo > 1<<56 {
			return Shape{}, fmt.Errorf("tensor: %v has too many elements", slices.Clone(dims)) // a copy, so that dims itself may stay on the stack
		}
		size, s.dim[i] = lo, d
	}
	return s, nil
}

// Rank is the number of axes.
func (s Shape) Rank() int { return int(s.rank) }

// Dim is the size of axis i; negative i counts from the last axis.
func (s Shape) Dim(i int) int { return s.dim[s.Axis(i)] }

// Axis turns a negative axis into the one it means: -1 is the last.
func (s Shape) Axis(i int) int {
	if i < 0 {
		i += int(s.rank)
	}
	return i
}

// Dims is the sizes as a slice of its own.
func (s Shape) Dims() []int { return slices.Clone(s.dim[:s.rank]) }

// Size is the number of elements; 1 for rank 0.
func (s Shape) Size() int {
	n := 1
	for _, d := range s.dim[:s.rank] {
		n *= d
	}
	return n
}

// Strides is the distance, in elements, between neighbours along each axis in
// row-major order.
func (s Shape) Strides() [MaxRank]int {
	var st [MaxRank]int
	n := 1
	for i := int(s.rank) - 1; i >= 0; i-- {
		st[i] = n
		n *= s.dim[i]
	}
	return st
}

// With is s with axis i of size d.
func (s Shape) With(i, d int) Shape {
	s.dim[s.Axis(i)] = d
	return s
}

// Append is s with more axes inside.
func (s Shape) Append(dims ...int) Shape { return Dims(append(s.Dims(), dims...)...) }

// Without is s with axis i removed.
func (s Shape) Without(i int) Shape {
	i = s.Axis(i)
	return Dims(slices.Delete(s.Dims(), i, i+1)...)
}

// String writes s as [2 3].
func (s Shape) String() string {
	return "[" + strings.Trim(fmt.Sprint(s.dim[:s.rank]), "[]") + "]"
}

// Type is what is known of a tensor before it is computed: element type and shape.
type Type struct {
	DType DType
	Shape Shape
}

// Bytes is the size of the elements in memory.
func (t Type) Bytes() int { return t.Shape.Size() * t.DType.Size() }

// String writes t as float32[2 3].
func (t Type) String() string { return t.DType.String() + t.Shape.String() }

// F32 is the float32 type of the given sizes.
func F32(dims ...int) Type { return Type{Float32, Dims(dims...)} }
