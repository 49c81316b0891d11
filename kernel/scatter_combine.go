package kernel

import (
	"unsafe"

	"github.com/ihae/ihae/tensor"
)

// number is the Go types that arithmetic is done in.
type number interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64
}

// scatterPieceOf is scatterPiece for elements of d, or nil.
func scatterPieceOf(d tensor.DType, how Combine) func(s *scatterer, a *Args, i int) {
	if how == CombineUpdate {
		switch d.Size() {
		case 1:
			return combining(replace[uint8])
		case 2:
			return combining(replace[uint16])
		case 4:
			return combining(replace[uint32])
		case 8:
			return combining(replace[uint64])
		}
		return nil
	}
	switch d {
	case tensor.Float32:
		if how == CombineAdd {
			return combining(addRuns())
		}
		return combining(combines[float32](how))
	case tensor.Float64:
		return combining(combines[float64](how))
	case tensor.Int8:
		return combining(combines[int8](how))
	case tensor.Int16:
		return combining(combines[int16](how))
	case tensor.Int32:
		return combining(combines[int32](how))
	case tensor.Int64:
		return combining(combines[int64](how))
	case tensor.Uint8:
		return combining(combines[uint8](how))
	case tensor.Uint16:
		return combining(combines[uint16](how))
	case tensor.Uint32:
		return combining(combines[uint32](how))
	case tensor.Uint64:
		return combining(combines[uint64](how))
	}
	return nil
}

func combining[T any](f func(to, from []T)) func(s *scatterer, a *Args, i int) {
	if f == nil {
		return nil
	}
	return func(s *scatterer, a *Args, i int) { scatterPiece(s, a, i, f) }
}

func replace[T any](to, from []T) { copy(to, from) }

// addRuns adds long runs by the vector form.
func addRuns() func(to, from []float32) {
	add := vecForms.Best().op[opAdd]
	return func(to, from []float32) {
		if len(to) < 8 {
			for i, v := range from {
				to[i] += v
			}
			return
		}
		p := unsafe.Pointer(unsafe.SliceData(to))
		add(p, p, unsafe.Pointer(unsafe.SliceData(from)), nil, len(to))
	}
}

// combines is how elements of T are combined, or nil.
func combines[T number](how Combine) func(to, from []T) {
	switch how {
	case CombineAdd:
		return func(to, from []T) {
			for i, v := range from {
				to[i] += v
			}
		}
	case CombineMul:
		return func(to, from []T) {
			for i, v := range from {
				to[i] *= v
			}
		}
	case CombineMin:
		return func(to, from []T) {
			for i, v := range from {
				to[i] = min(to[i], v)
			}
		}
	case CombineMax:
		return func(to, from []T) {
			for i, v := range from {
				to[i] = max(to[i], v)
			}
		}
	}
	return nil
}
