package main

import "math"

// The transcendental functions. Coefficients of exp and log are those of the
// Cephes library (Moshier), sin and cos too; every function is measured against
// float64 by the tests of package kernel.

var mathKernels = []blockKernel{
	{"Exp", 1, (*vec).exp},
	{"Expm1", 1, (*vec).expm1},
	{"Log", 1, (*vec).log},
	{"Log1p", 1, (*vec).log1p},
	{"Tanh", 1, (*vec).tanh},
	{"Logistic", 1, (*vec).logistic},
	{"Erf", 1, (*vec).erf},
	{"GELU", 1, (*vec).gelu},
	{"GELUSlope", 1, (*vec).geluSlope},
	{"Sin", 1, func(v *vec) { v.sinCos(0) }},
	{"Cos", 1, func(v *vec) { v.sinCos(1) }},
}

// magic is 1.5·2²³: adding it rounds to a whole number and leaves that number in
// the lowest bits.
const (
	magic     = 12582912
	magicBits = 0x4b400000
	oneBits   = 0x3f800000
)

// expReduce writes t(0) as n·log 2 + r: r in t(0), n in t(2), n + magic in t(1).
// t(0) is first limited to [low, high]; NaN stays.
func (v *vec) expReduce(low, high float64) {
	x, k, n := v.t(0), v.t(1), v.t(2)
	v.do("VMINPS %s, %s, %s", x, v.register(v.c(high), n), x)
	v.do("VMAXPS %s, %s, %s", x, v.register(v.c(low), n), x)
	v.mov(k, v.c(magic))
	v.fmaTo(k, x, v.c(math.Log2E))
	v.sub(n, k, v.c(magic))
	v.fnmaTo(x, n, v.c(0.693359375))
	v.fnmaTo(x, n, v.c(-2.12194440e-4))
}

var expTerms = []float64{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1}

// exp uses t(0) to t(3).
func (v *vec) exp() {
	v.expReduce(-104, 88.8)
	r, k, n, p := v.t(0), v.t(1), v.t(2), v.t(3)
	v.poly(p, r, append(append([]float64{}, expTerms...), 1, 1)...)
	if v.wide {
		v.do("VSCALEFPS %s, %s, %s", n, p, r)
		return
	}
	// 2ⁿ in two factors, each a normal number, so that the product rounds once.
	v.do("VPSUBD %s, %s, %s", v.bits(magicBits), k, k)
	v.do("VPSRAD $1, %s, %s", k, n)
	v.do("VPSUBD %s, %s, %s", n, k, k)
	for _, half := range []string{n, k} {
		v.do("VPSLLD $23, %s, %s", half, half)
		v.do("VPADDD %s, %s, %s", v.bits(oneBits), half, half)
		v.mul(p, p, half)
	}
	v.mov(r, p)
}

// expm1 uses t(0) to t(4): with s = 2ⁿ⁻¹, 2·(s·(eʳ-1) + (s - 1/2)).
func (v *vec) expm1() {
	v.expReduce(-25, 89)
	r, k, square, p, s := v.t(0), v.t(1), v.t(2), v.t(3), v.t(4)
	v.poly(p, r, expTerms...)
	v.mul(square, r, r)
	v.fma(p, square, r)
	v.do("VPSUBD %s, %s, %s", v.bits(magicBits-126), k, k)
	v.do("VPSLLD $23, %s, %s", k, s)
	v.sub(square, s, v.c(0.5))
	v.fma(p, s, square)
	v.add(r, p, p)
}

// tanh is -e/(e + 2) for e = exp(-2|x|) - 1, with the sign of x.
func (v *vec) tanh() {
	x, e := v.t(5), v.t(0)
	v.mov(x, v.t(0))
	v.or(e, e, v.sign())
	v.add(e, e, e)
	v.expm1()
	v.add(v.t(1), e, v.c(2))
	v.div(e, e, v.t(1))
	v.and(e, e, v.magnitude())
	v.and(x, x, v.sign())
	v.or(e, e, x)
}

