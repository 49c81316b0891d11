package kernel

import "runtime"

// fmaLoop is multiply-adds that depend on nothing but registers.
type fmaLoop struct {
	run   func(rounds int)
	flops int64 // of one round
}

var fmaForms = newFamily("fma", fmaLoop{fmaPlain, 2 * 8})

// FMA does rounds of independent float32 multiply-adds in the fastest form and
// returns how many floating-point operations these were. It touches no memory:
// by the clock, it is the most arithmetic that one core can do.
func FMA(rounds int) int64 {
	f := fmaForms.Best()
	f.run(rounds)
	return int64(rounds) * f.flops
}

func fmaPlain(rounds int) {
	var a, b, c, d, e, f, g, h float32
	x := float32(rounds & 1)
	for range rounds {
		a += x * x
		b += x * x
		c += x * x
		d += x * x
		e += x * x
		f += x * x
		g += x * x
		h += x * x
	}
	runtime.KeepAlive(a + b + c + d + e + f + g + h)
}
