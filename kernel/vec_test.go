package kernel

import (
	"flag"
	"math"
	"slices"
	"testing"
	"unsafe"
)

var long = flag.Bool("long", false, "run the long tests")

// vecNames are the instructions of the table that the tests go through.
var vecNames = map[string]vecOp{
	"copy": opCopy, "add": opAdd, "sub": opSub, "mul": opMul, "div": opDiv, "max": opMax, "min": opMin,
	"mulAdd": opMulAdd, "neg": opNeg, "abs": opAbs, "sqrt": opSqrt, "rsqrt": opRsqrt, "recip": opRecip,
	"floor": opFloor, "ceil": opCeil, "round": opRound, "cutUint8": opCutUint8, "cutInt8": opCutInt8, "fromInt32": opFromInt32, "sign": opSign, "relu": opReLU, "eq": opEq, "ne": opNe,
	"lt": opLt, "le": opLe, "not": opNot, "select": opSelect, "gate": opGate, "exp": opExp, "log": opLog, "log1p": opLog1p,
	"expm1": opExpm1, "tanh": opTanh, "logistic": opLogistic, "erf": opErf, "gelu": opGELU, "geluSlope": opGELUSlope, "sin": opSin, "cos": opCos, "fill": opFill,
}

var inf, nan = float32(math.Inf(1)), float32(math.NaN())

// odd are the values where functions go wrong.
var odd = []float32{0, float32(math.Copysign(0, -1)), 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-45, -1e-45, 1e-38, 1e-20, -1e-20,
	88.72, 88.73, 89, 1000, -87.5, -100, -103.9, -104.1, -1000, 8191, 9000, -1e6, 3e38, -3e38, inf, -inf, nan, 0.92, 0.93, 4, -4,
	16777215, 16777216, 2147483648, -0.9999999, -1.1, 1e-7, 0.70710677, 0.7071068, 3.1415927, 1.5707964}

// ulps is the distance of got from want in units of the last place of want.
func ulps(got float32, want float64) float64 {
	w := float32(want)
	switch {
	case math.IsNaN(want) && got != got, got == w:
		if math.IsInf(want, 0) || math.IsNaN(want) || math.IsInf(float64(w), 0) {
			return 0
		}
	case got != got || math.IsNaN(want) || math.IsInf(float64(got), 0) != math.IsInf(float64(w), 0):
		return math.Inf(1)
	}
	_, e := math.Frexp(want)
	return math.Abs(float64(got)-want) / math.Ldexp(1, max(e-24, -149))
}

// TestVecAtEveryLength holds each instruction of each form to the plain form at
// every length around the vectors, at odd addresses, between guards.
func TestVecAtEveryLength(t *testing.T) {
	for form, v := range vecForms.All() {
		for name, op := range vecNames {
			for n := 1; n < 70; n++ {
				for offset := range 3 {
					var arg [3][]float32
					for k := range arg {
						arg[k] = make([]float32, n+offset)[offset:]
						for i := range arg[k] {
							arg[k][i] = odd[(i*(k+1)+7*k+n)%len(odd)]
						}
					}
					got, want := make([]float32, n+offset+1)[offset:], make([]float32, n)
					got[n] = guard
					call := func(f vecFunc, d []float32) {
						f(unsafe.Pointer(&d[0]), unsafe.Pointer(&arg[0][0]), unsafe.Pointer(&arg[1][0]), unsafe.Pointer(&arg[2][0]), n)
					}
					call(v.op[op], got)
					call(vecPlain.op[op], want)
					for i, w := range want {
						small := (op == opGELU || op == opGELUSlope) && math.Abs(float64(got[i]-w)) <= 4e-7*max(1, math.Abs(float64(arg[0][i])))
						if !(ulps(got[i], float64(w)) <= 4) && !small {
							t.Fatalf("%s %s: n=%d: element %d of %v is %v, want %v", form, name, n, i, arg[0][i], got[i], w)
						}
					}
					if got[n] != guard {
						t.Fatalf("%s %s: n=%d: wrote past the end", form, name, n)
					}
				}
			}
		}
	}
}