// logistic is 1/(1+e) or e/(1+e) for e = exp(-|x|), so that small results keep
// their digits.
func (v *vec) logistic() {
	x, e := v.t(5), v.t(0)
	v.mov(x, v.t(0))
	v.or(e, e, v.sign())
	v.exp()
	v.mov(v.t(1), v.c(1))
	v.add(v.t(2), e, v.t(1))
	v.mov(v.t(3), v.c(0))
	v.cmp(lt, v.m(0), x, v.t(3))
	v.blend(v.t(1), v.m(0), e, v.t(1))
	v.div(e, v.t(1), v.t(2))
}

// log uses t(0) to t(5). x = m·2ᵉ with m from √½ to √2, f = m - 1.
func (v *vec) log() {
	f, e, extra, p, square, x := v.t(0), v.t(1), v.t(2), v.t(3), v.t(4), v.t(5)
	v.mov(x, f)
	v.mul(p, f, v.c(1<<23)) // denormal numbers
	v.mov(square, v.bits(0x00800000))
	v.cmp(lt, v.m(0), f, square)
	v.blend(f, v.m(0), p, f)
	v.mov(p, v.c(-23))
	v.keep(extra, v.m(0), p)
	v.do("VPSUBD %s, %s, %s", v.bits(0x3f3504f3), f, e)
	v.do("VPSRAD $23, %s, %s", e, e)
	v.do("VPSLLD $23, %s, %s", e, p)
	v.do("VPSUBD %s, %s, %s", p, f, f)
	v.do("VCVTDQ2PS %s, %s", e, e)
	v.add(e, e, extra)
	v.sub(f, f, v.c(1))
	v.poly(p, f, 7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
		-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)
	v.mul(square, f, f)
	v.mul(p, p, f)
	v.mul(p, p, square)
	v.fmaTo(p, e, v.c(-2.12194440e-4))
	v.fnmaTo(p, square, v.c(0.5))
	v.add(f, f, p)
	v.fmaTo(f, e, v.c(0.693359375))
	v.logCases(f, x)
}

// logCases corrects the logarithm f of x where x is not positive and finite.
func (v *vec) logCases(f, x string) {
	zero, special := v.t(1), v.t(2)
	v.mov(special, v.bits(0x7f800000))
	v.cmp(nlt, v.m(0), x, special)
	v.blend(f, v.m(0), x, f)
	v.mov(zero, v.c(0))
	v.cmp(lt, v.m(0), x, zero)
	v.mov(special, v.bits(0x7fc00000))
	v.blend(f, v.m(0), special, f)
	v.cmp(eq, v.m(0), x, zero)
	v.mov(special, v.bits(0xff800000))
	v.blend(f, v.m(0), special, f)
}

// log1p is log u + (x - (u-1))/u for u = 1 + x rounded.
func (v *vec) log1p() {
	x, u, lost := v.t(0), v.t(1), v.t(6)
	v.add(u, x, v.c(1))
	v.sub(lost, u, v.c(1))
	v.sub(lost, x, lost)
	v.div(lost, lost, u)
	v.cmp(ordered, v.m(0), lost, lost) // 0/0 at -1, ∞-∞
	v.keep(lost, v.m(0), lost)
	v.mov(v.t(0), u)
	v.log()
	v.add(v.t(0), v.t(0), lost)
}

// erf has a polynomial up to .93 and 1 - exp(polynomial) above, with
// coefficients found by Juffa.
func (v *vec) erf() {
	r, u, x, size, square := v.t(0), v.t(1), v.t(4), v.t(5), v.t(6)
	v.mov(x, r)
	v.and(size, x, v.magnitude())
	v.mul(square, x, x)
	v.poly(r, size, -1.72853470e-5, 3.83197126e-4)
	v.poly(u, size, -3.88396438e-3, 2.42546219e-2)
	v.fma(r, square, u)
	for _, c := range []float64{-1.06777877e-1, -6.34846687e-1, -1.28717512e-1} {
		v.fma(r, size, v.c(c))
	}
	v.do("VFMSUB213PS %s, %s, %s", size, size, r)
	v.exp()
	v.mov(u, v.c(1))
	v.sub(r, u, r)
	v.and(u, x, v.sign())
	v.or(r, r, u)
	v.poly(u, square, -5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1)
	v.fma(u, x, x)
	v.mov(v.t(2), v.c(0.927734375))
	v.cmp(gt, v.m(0), size, v.t(2))
	v.blend(r, v.m(0), r, u)
}

