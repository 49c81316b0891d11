package lower

import (
	"math"
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "DFT", Since: []int64{17, 20}, Rule: dft})
}

// dft is the discrete Fourier transform along an axis of real or complex numbers,
// whose parts are the last axis.
func dft(c *Call) {
	s := c.Shape(0)
	axis := c.AttrInt("axis", 1)
	if c.Opset() >= 20 {
		if axis = -2; c.Has(2) {
			axis = c.Int(2)
		}
	}
	if axis = c.Axis(axis, s.Rank()); axis == s.Rank()-1 {
		c.Fail("the last axis is that of the real and imaginary parts, it is not transformed")
	}
	t := spectrum{inverse: c.AttrBool("inverse", false), onesided: c.AttrBool("onesided", false), parts: s.Dim(-1)}
	if t.n = s.Dim(axis); t.inverse && t.onesided {
		t.n = 2 * (t.n - 1)
	}
	if c.Has(1) {
		t.n = c.Int(1)
	}
	c.checkSpectrum(t)
	c.Return(inFloat32(c.In(0), func(x *graph.Node) *graph.Node { return c.along(x, axis, t) }))
}

// along transforms an axis, cut or filled with zeros to the places that t takes.
func (c *Call) along(x *graph.Node, axis int, t spectrum) *graph.Node {
	rank := x.Shape().Rank()
	low, high := make([]int, rank), make([]int, rank)
	high[axis] = t.in() - x.Shape().Dim(axis)
	c.padded(x.Shape(), low, high)
	c.room(t.n)
	x = ops.Pad(x, 0, low, high, nil)
	perm := slices.DeleteFunc(upTo(rank-1), func(a int) bool { return a == axis })
	perm = append(perm, axis, rank-1)
	back := make([]int, rank)
	for i, a := range perm {
		back[a] = i
	}
	return ops.Transpose(c.transformed(ops.Transpose(x, perm...), t), back...)
}

// spectrum is a transform of n places.
type spectrum struct {
	n                 int
	inverse, onesided bool // onesided: the first half of the places, to or from which real numbers are transformed
	parts             int  // of a number that is transformed: 1 if it is real, else 2
}

func (c *Call) checkSpectrum(t spectrum) {
	if t.n < 1 || t.n > 1<<40 || t.parts != 1 && t.parts != 2 {
		c.Fail("%d places of numbers of %d parts, want at least one place of 1 or 2 parts", t.n, t.parts)
	}
}

// in is how many places are transformed.
func (t spectrum) in() int {
	if t.inverse && t.onesided {
		return t.n/2 + 1
	}
	return t.n
}

// out is how many places there are afterwards, and the parts of their numbers.
func (t spectrum) out() (places, parts int) {
	switch {
	case t.inverse && t.onesided:
		return t.n, 1
	case t.onesided:
		return t.n/2 + 1, 2
	}
	return t.n, 2
}

// maxSpectrum is the elements up to which a transform is a product with a matrix,
// which for short ones is faster than one by factors.
const maxSpectrum = 1 << 20

// isProduct says whether the transform is done as a product with its matrix.
func (t spectrum) isProduct() bool {
	places, parts := t.out()
	return t.n <= 1024 && t.in()*t.parts*places*parts <= maxSpectrum
}

// matrix is the transform as [in·parts, out·parts].
func (t spectrum) matrix() tensor.Wide {
	places, parts := t.out()
	m := tensor.NewWide(tensor.Type{DType: tensor.Float64, Shape: tensor.Dims(t.in()*t.parts, places*parts)})
	sign, scale := -1.0, 1.0
	if t.inverse {
		sign, scale = 1, 1/float64(t.n)
	}
	at := 0
	for j := range t.in() {
		weight := scale
		if parts == 1 && j > 0 && 2*j != t.n {
			weight *= 2 // for the other half, which is the conjugate
		}
		for p := range t.parts {
			for k := range places {
				sin, cos := math.Sincos(2 * math.Pi * float64(j*k%t.n) / float64(t.n))
				re, im := cos, sign*sin
				if p == 1 {
					re, im = -sign*sin, cos
				}
				if m.F[at] = weight * re; parts == 2 {
					m.F[at+1] = weight * im
				}
				at += parts
			}
		}
	}
	return m
}

// constant is the matrix as a node of type d.
func (t spectrum) constant(g *graph.Graph, d tensor.DType) *graph.Node {
	m := t.matrix()
	m.Type.DType = d
	return g.Constant(m.Narrow())
}

// transformed transforms the last axis but one of x [… in parts].
func (c *Call) transformed(x *graph.Node, t spectrum) *graph.Node {
	s := x.Shape()
	places, parts := t.out()
	dims := s.Dims()
	dims[len(dims)-2], dims[len(dims)-1] = places, parts
	to := c.Dims(dims...)
	if t.isProduct() {
		rows := ops.Reshape(x, tensor.Dims(s.With(s.Rank()-2, 1).With(s.Rank()-1, 1).Size(), t.in()*t.parts))
		return ops.Reshape(ops.MatMul(rows, t.constant(x.Graph(), x.DType())), to)
	}
	if c.folding {
		panic(stop{errNoFold}) // the definition takes n² steps
	}
	if t.parts == 1 {
		x = widened(x, x.Shape().Rank()-1, 1)
	}
	if parts == 1 {
		x = bothHalves(x, t.n)
	}
	y := ops.Fourier(x, t.inverse)
	if t.inverse {
		y = ops.Scale(y, 1/float64(t.n))
	}
	return ops.Slice(y, make([]int, to.Rank()), to.Dims(), nil)
}

// widened is x with n more places of 0 along an axis.
func widened(x *graph.Node, axis, n int) *graph.Node {
	low, high := make([]int, x.Shape().Rank()), make([]int, x.Shape().Rank())
	high[axis] = n
	return ops.Pad(x, 0, low, high, nil)
}

// bothHalves is the spectrum of n places of real numbers, given the first half:
// the other is its conjugate, backwards.
func bothHalves(x *graph.Node, n int) *graph.Node {
	s := x.Shape()
	axis := s.Rank() - 2
	start, limit := make([]int, s.Rank()), s.Dims()
	start[axis], limit[axis] = 1, (n-1)/2+1
	half := ops.Reverse(ops.Slice(x, start, limit, nil), axis)
	sign := x.Graph().Constant(tensor.Wide{Type: tensor.Type{DType: x.DType(), Shape: tensor.Dims(2)}, F: []float64{1, -1}}.Narrow())
	return ops.Concatenate(axis, x, ops.Mul(half, sign))
}
