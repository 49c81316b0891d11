package kernel

import "github.com/ihae/ihae/tensor"

// Iota counts along the middle axis of a space of [Outer Axis Inner] elements. It
// is nil for bools and 16-bit floats.
//
// No operands; result [Outer Axis Inner].
func Iota(outer, axis, inner int, d tensor.DType) *Code {
	switch d {
	case tensor.Float32:
		return counted[float32](outer, axis, inner)
	case tensor.Float64:
		return counted[float64](outer, axis, inner)
	case tensor.Int8, tensor.Uint8:
		return counted[uint8](outer, axis, inner)
	case tensor.Int16, tensor.Uint16:
		return counted[uint16](outer, axis, inner)
	case tensor.Int32, tensor.Uint32:
		return counted[uint32](outer, axis, inner)
	case tensor.Int64, tensor.Uint64:
		return counted[uint64](outer, axis, inner)
	}
	return nil
}

func counted[T number](outer, axis, inner int) *Code {
	rows := outer * axis
	if rows*inner == 0 {
		return &Code{}
	}
	per := max(1, 16384/inner)
	return &Code{Phases: []Phase{{
		Pieces: ceilDiv(rows, per),
		Work:   rows * inner,
		Run: func(a *Args, piece int, _ Memory) {
			y := see[T](a.Out[0])
			for r := piece * per; r < min(rows, (piece+1)*per); r++ {
				v := T(r % axis)
				for j := range y[r*inner:][:inner] {
					y[r*inner+j] = v
				}
			}
		},
	}}}
}
