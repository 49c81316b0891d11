package ops

import (
	"fmt"

	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// WindowDims says how the windows of pooling slide over [N spatial… C]; a list
// has one number for each spatial axis.
type WindowDims struct {
	Size            Ints // of the window
	Stride          Ints // Size: windows side by side
	PadLow, PadHigh Ints // 0
	Dilation        Ints // 1: distance between neighbours in the window
}

// full puts the defaults in place, so that equal windows are equal values.
func (d WindowDims) full() WindowDims {
	n := d.Size.Len()
	if d.Stride.Len() == 0 {
		d.Stride = d.Size
	}
	d.PadLow, d.PadHigh = orElse(d.PadLow, 0, n), orElse(d.PadHigh, 0, n)
	d.Dilation = orElse(d.Dilation, 1, n)
	return d
}

// poolShape is the sizes of pooling: input x [N in C], result y [N out C].
type poolShape struct {
	n, c int
	axes []sliding
	x, y tensor.Shape
}

func (d WindowDims) shape(x tensor.Shape) (poolShape, error) {
	spatial := x.Rank() - 2
	if spatial < 1 {
		return poolShape{}, fmt.Errorf("want [N spatial… C], got %v", x)
	}
	for _, l := range []Ints{d.Size, d.Stride, d.PadLow, d.PadHigh, d.Dilation} {
		if l.Len() != spatial {
			return poolShape{}, fmt.Errorf("%v for %d spatial axes", l, spatial)
		}
	}
	s := poolShape{n: x.Dim(0), c: x.Dim(-1), x: x}
	for i := range spatial {
		a := sliding{
			in: x.Dim(1 + i), size: d.Size.At(i), stride: d.Stride.At(i),
			low: d.PadLow.At(i), high: d.PadHigh.At(i), dilation: d.Dilation.At(i), inDilation: 1,
		}
		if err := a.fit(); err != nil {
			return s, fmt.Errorf("spatial axis %d: %w", i, err)
		}
		s.axes = append(s.axes, a)
	}
	var err error
	s.y, err = outputShape(s.n, s.axes, s.c)
	return s, err
}

// infer is the type rule of pooling.
func (d WindowDims) infer(in []tensor.Type, k kinds) ([]tensor.Type, error) {
	if err := of(in, 1, k); err != nil {
		return nil, err
	}
	s, err := d.shape(in[0].Shape)
	return []tensor.Type{{DType: in[0].DType, Shape: s.y}}, err
}

// pool is code for windows over x, up to three spatial axes of float32; the last
// ones if there are fewer.
func (d WindowDims) pool(x tensor.Type, code func(kernel.PoolSpec) *kernel.Code) *kernel.Code {
	s, err := d.shape(x.Shape)
	if err != nil || x.DType != tensor.Float32 || len(s.axes) > 3 {
		return nil
	}
	z, h, w := volume(s.axes)
	if z.in == 0 {
		return nil
	}
	return code(kernel.PoolSpec{
		N: s.n, D: z.in, H: h.in, W: w.in, C: s.c, KD: z.size, KH: h.size, KW: w.size,
		StrideD: z.stride, StrideH: h.stride, StrideW: w.stride, PadFront: z.low, PadBack: z.high,
		PadTop: h.low, PadLeft: w.low, PadBottom: h.high, PadRight: w.high, DilD: z.dilation, DilH: h.dilation, DilW: w.dilation,
	})
}

// flops counts one for each element of each window.
func (d WindowDims) flops(windows tensor.Shape) int64 {
	n := float64(windows.Size())
	for _, size := range d.Size.Slice() {
		n *= float64(size)
	}
	return int64(min(n, 1<<62))
}

// each calls do with the offsets into x and y of every element of x in the
// window of an element of y; the elements of one window come in their order.
func (s poolShape) each(do func(x, y int)) {
	if s.n == 0 || s.c == 0 { // the spatial axes may be of any size
		return
	}
	in, out := 1, 1
	for _, a := range s.axes {
		in, out = in*a.in, out*a.out
	}
	meet(s.axes, func(o, _, i int) {
		for n := range s.n {
			for c := range s.c {
				do((n*in+i)*s.c+c, (n*out+o)*s.c+c)
			}
		}
	})
}

// firstMax is, for each window, the offset of its first largest element of x;
// -1 where a window holds nothing but padding, which never wins. NaN is larger
// than all others.
func (s poolShape) firstMax(x []float64) []int {
	at := make([]int, s.y.Size())
	for i := range at {
		at[i] = -1
	}
	s.each(func(i, o int) {
		if at[o] < 0 || x[i] > x[at[o]] || x[i] != x[i] && x[at[o]] == x[at[o]] {
			at[o] = i
		}
	})
	return at
}
