package kernel

import (
	"math"

	"github.com/ihae/ihae/tensor"
)

// toWhole cuts floats towards zero into whole numbers of to, and keeps them within
// its range; NaN becomes 0. It is nil for other pairs.
func toWhole(from, to tensor.DType) func(dst, src Memory) {
	switch from {
	case tensor.Float32:
		return cutTo[float32](to)
	case tensor.Float64:
		return cutTo[float64](to)
	}
	return nil
}

func cutTo[F float32 | float64](to tensor.DType) func(dst, src Memory) {
	switch to {
	case tensor.Uint8:
		return cut[uint8, F](0, math.MaxUint8)
	case tensor.Int8:
		return cut[int8, F](math.MinInt8, math.MaxInt8)
	case tensor.Uint16:
		return cut[uint16, F](0, math.MaxUint16)
	case tensor.Int16:
		return cut[int16, F](math.MinInt16, math.MaxInt16)
	case tensor.Int32:
		return cut[int32, F](math.MinInt32, math.MaxInt32)
	case tensor.Int64:
		return cut[int64, F](math.MinInt64, math.MaxInt64)
	}
	return nil
}

// cut is the conversion to T, whose range is from low to high.
func cut[T int8 | int16 | int32 | int64 | uint8 | uint16, F float32 | float64](low, high T) func(dst, src Memory) {
	top := F(high/2+1) * 2 // a power of two, one above high
	return func(dst, src Memory) {
		d := see[T](dst)
		for i, v := range see[F](src) {
			switch {
			case v >= top:
				d[i] = high
			case v > F(low):
				d[i] = T(v)
			case v <= F(low):
				d[i] = low
			default:
				d[i] = 0
			}
		}
	}
}
