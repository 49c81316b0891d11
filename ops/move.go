package ops

import (
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// gather is the code of an operation each of whose elements is one of its
// operand, at first plus a stride along each axis of the result.
func gather(out tensor.Type, first int, strides [tensor.MaxRank]int) *kernel.Code {
	rank, dst := out.Shape.Rank(), out.Shape.Strides()
	return kernel.StridedCopy(out.DType.Size(), out.Shape.Dims(), dst[:rank], strides[:rank], 0, first)
}
