package kernel

import (
	"math"

	"github.com/ihae/ihae/tensor"
)

// CumSpec goes along the middle axis of a space of [Outer Axis Inner] elements,
// from the last place to the first with Reverse.
type CumSpec struct {
	Outer, Axis, Inner int
	Reverse            bool
}

// lanes is how many neighbours along the inner axis go together.
const lanes = 256

// code cuts the space into pieces: walk goes along the axis for width lanes that
// lie one behind the other, the first element of the first at offset, by step from
// one place to the next.
func (s CumSpec) code(work int, walk func(a *Args, offset, step, width int, local Memory)) *Code {
	n := s.Outer * s.Axis * s.Inner
	if n == 0 {
		return &Code{}
	}
	width := min(s.Inner, lanes)
	chunks := ceilDiv(s.Inner, width)
	per := max(1, 16384/(s.Axis*width))
	return &Code{
		Local: 8 * lanes,
		Phases: []Phase{{
			Pieces: ceilDiv(s.Outer*chunks, per),
			Work:   n * work,
			Run: func(a *Args, piece int, local Memory) {
				for r := piece * per; r < min(s.Outer*chunks, (piece+1)*per); r++ {
					first := r % chunks * width
					offset, step := r/chunks*s.Axis*s.Inner+first, s.Inner
					if s.Reverse {
						offset, step = offset+(s.Axis-1)*s.Inner, -step
					}
					walk(a, offset, step, min(width, s.Inner-first), local)
				}
			},
		}},
	}
}

// CumSum is the sums of x up to each place; those of floats are kept in float64.
// It is nil for element types of 16-bit floats.
//
// Operands: x [Outer Axis Inner]; result of the same type, which may lie in x.
func CumSum(s CumSpec, d tensor.DType) *Code {
	switch d {
	case tensor.Float32:
		return cumulated(s, sums[float32, float64])
	case tensor.Float64:
		return cumulated(s, sums[float64, float64])
	case tensor.Int8, tensor.Uint8:
		return cumulated(s, sums[uint8, uint8])
	case tensor.Int16, tensor.Uint16:
		return cumulated(s, sums[uint16, uint16])
	case tensor.Int32, tensor.Uint32:
		return cumulated(s, sums[uint32, uint32])
	case tensor.Int64, tensor.Uint64:
		return cumulated(s, sums[uint64, uint64])
	}
	return nil
}

// CumProd is the products of x up to each place; those of floats are kept in
// float64. It is nil for element types of 16-bit floats.
//
// Operands: x [Outer Axis Inner]; result of the same type, which may lie in x.
func CumProd(s CumSpec, d tensor.DType) *Code {
	switch d {
	case tensor.Float32:
		return cumulated(s, products[float32, float64])
	case tensor.Float64:
		return cumulated(s, products[float64, float64])
	case tensor.Int8, tensor.Uint8:
		return cumulated(s, products[uint8, uint8])
	case tensor.Int16, tensor.Uint16:
		return cumulated(s, products[uint16, uint16])
	case tensor.Int32, tensor.Uint32:
		return cumulated(s, products[uint32, uint32])
	case tensor.Int64, tensor.Uint64:
		return cumulated(s, products[uint64, uint64])
	}
	return nil
}

// cumulated is a Code of one operand whose state is one number for each lane.
func cumulated[T, A number](s CumSpec, walk func(y, x []T, state []A, n, step int)) *Code {
	return s.code(1, func(a *Args, offset, step, width int, local Memory) {
		walk(see[T](a.Out[0])[base0(offset, step, s.Axis):], see[T](a.In[0])[base0(offset, step, s.Axis):], see[A](local)[:width], s.Axis, step)
	})
}

// base0 is the lowest offset of a walk of n places from offset on.
func base0(offset, step, n int) int { return min(offset, offset+(n-1)*step) }

// start is where a walk of n places begins in memory that begins at the lowest.
func start(step, n int) int { return max(0, -(n-1)*step) }

func sums[T, A number](y, x []T, state []A, n, step int) {
	at := start(step, n)
	if len(state) == 1 {
		sum := A(0)
		for range n {
			sum += A(x[at])
			y[at] = T(sum)
			at += step
		}
		return
	}
	clear(state)
	for range n {
		from, to := x[at:][:len(state)], y[at:][:len(state)]
		for j, v := range from {
			state[j] += A(v)
			to[j] = T(state[j])
		}
		at += step
	}
}

func products[T, A number](y, x []T, state []A, n, step int) {
	at := start(step, n)
	for j := range state {
		state[j] = 1
	}
	for range n {
		from, to := x[at:][:len(state)], y[at:][:len(state)]
		for j, v := range from {
			state[j] *= A(v)
			to[j] = T(state[j])
		}
		at += step
	}
}

// Recurrence is s = b + a·(the s before), kept in float64, where s before the
// first is 0. It is nil for types other than Float32 and Float64.
//
// Operands: a, b [Outer Axis Inner]; result of the same type, which may lie in one
// of them.
func Recurrence(s CumSpec, d tensor.DType) *Code {
	switch d {
	case tensor.Float32:
		return s.code(2, func(a *Args, offset, step, width int, local Memory) {
			recur[float32](a, offset, step, s.Axis, see[float64](local)[:width])
		})
	case tensor.Float64:
		return s.code(2, func(a *Args, offset, step, width int, local Memory) {
			recur[float64](a, offset, step, s.Axis, see[float64](local)[:width])
		})
	}
	return nil
}

func recur[T float32 | float64](args *Args, at, step, n int, state []float64) {
	a, b, s := see[T](args.In[0]), see[T](args.In[1]), see[T](args.Out[0])
	for i := range n {
		by, from, to := a[at:][:len(state)], b[at:][:len(state)], s[at:][:len(state)]
		for j, v := range from {
			if i == 0 {
				state[j] = float64(v)
			} else {
				state[j] = float64(v) + float64(by[j])*state[j]
			}
			to[j] = T(state[j])
		}
		at += step
	}
}

// CumLogSumExp is log Σ exp(x) up to each place, kept in float64. It is nil for
// types other than Float32 and Float64.
//
// Operands: x [Outer Axis Inner]; result of the same type, which may lie in x.
func CumLogSumExp(s CumSpec, d tensor.DType) *Code {
	switch d {
	case tensor.Float32:
		return s.code(30, func(a *Args, offset, step, width int, local Memory) {
			logSums[float32](a, offset, step, s.Axis, see[float64](local)[:width])
		})
	case tensor.Float64:
		return s.code(30, func(a *Args, offset, step, width int, local Memory) {
			logSums[float64](a, offset, step, s.Axis, see[float64](local)[:width])
		})
	}
	return nil
}

func logSums[T float32 | float64](a *Args, at, step, n int, state []float64) {
	x, y := see[T](a.In[0]), see[T](a.Out[0])
	for j := range state {
		state[j] = math.Inf(-1)
	}
	for range n {
		from, to := x[at:][:len(state)], y[at:][:len(state)]
		for j, v := range from {
			high, low := max(state[j], float64(v)), min(state[j], float64(v))
			if !math.IsInf(high, 0) {
				high += math.Log1p(math.Exp(low - high))
			}
			state[j] = high
			to[j] = T(high)
		}
		at += step
	}
}
