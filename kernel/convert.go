package kernel

import (
	"math"

	"github.com/ihae/ihae/tensor"
)

// Convert converts n elements, floats rounded to nearest even, or on the way to
// integers cut and kept within their range. It is nil for pairs that are rare.
//
// Operands: x [n]; result [n].
func Convert(from, to tensor.DType, n int) *Code {
	move := Converter(from, to)
	if move == nil {
		return nil
	}
	const each = 1 << 15
	return &Code{Phases: []Phase{{
		Pieces: ceilDiv(n, each),
		Work:   n / 2,
		Run: func(a *Args, piece int, _ Memory) {
			lo, hi := piece*each, min(n, (piece+1)*each)
			move(a.Out[0][lo*to.Size():hi*to.Size()], a.In[0][lo*from.Size():hi*from.Size()])
		},
	}}}
}

// Converter converts all elements of src to those of dst, or is nil: see [Convert].
func Converter(from, to tensor.DType) func(dst, src Memory) {
	if cut := toWhole(from, to); cut != nil {
		return cut
	}
	switch to {
	case tensor.Float32:
		return toFloat32(from)
	case tensor.Float64:
		return toFloat64(from)
	case tensor.Float16:
		if from == tensor.Float32 {
			return toHalf
		}
	case tensor.BFloat16:
		if from == tensor.Float32 {
			return func(dst, src Memory) {
				d := see[uint16](dst)
				for i, v := range src.F32() {
					d[i] = tensor.BFloatFromFloat(v)
				}
			}
		}
	case tensor.Int64:
		return toInteger[int64](from)
	case tensor.Int32:
		return toInteger[int32](from)
	case tensor.Uint32:
		return toInteger[uint32](from)
	case tensor.Uint8:
		return toInteger[uint8](from)
	case tensor.Int8:
		return toInteger[int8](from)
	}
	return nil
}

func each[T, F number](dst, src Memory) {
	d := see[T](dst)
	for i, v := range see[F](src) {
		d[i] = T(v)
	}
}

func toFloat32(from tensor.DType) func(dst, src Memory) {
	if load := elementOf[from].load; load != 0 {
		widen := vecForms.Best().op[load]
		return func(dst, src Memory) { widen(base(dst), base(src), nil, nil, len(dst)/4) }
	}
	switch from {
	case tensor.Float64:
		return each[float32, float64]
	case tensor.Float16:
		return fromHalf
	case tensor.BFloat16:
		return func(dst, src Memory) {
			d := dst.U32()
			for i, v := range see[uint16](src) {
				d[i] = uint32(v) << 16
			}
		}
	case tensor.Int16:
		return each[float32, int16]
	case tensor.Uint16:
		return each[float32, uint16]
	}
	return nil // integers that float64 does not hold would be rounded twice by its definition
}

func toFloat64(from tensor.DType) func(dst, src Memory) {
	switch from {
	case tensor.Float32:
		return each[float64, float32]
	case tensor.Uint8:
		return each[float64, uint8]
	case tensor.Int32:
		return each[float64, int32]
	case tensor.Int64:
		return each[float64, int64]
	}
	return nil
}

// toInteger wraps around, as Go's conversions do.
func toInteger[T number](from tensor.DType) func(dst, src Memory) {
	switch from {
	case tensor.Uint8, tensor.Bool:
		return each[T, uint8]
	case tensor.Int8:
		return each[T, int8]
	case tensor.Int16:
		return each[T, int16]
	case tensor.Uint16:
		return each[T, uint16]
	case tensor.Int32:
		return each[T, int32]
	case tensor.Uint32:
		return each[T, uint32]
	case tensor.Int64, tensor.Uint64:
		return each[T, int64]
	}
	return nil
}

// fromHalf widens binary16. The exponent of a number is corrected by a product,
// which is exact for subnormal numbers too; infinity and NaN keep theirs.
func fromHalf(dst, src Memory) {
	const bias = 1 << (127 - 15) // as a power of two
	d := dst.F32()
	for i, h := range see[uint16](src) {
		v := math.Float32frombits(uint32(h&0x7fff)<<13) * bias
		b := math.Float32bits(v)
		if h&0x7c00 == 0x7c00 {
			b |= 0xff << 23
		}
		d[i] = math.Float32frombits(b | uint32(h&0x8000)<<16)
	}
}

// toHalf rounds to binary16, ties to even.
func toHalf(dst, src Memory) {
	d := see[uint16](dst)
	for i, b := range src.U32() {
		sign, a := uint16(b>>16&0x8000), b&(1<<31-1)
		switch {
		case a > 0xff<<23: // NaN
			d[i] = sign | 0x7e00
		case a >= 0x477ff000: // 65520 and above
			d[i] = sign | 0x7c00
		case a < 0x38800000: // below 2^-14: a multiple of 2^-24
			d[i] = sign | uint16(math.Float32bits(math.Float32frombits(a)+0.5)-math.Float32bits(0.5))
		default:
			d[i] = sign | uint16((a+0xfff+a>>13&1-(127-15)<<23)>>13)
		}
	}
}
