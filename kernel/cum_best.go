package kernel

import "github.com/ihae/ihae/tensor"

// CumBest is the largest of x up to each place, or the smallest with least, and
// where along the axis it is: the latest of equal ones, and a NaN for ever. It is
// nil for element types of 16-bit floats.
//
// Operands: x [Outer Axis Inner]; results of the same type, and int32.
func CumBest(s CumSpec, d tensor.DType, least bool) *Code {
	switch d {
	case tensor.Float32:
		return bestOf[float32](s, least)
	case tensor.Float64:
		return bestOf[float64](s, least)
	case tensor.Int8:
		return bestOf[int8](s, least)
	case tensor.Int16:
		return bestOf[int16](s, least)
	case tensor.Int32:
		return bestOf[int32](s, least)
	case tensor.Int64:
		return bestOf[int64](s, least)
	case tensor.Uint8:
		return bestOf[uint8](s, least)
	case tensor.Uint16:
		return bestOf[uint16](s, least)
	case tensor.Uint32:
		return bestOf[uint32](s, least)
	case tensor.Uint64:
		return bestOf[uint64](s, least)
	}
	return nil
}

func bestOf[T number](s CumSpec, least bool) *Code {
	return s.code(2, func(a *Args, at, step, width int, _ Memory) {
		x, y, places := see[T](a.In[0]), see[T](a.Out[0]), a.Out[1].I32()
		if width == 1 {
			bestRow(y, x, places, at, step, s, least)
			return
		}
		for i := range s.Axis {
			place := int32(i)
			if s.Reverse {
				place = int32(s.Axis - 1 - i)
			}
			from, to, where := x[at:][:width], y[at:][:width], places[at:][:width]
			if i == 0 {
				copy(to, from)
				for j := range where {
					where[j] = place
				}
			} else {
				better(to, y[at-step:][:width], from, where, places[at-step:][:width], place, least)
			}
			at += step
		}
	})
}

// better makes of the best so far and of x what is best now, and where it is.
func better[T number](best, before, x []T, where, whereBefore []int32, place int32, least bool) {
	for j, v := range x {
		b := before[j]
		if v >= b && !least || v <= b && least || v != v {
			best[j], where[j] = v, place
		} else {
			best[j], where[j] = b, whereBefore[j]
		}
	}
}

// bestRow is one lane.
func bestRow[T number](y, x []T, places []int32, at, step int, s CumSpec, least bool) {
	best, where := x[at], int32(0)
	for i := range s.Axis {
		if v := x[at]; v >= best && !least || v <= best && least || v != v {
			best, where = v, int32(i)
			if s.Reverse {
				where = int32(s.Axis - 1 - i)
			}
		}
		y[at], places[at] = best, where
		at += step
	}
}
