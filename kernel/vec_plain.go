package kernel

import (
	"math"
	"unsafe"
)

// vecPlain is the definition of the instructions. The transcendental ones round
// the float64 result of package math.
var vecPlain = vecTable{
	op: [numVecOps]vecFunc{
		opFill:      fillPlain,
		opCopy:      copyPlain,
		opFromBool:  fromBoolPlain,
		opFromUint8: fromPlain[uint8],
		opFromInt8:  fromPlain[int8],
		opFromInt32: fromPlain[int32],
		opToBool:    toBoolPlain,
		opToByte:    toBytePlain,
		opCutUint8:  unary(func(a float32) float32 { return cutWithin(a, 0, math.MaxUint8) }),
		opCutInt8:   unary(func(a float32) float32 { return cutWithin(a, math.MinInt8, math.MaxInt8) }),
		opAdd:       addPlain,
		opSub:       binary(func(a, b float32) float32 { return a - b }),
		opMul:       mulPlain,
		opDiv:       binary(func(a, b float32) float32 { return a / b }),
		opMax:       binary(func(a, b float32) float32 { return max(a, b) }),
		opMin:       binary(func(a, b float32) float32 { return min(a, b) }),
		opMulAdd:    mulAddPlain,
		opNeg:       unary(func(a float32) float32 { return -a }),
		opAbs:       rounded(math.Abs),
		opSqrt:      rounded(math.Sqrt),
		opRsqrt:     rounded(func(a float64) float64 { return 1 / math.Sqrt(a) }),
		opRecip:     unary(func(a float32) float32 { return 1 / a }),
		opFloor:     rounded(math.Floor),
		opCeil:      rounded(math.Ceil),
		opRound:     rounded(math.RoundToEven),
		opSign:      unary(sign),
		opReLU:      reluPlain,
		opEq:        binary(func(a, b float32) float32 { return mask(a == b) }),
		opNe:        binary(func(a, b float32) float32 { return mask(a != b) }),
		opLt:        binary(func(a, b float32) float32 { return mask(a < b) }),
		opLe:        binary(func(a, b float32) float32 { return mask(a <= b) }),
		opNot:       unary(func(a float32) float32 { return 1 - a }),
		opSelect:    selectPlain,
		opGate:      gatePlain,
		opExp:       rounded(math.Exp),
		opLog:       rounded(math.Log),
		opLog1p:     rounded(math.Log1p),
		opExpm1:     rounded(math.Expm1),
		opTanh:      rounded(math.Tanh),
		opLogistic:  rounded(func(a float64) float64 { return 1 / (1 + math.Exp(-a)) }),
		opErf:       rounded(math.Erf),
		opGELUSlope: rounded(func(a float64) float64 {
			return (1+math.Erf(a/math.Sqrt2))/2 + a*math.Exp(-a*a/2)/math.Sqrt(2*math.Pi)
		}),
		opGELU: rounded(func(a float64) float64 { return a / 2 * (1 + math.Erf(a/math.Sqrt2)) }),
		opSin:  rounded(math.Sin),
		opCos:  rounded(math.Cos),
		opPow: binary(func(a, b float32) float32 {
			return float32(math.Pow(float64(a), float64(b)))
		}),
	},
	reduce: [numReduceOps]reduceFunc{
		ReduceSum:  foldSumPlain,
		ReduceMax:  foldPlain(func(a, b float32) float32 { return max(a, b) }),
		ReduceMin:  foldPlain(func(a, b float32) float32 { return min(a, b) }),
		ReduceProd: foldPlain(func(a, b float32) float32 { return a * b }),
	},
}

