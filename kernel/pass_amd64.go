//go:build !purego && amd64

package kernel

import (
	"unsafe"

	"github.com/ihae/ihae/internal/cpu"
)

func init() {
	adamForms.add(cpu.AVX2, func(p [7]unsafe.Pointer, s adamScalars, n int) { adam256(&p, (*[8]float32)(&s), n) })
	adamForms.add(cpu.AVX512, func(p [7]unsafe.Pointer, s adamScalars, n int) { adam512(&p, (*[8]float32)(&s), n) })
	rowForms.add(cpu.AVX2, &rowTable{
		squares: func(x unsafe.Pointer, mean float32, n int) float32 {
			s := [2]float32{mean}
			rowSquares256(&[1]unsafe.Pointer{x}, &s, n)
			return s[1]
		},
		affine: func(y, x, scale, bias unsafe.Pointer, mean, inverse float32, n int) {
			rowAffine256(&[4]unsafe.Pointer{x, scale, bias, y}, &[2]float32{mean, inverse}, n)
		},
		gradSums: func(dy, x, scale unsafe.Pointer, mean float32, n int) (sum, product float32) {
			s := [3]float32{mean}
			rowGradSums256(&[3]unsafe.Pointer{dy, x, scale}, &s, n)
			return s[1], s[2]
		},
		grad: func(dx, dy, x, scale unsafe.Pointer, mean, inverse, share, slope float32, n int) {
			rowGrad256(&[4]unsafe.Pointer{dy, x, scale, dx}, &[4]float32{mean, inverse, share, slope}, n)
		},
	})
	rowForms.add(cpu.AVX512, &rowTable{
		squares: func(x unsafe.Pointer, mean float32, n int) float32 {
			s := [2]float32{mean}
			rowSquares512(&[1]unsafe.Pointer{x}, &s, n)
			return s[1]
		},
		affine: func(y, x, scale, bias unsafe.Pointer, mean, inverse float32, n int) {
			rowAffine512(&[4]unsafe.Pointer{x, scale, bias, y}, &[2]float32{mean, inverse}, n)
		},
		gradSums: func(dy, x, scale unsafe.Pointer, mean float32, n int) (sum, product float32) {
			s := [3]float32{mean}
			rowGradSums512(&[3]unsafe.Pointer{dy, x, scale}, &s, n)
			return s[1], s[2]
		},
		grad: func(dx, dy, x, scale unsafe.Pointer, mean, inverse, share, slope float32, n int) {
			rowGrad512(&[4]unsafe.Pointer{dy, x, scale, dx}, &[4]float32{mean, inverse, share, slope}, n)
		},
	})
}
