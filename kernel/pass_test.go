package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"
)

// passSizes are lengths around the widths of vectors.
var passSizes = []int{1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 100, 1000}

// drawn is n numbers and a guard behind them that nobody may write.
func drawn(r *rand.Rand, n int, low float32) []float32 {
	x := make([]float32, n+16)
	for i := range x {
		x[i] = low + r.Float32()
	}
	return x
}

func addr(x []float32) unsafe.Pointer { return unsafe.Pointer(&x[0]) }

// near compares the first elements with float64 and the guard with what it was.
func near(t *testing.T, what string, n int, got, guard []float32, want func(i int) float64) {
	t.Helper()
	for i := range n {
		w := want(i)
		if d := math.Abs(float64(got[i]) - w); !(d <= 1e-6*max(1, math.Abs(w))) {
			t.Fatalf("%s: element %d of %d is %v, want %v", what, i, n, got[i], w)
		}
	}
	for i := n; i < len(got); i++ {
		if got[i] != guard[i] {
			t.Fatalf("%s: element %d behind the end of %d is written", what, i, n)
		}
	}
}

// TestAdamForms holds every form to the formula in float64, in place.
func TestAdamForms(t *testing.T) {
	s := AdamSpec{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Decay: 0.1}.scalars(0.01, 3)
	for name, f := range adamForms.All() {
		r := rand.New(rand.NewPCG(1, 2))
		for _, n := range passSizes {
			g, p, m, v := drawn(r, n, -0.5), drawn(r, n, -0.5), drawn(r, n, -0.5), drawn(r, n, 0)
			p0, m0, v0 := append([]float32{}, p...), append([]float32{}, m...), append([]float32{}, v...)
			f([7]unsafe.Pointer{addr(g), addr(p), addr(m), addr(v), addr(p), addr(m), addr(v)}, s, n)
			mean := func(i int) float64 { return 0.9*float64(m0[i]) + 0.1*float64(g[i]) }
			square := func(i int) float64 { return 0.999*float64(v0[i]) + 0.001*float64(g[i])*float64(g[i]) }
			near(t, name+" mean", n, m, m0, mean)
			near(t, name+" square", n, v, v0, square)
			near(t, name+" parameter", n, p, p0, func(i int) float64 {
				size := math.Sqrt(square(i)/(1-math.Pow(0.999, 3))) + 1e-8
				return float64(p0[i])*(1-0.01*0.1) - 0.01*mean(i)/(1-math.Pow(0.9, 3))/size
			})
		}
	}
}

// TestRowForms holds the loops of layer normalisation to float64.
func TestRowForms(t *testing.T) {
	const mean, inverse, share, slope = 0.25, 1.5, 0.125, -0.5
	for name, f := range rowForms.All() {
		r := rand.New(rand.NewPCG(1, 2))
		for _, n := range passSizes {
			x, scale, bias, dy, y := drawn(r, n, -0.5), drawn(r, n, 0.5), drawn(r, n, -0.5), drawn(r, n, -0.5), drawn(r, n, 9)
			guard := append([]float32{}, y...)
			d := func(i int) float64 { return float64(x[i]) - mean }
			g := func(i int) float64 { return float64(dy[i]) * float64(scale[i]) }
			var square, sum, product float64
			for i := range n {
				square, sum, product = square+d(i)*d(i), sum+g(i), product+g(i)*d(i)
			}
			gotSum, gotProduct := f.gradSums(addr(dy), addr(x), addr(scale), mean, n)
			for i, c := range [][2]float64{{float64(f.squares(addr(x), mean, n)), square}, {float64(gotSum), sum}, {float64(gotProduct), product}} {
				if math.Abs(c[0]-c[1]) > 2e-6*float64(n) {
					t.Errorf("%s: sum %d of %d elements is %v, want %v", name, i, n, c[0], c[1])
				}
			}
			f.affine(addr(y), addr(x), addr(scale), addr(bias), mean, inverse, n)
			near(t, name+" affine", n, y, guard, func(i int) float64 { return d(i)*inverse*float64(scale[i]) + float64(bias[i]) })
			f.grad(addr(y), addr(dy), addr(x), addr(scale), mean, inverse, share, slope, n)
			near(t, name+" grad", n, y, guard, func(i int) float64 { return (g(i) - share + d(i)*slope) * inverse })
		}
	}
}

// TestAdamCode runs pieces and the last short one against the plain form.
func TestAdamCode(t *testing.T) {
	const n = pieceBlocks*blockSize + 77
	r := rand.New(rand.NewPCG(1, 2))
	in := []Memory{values(r, make(Memory, 4*n)), values(r, make(Memory, 4*n)), values(r, make(Memory, 4*n)), make(Memory, 4*n), make(Memory, 64), make(Memory, 64)}
	for i := range in[3].F32() {
		in[3].F32()[i] = r.Float32()
	}
	in[4].F32()[0], in[5].F32()[0] = 0.01, 2
	spec := AdamSpec{Beta1: 0.9, Beta2: 0.99, Eps: 1e-6}
	out := runEach(t, Adam(n, spec), in, 4*n, 4*n, 4*n)
	var p [7]unsafe.Pointer
	want := [3]Memory{make(Memory, 4*n), make(Memory, 4*n), make(Memory, 4*n)}
	for k := range 4 {
		p[k] = base(in[k])
	}
	for k := range 3 {
		p[4+k] = base(want[k])
	}
	adamPlain(p, spec.scalars(0.01, 2), n)
	for k := range 3 {
		for i, v := range want[k].F32() {
			if d := math.Abs(float64(out[k].F32()[i] - v)); d > 1e-5 {
				t.Fatalf("result %d, element %d: %v, want %v", k, i, out[k].F32()[i], v)
			}
		}
	}
	noAllocs(t, Adam(n, spec), in, out)
}
