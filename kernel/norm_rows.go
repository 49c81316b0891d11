package kernel

import "unsafe"

// rowTable is the loops over a row of layer normalisation.
type rowTable struct {
	// squares is Σ(x - mean)².
	squares func(x unsafe.Pointer, mean float32, n int) float32
	// affine is y = (x - mean)·inverse·scale + bias.
	affine func(y, x, scale, bias unsafe.Pointer, mean, inverse float32, n int)
	// gradSums is Σ dy·scale and Σ dy·scale·(x - mean).
	gradSums func(dy, x, scale unsafe.Pointer, mean float32, n int) (sum, product float32)
	// grad is dx = (dy·scale - share + (x - mean)·slope)·inverse.
	grad func(dx, dy, x, scale unsafe.Pointer, mean, inverse, share, slope float32, n int)
}

var rowForms = newFamily("rows", &rowTable{rowSquaresPlain, rowAffinePlain, rowGradSumsPlain, rowGradPlain})

func rowSquaresPlain(x unsafe.Pointer, mean float32, n int) float32 {
	var sum [4]float32
	for i, v := range f32(x, n) {
		sum[i&3] += (v - mean) * (v - mean)
	}
	return sum[0] + sum[1] + (sum[2] + sum[3])
}

func rowAffinePlain(y, x, scale, bias unsafe.Pointer, mean, inverse float32, n int) {
	dst, s, b := f32(y, n), f32(scale, n), f32(bias, n)
	for i, v := range f32(x, n) {
		dst[i] = (v-mean)*inverse*s[i] + b[i]
	}
}

func rowGradSumsPlain(dy, x, scale unsafe.Pointer, mean float32, n int) (sum, product float32) {
	g, s := f32(dy, n), f32(scale, n)
	for i, v := range f32(x, n) {
		d := g[i] * s[i]
		sum += d
		product += d * (v - mean)
	}
	return sum, product
}

func rowGradPlain(dx, dy, x, scale unsafe.Pointer, mean, inverse, share, slope float32, n int) {
	dst, g, s := f32(dx, n), f32(dy, n), f32(scale, n)
	for i, v := range f32(x, n) {
		dst[i] = (g[i]*s[i] - share + (v-mean)*slope) * inverse
	}
}
