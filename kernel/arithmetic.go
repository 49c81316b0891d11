package kernel

import "github.com/ihae/ihae/tensor"

// Arith is an operation on two numbers of one type.
type Arith uint8

// The operations. The last three are for integers.
const (
	ArithAdd Arith = iota
	ArithSub
	ArithMul
	ArithMax // NaN if either is NaN
	ArithMin // NaN if either is NaN
	ArithDiv // of floats
	ArithAnd
	ArithOr
	ArithXor
)

// pairwise is a Code that computes n elements of size bytes in pieces.
func pairwise(n, size int, run func(a *Args, lo, hi int)) *Code {
	each := (64 << 10) / size
	return &Code{Phases: []Phase{{
		Pieces: ceilDiv(n, each),
		Work:   n * size / 8,
		Run:    func(a *Args, piece int, _ Memory) { run(a, piece*each, min(n, (piece+1)*each)) },
	}}}
}

// Arithmetic computes on all types that the elementwise machine does not: float64
// and integers, which wrap around. It is nil for others.
//
// Operands: a [n], b [n]; result [n], which may lie in one of them.
func Arithmetic(o Arith, d tensor.DType, n int) *Code {
	switch d {
	case tensor.Float64:
		if o == ArithDiv {
			return pairwise(n, 8, func(a *Args, lo, hi int) {
				x, y, z := see[float64](a.In[0])[lo:hi], see[float64](a.In[1])[lo:hi], see[float64](a.Out[0])[lo:hi]
				for i, v := range x {
					z[i] = v / y[i]
				}
			})
		}
		return arithmetic[float64](o, 8, n)
	case tensor.Int8:
		return integers[int8](o, 1, n)
	case tensor.Int16:
		return integers[int16](o, 2, n)
	case tensor.Int32:
		return integers[int32](o, 4, n)
	case tensor.Int64:
		return integers[int64](o, 8, n)
	case tensor.Uint8:
		return integers[uint8](o, 1, n)
	case tensor.Uint16:
		return integers[uint16](o, 2, n)
	case tensor.Uint32:
		return integers[uint32](o, 4, n)
	case tensor.Uint64:
		return integers[uint64](o, 8, n)
	}
	return nil
}

func arithmetic[T number](o Arith, size, n int) *Code {
	var run func(z, x, y []T)
	switch o {
	case ArithAdd:
		run = func(z, x, y []T) {
			for i, v := range x {
				z[i] = v + y[i]
			}
		}
	case ArithSub:
		run = func(z, x, y []T) {
			for i, v := range x {
				z[i] = v - y[i]
			}
		}
	case ArithMul:
		run = func(z, x, y []T) {
			for i, v := range x {
				z[i] = v * y[i]
			}
		}
	case ArithMax:
		run = func(z, x, y []T) {
			for i, v := range x {
				z[i] = max(v, y[i])
			}
		}
	case ArithMin:
		run = func(z, x, y []T) {
			for i, v := range x {
				z[i] = min(v, y[i])
			}
		}
	default:
		return nil
	}
	return pairwise(n, size, func(a *Args, lo, hi int) {
		x := see[T](a.In[0])[lo:hi]
		run(see[T](a.Out[0])[lo:hi][:len(x)], x, see[T](a.In[1])[lo:hi][:len(x)])
	})
}

// integer is the Go types of integers.
type integer interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

func integers[T integer](o Arith, size, n int) *Code {
	var f func(x, y T) T
	switch o {
	case ArithAnd:
		f = func(x, y T) T { return x & y }
	case ArithOr:
		f = func(x, y T) T { return x | y }
	case ArithXor:
		f = func(x, y T) T { return x ^ y }
	default:
		return arithmetic[T](o, size, n)
	}
	return pairwise(n, size, func(a *Args, lo, hi int) {
		x, y, z := see[T](a.In[0])[lo:hi], see[T](a.In[1])[lo:hi], see[T](a.Out[0])[lo:hi]
		for i, v := range x {
			z[i] = f(v, y[i])
		}
	})
}

// Choose is a where the byte of the condition is not 0 and b elsewhere, for
// elements of 1, 2, 4 or 8 bytes.
//
// Operands: condition bytes [n], a [n], b [n]; result [n], which may lie in a or b.
func Choose(size, n int) *Code {
	switch size {
	case 1:
		return pairwise(n, size, choose[uint8])
	case 2:
		return pairwise(n, size, choose[uint16])
	case 4:
		return pairwise(n, size, choose[uint32])
	case 8:
		return pairwise(n, size, choose[uint64])
	}
	return nil
}

func choose[T any](args *Args, lo, hi int) {
	a, b, z := see[T](args.In[1])[lo:hi], see[T](args.In[2])[lo:hi], see[T](args.Out[0])[lo:hi]
	for i, c := range args.In[0][lo:hi] {
		v := b[i]
		if c != 0 {
			v = a[i]
		}
		z[i] = v
	}
}
