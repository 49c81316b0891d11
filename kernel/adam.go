package kernel

import (
	"math"
	"unsafe"
)

// AdamSpec is the settings of one kind of [Adam].
type AdamSpec struct {
	Beta1, Beta2, Eps float64
	Decay             float64 // of the parameter, times the learning rate
}

// adamScalars is what a step multiplies with: Beta1, 1-Beta1, Beta2, 1-Beta2,
// lr/(1-Beta1ᵗ), 1/√(1-Beta2ᵗ), Eps, 1-lr·Decay.
type adamScalars [8]float32

func (s AdamSpec) scalars(lr, count float64) adamScalars {
	bias1 := -math.Expm1(count * math.Log(s.Beta1))
	bias2 := -math.Expm1(count * math.Log(s.Beta2))
	return adamScalars{
		float32(s.Beta1), float32(1 - s.Beta1), float32(s.Beta2), float32(1 - s.Beta2),
		float32(lr / bias1), float32(1 / math.Sqrt(bias2)), float32(s.Eps), float32(1 - lr*s.Decay),
	}
}

// adamFunc computes n elements: gradient, parameter, mean, square, and the next
// parameter, mean and square.
type adamFunc func(p [7]unsafe.Pointer, s adamScalars, n int)

var adamForms = newFamily[adamFunc]("adam", adamPlain)

// Adam is one update of n parameters (Kingma and Ba, 2015; Loshchilov and
// Hutter, 2019), each read and written once: with t the count,
//
//	m ← β₁·m + (1-β₁)·g,  v ← β₂·v + (1-β₂)·g²
//	p ← p·(1 - lr·decay) - lr/(1-β₁ᵗ)·m/(√v/√(1-β₂ᵗ) + eps)
//
// Operands: gradient, parameter, m, v [n], lr, count []; results: parameter, m,
// v [n]. Every result may lie in its operand.
func Adam(n int, spec AdamSpec) *Code {
	const per = pieceBlocks * blockSize
	f := adamForms.Best()
	return &Code{Phases: []Phase{{
		Pieces: (n + per - 1) / per,
		Work:   n / 2,
		Run: func(a *Args, piece int, _ Memory) {
			s := spec.scalars(float64(a.In[4].F32()[0]), float64(a.In[5].F32()[0]))
			start := piece * per
			var p [7]unsafe.Pointer
			for k := range 4 {
				p[k] = at(base(a.In[k]), start)
			}
			for k := range 3 {
				p[4+k] = at(base(a.Out[k]), start)
			}
			f(p, s, min(per, n-start))
		},
	}}}
}

func adamPlain(p [7]unsafe.Pointer, s adamScalars, n int) {
	g, x, m, v := f32(p[0], n), f32(p[1], n), f32(p[2], n), f32(p[3], n)
	nextX, nextM, nextV := f32(p[4], n), f32(p[5], n), f32(p[6], n)
	for i, d := range g {
		nextM[i] = s[0]*m[i] + s[1]*d
		nextV[i] = s[2]*v[i] + s[3]*(d*d)
		size := float32(math.Sqrt(float64(nextV[i])))*s[5] + s[6]
		nextX[i] = x[i]*s[7] - s[4]*(nextM[i]/size)
	}
}
