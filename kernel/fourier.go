package kernel

import (
	"math"
	"math/bits"

	"github.com/ihae/ihae/tensor"
)

// Fourier is the discrete Fourier transform of rows of n complex numbers, pairs of
// a real and an imaginary part: y[k] = Σ x[j]·exp(-2πi·jk/n), or with +2πi if
// inverse; nothing is divided. Lengths without large prime factors are done by
// those factors (Cooley and Tukey, 1965, in the order of Stockham), others as a
// convolution (Bluestein, "A linear filtering approach to the computation of
// discrete Fourier transform", 1970). Sums are kept in float64. It is nil for
// other types than float32 and float64.
//
// Operand [rows n 2]; result of the same type.
func Fourier(rows, n int, inverse bool, d tensor.DType) *Code {
	switch d {
	case tensor.Float32:
		return fourierRows[float32](rows, n, inverse)
	case tensor.Float64:
		return fourierRows[float64](rows, n, inverse)
	}
	return nil
}

func fourierRows[T float32 | float64](rows, n int, inverse bool) *Code {
	if rows*n == 0 {
		return &Code{}
	}
	f := newFourier(n, inverse)
	work := max(1, n*bits.Len(uint(n))*f.size()/n)
	per := max(1, 8192/work)
	return &Code{
		Local: 16 * f.size(),
		Phases: []Phase{{
			Pieces: ceilDiv(rows, per),
			Work:   4 * rows * work,
			Run: func(a *Args, piece int, local Memory) {
				scratch := see[complex128](local)
				for r := piece * per; r < min(rows, (piece+1)*per); r++ {
					x, y := see[T](a.In[0])[2*r*n:], see[T](a.Out[0])[2*r*n:]
					row := scratch[:n]
					for j := range row {
						row[j] = complex(float64(x[2*j]), float64(x[2*j+1]))
					}
					for j, v := range f.transform(row, scratch[n:]) {
						y[2*j], y[2*j+1] = T(real(v)), T(imag(v))
					}
				}
			},
		}},
	}
}

// fourier transforms n numbers.
type fourier struct {
	n       int
	factors []int
	roots   []complex128 // exp(∓2πi·j/n)
	chirp   *chirp       // where n has a large prime factor
}

// largestRadix is the largest prime factor that is done as a sum of all.
const largestRadix = 31

func newFourier(n int, inverse bool) *fourier {
	f := &fourier{n: n}
	rest := n
	for _, p := range []int{4, 2, 3, 5, 7, 11, 13, 17, 19, 23, 29, largestRadix} {
		for rest%p == 0 {
			f.factors, rest = append(f.factors, p), rest/p
		}
	}
	if rest > 1 {
		f.chirp = newChirp(n, inverse)
		return f
	}
	f.roots = make([]complex128, n)
	for j := range f.roots {
		f.roots[j] = root(j, n, inverse)
	}
	return f
}

// root is exp(-2πi·j/n), or its conjugate.
func root(j, n int, inverse bool) complex128 {
	s, c := math.Sincos(2 * math.Pi * float64(j) / float64(n))
	if inverse {
		return complex(c, s)
	}
	return complex(c, -s)
}

// size is how many numbers of scratch a transform takes, its row among them.
func (f *fourier) size() int {
	if f.chirp != nil {
		return f.n + 2*f.chirp.forward.n
	}
	return 2 * f.n
}

// transform transforms x, which it uses up; the result lies in x or in scratch.
func (f *fourier) transform(x, scratch []complex128) []complex128 {
	if f.chirp != nil {
		f.chirp.transform(x, scratch)
		return x
	}
	y := scratch[:f.n]
	// x[j·m + k] is element j of the transform of every m-th number from k on.
	l, m := 1, f.n
	for _, p := range f.factors {
		m /= p
		f.stage(y, x, l, m, p)
		l, x, y = l*p, y, x
	}
	return x
}