func mask(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

func sign(a float32) float32 {
	switch {
	case a > 0:
		return 1
	case a < 0:
		return -1
	}
	return a
}

func unary(f func(a float32) float32) vecFunc {
	return func(dst, a, _, _ unsafe.Pointer, n int) {
		d := f32(dst, n)
		for i, x := range f32(a, n) {
			d[i] = f(x)
		}
	}
}

func rounded(f func(a float64) float64) vecFunc {
	return unary(func(a float32) float32 { return float32(f(float64(a))) })
}

func binary(f func(a, b float32) float32) vecFunc {
	return func(dst, a, b, _ unsafe.Pointer, n int) {
		d, y := f32(dst, n), f32(b, n)
		for i, x := range f32(a, n) {
			d[i] = f(x, y[i])
		}
	}
}

func fillPlain(dst, a, _, _ unsafe.Pointer, n int) {
	d, v := f32(dst, n), *(*float32)(a)
	for i := range d {
		d[i] = v
	}
}

func copyPlain(dst, a, _, _ unsafe.Pointer, n int) { copy(f32(dst, n), f32(a, n)) }

func fromBoolPlain(dst, a, _, _ unsafe.Pointer, n int) {
	d := f32(dst, n)
	for i, x := range unsafe.Slice((*byte)(a), n) {
		d[i] = mask(x != 0)
	}
}

func fromPlain[T uint8 | int8 | int32](dst, a, _, _ unsafe.Pointer, n int) {
	d := f32(dst, n)
	for i, x := range unsafe.Slice((*T)(a), n) {
		d[i] = float32(x)
	}
}

func toBytePlain(dst, a, _, _ unsafe.Pointer, n int) {
	d := unsafe.Slice((*byte)(dst), n)
	for i, x := range f32(a, n) {
		d[i] = byte(int32(x))
	}
}

func cutWithin(a, low, high float32) float32 {
	switch {
	case a >= high:
		return high
	case a <= low:
		return low
	case a != a:
		return 0
	}
	return float32(int32(a))
}

func toBoolPlain(dst, a, _, _ unsafe.Pointer, n int) {
	d := unsafe.Slice((*byte)(dst), n)
	for i, x := range f32(a, n) {
		d[i] = 0
		if x != 0 {
			d[i] = 1
		}
	}
}

func addPlain(dst, a, b, _ unsafe.Pointer, n int) {
	d, y := f32(dst, n), f32(b, n)
	for i, x := range f32(a, n) {
		d[i] = x + y[i]
	}
}

func mulPlain(dst, a, b, _ unsafe.Pointer, n int) {
	d, y := f32(dst, n), f32(b, n)
	for i, x := range f32(a, n) {
		d[i] = x * y[i]
	}
}

// mulAddPlain rounds the exact product and the sum in float64, then to float32.
func mulAddPlain(dst, a, b, c unsafe.Pointer, n int) {
	d, y, z := f32(dst, n), f32(b, n), f32(c, n)
	for i, x := range f32(a, n) {
		d[i] = float32(float64(x)*float64(y[i]) + float64(z[i]))
	}
}

func reluPlain(dst, a, _, _ unsafe.Pointer, n int) {
	d := f32(dst, n)
	for i, x := range f32(a, n) {
		if x < 0 {
			x = 0
		}
		d[i] = x
	}
}

func selectPlain(dst, a, b, c unsafe.Pointer, n int) {
	d, y, z := f32(dst, n), f32(b, n), f32(c, n)
	for i, m := range f32(a, n) {
		if m != 0 {
			d[i] = y[i]
		} else {
			d[i] = z[i]
		}
	}
}

func gatePlain(dst, a, b, _ unsafe.Pointer, n int) {
	d, y := f32(dst, n), f32(b, n)
	for i, x := range f32(a, n) {
		if x > 0 {
			d[i] = y[i]
		} else {
			d[i] = 0
		}
	}
}

func foldSumPlain(x unsafe.Pointer, n int) float32 {
	var s float64
	for _, v := range f32(x, n) {
		s += float64(v)
	}
	return float32(s)
}

func foldPlain(f func(a, b float32) float32) reduceFunc {
	return func(x unsafe.Pointer, n int) float32 {
		v := f32(x, n)
		r := v[0]
		for _, y := range v[1:] {
			r = f(r, y)
		}
		return r
	}
}