// TestBytesAtEveryLength holds what each form makes of bytes, and bytes of floats, to
// what the types say, at every length around the vectors, between guards.
func TestBytesAtEveryLength(t *testing.T) {
	from := map[string]struct {
		op   vecOp
		want func(b byte) float32
	}{
		"bool":  {opFromBool, func(b byte) float32 { return mask(b != 0) }},
		"uint8": {opFromUint8, func(b byte) float32 { return float32(b) }},
		"int8":  {opFromInt8, func(b byte) float32 { return float32(int8(b)) }},
	}
	to := map[string]struct {
		op   vecOp
		x    func(i int) float32
		want func(x float32) byte
	}{
		"bool":  {opToBool, func(i int) float32 { return odd[i%len(odd)] }, func(x float32) byte { return byte(mask(x != 0)) }},
		"uint8": {opToByte, func(i int) float32 { return float32(i * 37 % 256) }, func(x float32) byte { return byte(x) }},
		"int8":  {opToByte, func(i int) float32 { return float32(i*37%256 - 128) }, func(x float32) byte { return byte(int8(x)) }},
	}
	for form, v := range vecForms.All() {
		for n := 1; n < 300; n++ {
			offset := n % 3
			some, floats := make([]byte, n+offset)[offset:], make([]float32, n)
			for i := range some {
				some[i] = byte(i*7 + n)
			}
			for name, c := range from {
				got := make([]float32, n+1)
				got[n] = guard
				v.op[c.op](unsafe.Pointer(&got[0]), unsafe.Pointer(&some[0]), nil, nil, n)
				for i, b := range some {
					if got[i] != c.want(b) || got[n] != guard {
						t.Fatalf("%s: %s %d of %d is %v, with %v behind the last", form, name, b, n, got[i], got[n])
					}
				}
			}
			for name, c := range to {
				got := make([]byte, n+offset+1)[offset:]
				got[n] = 0xa5
				for i := range floats {
					floats[i] = c.x(i + n)
				}
				v.op[c.op](unsafe.Pointer(&got[0]), unsafe.Pointer(&floats[0]), nil, nil, n)
				for i, x := range floats {
					if got[i] != c.want(x) || got[n] != 0xa5 {
						t.Fatalf("%s: %v of %d as %s is %d, with %x behind the last", form, x, n, name, got[i], got[n])
					}
				}
			}
		}
	}
}

// TestVecReadsNoFurther lets operands end at a page that may not be touched.
func TestVecReadsNoFurther(t *testing.T) {
	for _, v := range vecForms.All() {
		for _, n := range []int{1, 7, 17, 31} {
			m := [4]Memory{fenced(t, n), fenced(t, n), fenced(t, n), fenced(t, n)}
			for _, op := range vecNames {
				v.op[op](base(m[0]), base(m[1]), base(m[2]), base(m[3]), n)
			}
			for _, op := range []vecOp{opFromBool, opFromUint8, opFromInt8} {
				v.op[op](base(m[0]), base(fenced(t, (n+3)/4)[(n+3)/4*4-n:]), nil, nil, n)
			}
			for _, op := range []vecOp{opToBool, opToByte} {
				v.op[op](base(fenced(t, (n+3)/4)[(n+3)/4*4-n:]), base(m[1]), nil, nil, n)
			}
			for _, f := range v.reduce {
				if got := f(base(m[1]), n); got != 0 {
					t.Errorf("folding %d zeros gives %v", n, got)
				}
			}
		}
	}
}

func TestFoldsAtEveryLength(t *testing.T) {
	for form, v := range vecForms.All() {
		for n := 1; n < 300; n++ {
			x := make([]float32, n)
			for i := range x {
				x[i] = float32((i*37+n)%64) - 70
			}
			for op, f := range v.reduce {
				if ReduceOp(op) == ReduceProd && n > 10 {
					continue
				}
				p := unsafe.Pointer(&x[0])
				if got, want := f(p, n), vecPlain.reduce[op](p, n); got != want {
					t.Fatalf("%s: fold %d of %d elements is %v, want %v", form, op, n, got, want)
				}
				kept := x[n/2]
				x[n/2] = nan
				if got := f(p, n); got == got {
					t.Fatalf("%s: fold %d of %d elements with NaN is %v", form, op, n, got)
				}
				x[n/2] = kept
			}
		}
	}
}

// errors64 is the table in the comment of vecTable: the largest error of each
// function in units of the last place, and the range it is measured on.
var errors64 = []struct {
	name      string
	op        vecOp
	f         func(float64) float64
	limit     float64
	low, high float32
}{
	{"exp", opExp, math.Exp, 1.0, -104, 89},
	{"log", opLog, math.Log, 0.9, 0, 3e38},
	{"log1p", opLog1p, math.Log1p, 1.6, -1, 3e38},
	{"expm1", opExpm1, math.Expm1, 1.6, -104, 89},
	{"tanh", opTanh, math.Tanh, 2.7, -20, 20},
	{"logistic", opLogistic, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 2.5, -104, 104},
	{"erf", opErf, math.Erf, 1.1, -5, 5},
	{"sin", opSin, math.Sin, 1.7, -8192, 8192},
	{"cos", opCos, math.Cos, 1.7, -8192, 8192},
	{"rsqrt", opRsqrt, func(x float64) float64 { return 1 / math.Sqrt(x) }, 1.6, 0, 3e38},
}