// halfErf leaves x in t(4) and (1 + erf(x/√2))/2 in t(5), with erf as a ratio of
// polynomials, fitted with the least largest relative error (2e-8) up to a place
// where the ratio is 1 exactly.
func (v *vec) halfErf() {
	u, z, p, q, x, half := v.t(0), v.t(1), v.t(2), v.t(3), v.t(4), v.t(5)
	v.mov(x, u)
	v.mul(u, u, v.c(math.Sqrt2/2))
	v.do("VMINPS %s, %s, %s", u, v.register(v.c(3.92000556), z), u)
	v.do("VMAXPS %s, %s, %s", u, v.register(v.c(-3.92000556), z), u)
	v.mul(z, u, u)
	v.poly(p, z, 2.0419399788806913e-06, 0.00028478880994953215, 0.0037791081704199314,
		0.05278870463371277, 0.1907733678817749, 1.1283791065216064)
	v.poly(q, z, 3.80027195205912e-05, 0.0011650753440335393, 0.014996438287198544,
		0.11425302177667618, 0.5024012327194214, 1)
	v.mul(p, p, u)
	v.div(p, p, q)
	v.mov(half, v.c(0.5))
	v.fma(p, half, half)
	v.mov(half, p)
}

// gelu is x·(1 + erf(x/√2))/2.
func (v *vec) gelu() {
	v.halfErf()
	v.mul(v.t(0), v.t(4), v.t(5))
}

// geluSlope is its derivative, (1 + erf(x/√2))/2 + x·exp(-x²/2)/√(2π).
func (v *vec) geluSlope() {
	v.halfErf()
	v.mul(v.t(0), v.t(4), v.t(4))
	v.mul(v.t(0), v.t(0), v.c(-0.5))
	v.exp()
	v.mul(v.t(0), v.t(0), v.t(4))
	v.mov(v.t(1), v.c(1/math.Sqrt(2*math.Pi)))
	v.fma(v.t(0), v.t(1), v.t(5))
}

// π/2 in parts of 24 bits. They are constants of Go, whose differences are exact.
const (
	halfPiHigh   = 0x1.921fb6p+0
	halfPiMiddle = -0x1.777a5cp-25
)

// sinCos reduces x by multiples of π/2 in three parts, exactly enough for
// |x| ≤ 8192; turn is the quarter turns to add.
func (v *vec) sinCos(turn int) {
	r, k, n, z, s, c, t := v.t(0), v.t(1), v.t(2), v.t(3), v.t(4), v.t(5), v.t(6)
	v.mov(k, v.c(magic))
	v.fmaTo(k, r, v.c(2/math.Pi))
	v.sub(n, k, v.c(magic))
	for _, part := range []float64{halfPiHigh, halfPiMiddle, math.Pi/2 - halfPiHigh - halfPiMiddle} {
		v.fnmaTo(r, n, v.c(part))
	}
	v.mul(z, r, r)
	v.poly(s, z, -1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
	v.mul(s, s, z)
	v.fma(s, r, r)
	v.poly(c, z, 2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
	v.mov(t, v.c(1))
	v.fnmaTo(t, z, v.c(0.5))
	v.mul(z, z, z)
	v.fma(c, z, t)
	if turn != 0 {
		v.do("VPADDD %s, %s, %s", v.bits(uint32(turn)), k, k)
	}
	v.do("VPSLLD $31, %s, %s", k, t)
	v.do("VPSLLD $30, %s, %s", k, k)
	v.signs(v.m(0), t)
	v.blend(r, v.m(0), c, s)
	v.and(k, k, v.sign())
	v.xor(r, r, k)
}