// stage joins p transforms of l numbers to one of l·p:
// y[(j + l·r)·m + k] = Σ_q x[(j·p + q)·m + k]·w^(jq)·w^(lrq), w = exp(∓2πi/(l·p)).
func (f *fourier) stage(y, x []complex128, l, m, p int) {
	unit := f.n / (l * p)
	for j := range l {
		from := x[j*p*m : (j+1)*p*m]
		switch p {
		case 2:
			f.join2(y[j*m:], from, l*m, m, f.roots[j*unit])
		case 4:
			f.join4(y[j*m:], from, l*m, m, j*unit)
		default:
			f.join(y[j*m:], from, l, m, p, j*unit)
		}
	}
}

func (f *fourier) join2(y, x []complex128, step, m int, w complex128) {
	a, b := x[:m], x[m:2*m]
	low, high := y[:m], y[step:][:m]
	for k, u := range a {
		v := b[k] * w
		low[k], high[k] = u+v, u-v
	}
}

func (f *fourier) join4(y, x []complex128, step, m, at int) {
	w1, w2, w3 := f.roots[at], f.roots[2*at], f.roots[3*at]
	turn := imag(f.roots[f.n/4]) // -1, or 1 in the inverse: the sign of i
	x0, x1, x2, x3 := x[:m], x[m:][:m], x[2*m:][:m], x[3*m:][:m]
	y0, y1, y2, y3 := y[:m], y[step:][:m], y[2*step:][:m], y[3*step:][:m]
	for k := range m {
		a, b, c, d := x0[k], x1[k]*w1, x2[k]*w2, x3[k]*w3
		s, t, u, v := a+c, a-c, b+d, b-d
		v = complex(-turn*imag(v), turn*real(v))
		y0[k], y1[k], y2[k], y3[k] = s+u, t+v, s-u, t-v
	}
}

// join is for odd p: at is the power of the root of all n that the step has. Of
// elements q and p-q only the sum and the difference count.
func (f *fourier) join(y, x []complex128, l, m, p, at int) {
	var sum, difference [largestRadix/2 + 1]complex128
	for k := range m {
		first := x[k]
		total := first
		for q := 1; q <= p/2; q++ {
			u, v := x[q*m+k]*f.roots[at*q], x[(p-q)*m+k]*f.roots[at*(p-q)]
			sum[q], difference[q] = u+v, u-v
			total += u + v
		}
		y[k] = total
		for r := 1; r <= p/2; r++ {
			even, odd, j := first, complex(0, 0), 0
			for q := 1; q <= p/2; q++ {
				if j += r; j >= p {
					j -= p
				}
				w := f.roots[f.n/p*j]
				even += complex(real(w)*real(sum[q]), real(w)*imag(sum[q]))
				odd += complex(-imag(w)*imag(difference[q]), imag(w)*real(difference[q]))
			}
			y[l*r*m+k], y[l*(p-r)*m+k] = even+odd, even-odd
		}
	}
}

// chirp is the transform of any length as a circular convolution with
// b[j] = exp(±πi·j²/n): y[k] = b̄[k]·Σ x[j]·b̄[j]·b[k-j].
type chirp struct {
	forward, back *fourier
	b             []complex128 // conjugated
	spectrum      []complex128 // of b, divided by the length of the convolution
}

func newChirp(n int, inverse bool) *chirp {
	m := 1 << bits.Len(uint(2*n-2))
	c := &chirp{forward: newFourier(m, false), back: newFourier(m, true), b: make([]complex128, n)}
	b := make([]complex128, 2*m)
	for j := range n {
		hi, lo := bits.Mul64(uint64(j), uint64(j))
		_, square := bits.Div64(hi, lo, uint64(2*n)) // j² mod 2n
		c.b[j] = root(int(square), 2*n, inverse)
		v := complex(real(c.b[j]), -imag(c.b[j])) / complex(float64(m), 0)
		b[j], b[(m-j)%m] = v, v
	}
	c.spectrum = c.forward.transform(b[:m], b[m:])
	return c
}

// transform transforms x in place.
func (c *chirp) transform(x, scratch []complex128) {
	m := c.forward.n
	y := scratch[:m]
	clear(y)
	for j, v := range x {
		y[j] = v * c.b[j]
	}
	z := c.forward.transform(y, scratch[m:])
	for j, v := range c.spectrum {
		z[j] *= v
	}
	other := scratch[m:]
	if &z[0] != &y[0] {
		other = y
	}
	for j, v := range c.back.transform(z, other)[:len(x)] {
		x[j] = v * c.b[j]
	}
}