// TestVecErrors sweeps the float32 numbers in each function's range, with
// -long every 41st of them.
func TestVecErrors(t *testing.T) {
	step := uint32(4999)
	switch {
	case *long:
		step = 41
	case testing.Short():
		step = 99991
	}
	for form, v := range vecForms.All() {
		for _, c := range errors64 {
			var x, y [1024]float32
			n, worst, where := 0, 0.0, float32(0)
			check := func() {
				v.op[c.op](unsafe.Pointer(&y), unsafe.Pointer(&x), nil, nil, n)
				for i := range n {
					if u := ulps(y[i], c.f(float64(x[i]))); u > worst {
						worst, where = u, x[i]
					}
				}
				n = 0
			}
			for b := uint64(0); b < 1<<32; b += uint64(step) {
				if f := math.Float32frombits(uint32(b)); f >= c.low && f <= c.high {
					x[n] = f
					if n++; n == len(x) {
						check()
					}
				}
			}
			check()
			t.Logf("%s %s: %.3f ulp at %v", form, c.name, worst, where)
			if worst > c.limit {
				t.Errorf("%s %s: %.3f ulp at %v, want at most %v", form, c.name, worst, where, c.limit)
			}
		}
	}
}

// TestTurnsNearZeros takes the numbers next to each multiple of π/2, where sine or
// cosine is small and an inexact reduction shows.
func TestTurnsNearZeros(t *testing.T) {
	for form, v := range vecForms.All() {
		for k := 1.0; k < 8192/(math.Pi/2); k++ {
			x := float32(k * math.Pi / 2)
			for range 2 {
				var s, c float32
				v.op[opSin](unsafe.Pointer(&s), unsafe.Pointer(&x), nil, nil, 1)
				v.op[opCos](unsafe.Pointer(&c), unsafe.Pointer(&x), nil, nil, 1)
				if a, b := ulps(s, math.Sin(float64(x))), ulps(c, math.Cos(float64(x))); a > 1.7 || b > 1.7 {
					t.Fatalf("%s: at %v sin is off by %.2f and cos by %.2f ulp", form, x, a, b)
				}
				x = math.Nextafter32(x, 0)
			}
		}
	}
}

// TestVecSpecial is what the functions give at the ends of the number line.
func TestVecSpecial(t *testing.T) {
	for form, v := range vecForms.All() {
		for _, c := range []struct {
			op      vecOp
			x, want []float32
		}{
			{opExp, []float32{-inf, inf, nan, 89, -104, 0}, []float32{0, inf, nan, inf, 0, 1}},
			{opLog, []float32{0, -1, inf, nan, 1, -inf}, []float32{-inf, nan, inf, nan, 0, nan}},
			{opLog1p, []float32{-1, -2, inf, nan, 0, 1e-30}, []float32{-inf, nan, inf, nan, 0, 1e-30}},
			{opExpm1, []float32{-inf, inf, nan, 0, 1e-30}, []float32{-1, inf, nan, 0, 1e-30}},
			{opTanh, []float32{-inf, inf, nan, 0, 1e-30, -50}, []float32{-1, 1, nan, 0, 1e-30, -1}},
			{opLogistic, []float32{-inf, inf, nan, 0}, []float32{0, 1, nan, .5}},
			{opErf, []float32{-inf, inf, nan, 0, -9}, []float32{-1, 1, nan, 0, -1}},
			{opSin, []float32{inf, nan, 0}, []float32{nan, nan, 0}},
			{opCos, []float32{-inf, nan, 0}, []float32{nan, nan, 1}},
			{opReLU, []float32{nan, -inf, inf, -1}, []float32{nan, 0, inf, 0}},
		} {
			got := make([]float32, len(c.x))
			v.op[c.op](unsafe.Pointer(&got[0]), unsafe.Pointer(&c.x[0]), nil, nil, len(c.x))
			if !slices.EqualFunc(got, c.want, func(a, b float32) bool { return a == b || a != a && b != b }) {
				t.Errorf("%s: instruction %d of %v is %v, want %v", form, c.op, c.x, got, c.want)
			}
		}
	}
}

// TestGELUErrors bounds the errors of every form by those of x·Φ(x) in float32,
// and asks for x and almost 0 where the rest is below it.
func TestGELUErrors(t *testing.T) {
	gelu := func(x float64) float64 { return x / 2 * math.Erfc(-x/math.Sqrt2) }
	slope := func(x float64) float64 {
		return math.Erfc(-x/math.Sqrt2)/2 + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
	}
	for form, v := range vecForms.All() {
		var x, y, d [1000]float32
		worst := [2]float64{}
		for at := -12.0; at < 12; at += float64(len(x)) * 1e-4 {
			for i := range x {
				x[i] = float32(at + float64(i)*1e-4)
			}
			v.op[opGELU](unsafe.Pointer(&y), unsafe.Pointer(&x), nil, nil, len(x))
			v.op[opGELUSlope](unsafe.Pointer(&d), unsafe.Pointer(&x), nil, nil, len(x))
			for i, a := range x {
				worst[0] = max(worst[0], math.Abs(float64(y[i])-gelu(float64(a)))/max(1, math.Abs(float64(a))))
				worst[1] = max(worst[1], math.Abs(float64(d[i])-slope(float64(a))))
				if a > 6 && y[i] != a || a < -6 && !(math.Abs(float64(y[i])) < 1e-8) {
					t.Fatalf("%s: gelu(%v) = %v", form, a, y[i])
				}
			}
		}
		if worst[0] > 3e-7 || worst[1] > 4e-7 {
			t.Errorf("%s: errors %.2g", form, worst)
		}
	}
}
