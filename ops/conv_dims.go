package ops

import (
	"fmt"

	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// ConvDims says how the filters of a convolution slide; a list has one number
// for each spatial axis.
type ConvDims struct {
	Stride        Ints // 1
	PadLow        Ints // 0
	PadHigh       Ints // 0
	Dilation      Ints // 1: distance between neighbours in the filter
	InputDilation Ints // 1: distance between neighbours of the input; zeros lie between
	Groups        int  // 1: input and output channels are cut into so many parts
}

// full puts the defaults in place, so that equal convolutions are equal values.
func (d ConvDims) full(rank int) ConvDims {
	spatial := rank - 2
	return ConvDims{
		Stride:        orElse(d.Stride, 1, spatial),
		PadLow:        orElse(d.PadLow, 0, spatial),
		PadHigh:       orElse(d.PadHigh, 0, spatial),
		Dilation:      orElse(d.Dilation, 1, spatial),
		InputDilation: orElse(d.InputDilation, 1, spatial),
		Groups:        max(d.Groups, 1),
	}
}

// convShape is a convolution's sizes: input [N in C], filter [taps C/groups K],
// output [N out K].
type convShape struct {
	n, c, k, groups int
	axes            []sliding
	y               tensor.Shape
}

// shape puts input and filter together, by their shapes [N in… C] and
// [taps… C/groups K].
func (d ConvDims) shape(x, w tensor.Shape) (convShape, error) {
	if x.Rank() < 3 || w.Rank() != x.Rank() {
		return convShape{}, fmt.Errorf("want [N spatial… C] and a filter [spatial… C/groups K], got %v and %v", x, w)
	}
	s := convShape{n: x.Dim(0), c: x.Dim(-1), k: w.Dim(-1), groups: d.Groups}
	switch {
	case s.groups < 1 || s.c%s.groups != 0 || s.k%s.groups != 0:
		return s, fmt.Errorf("%d groups do not divide %d and %d channels", s.groups, s.c, s.k)
	case w.Dim(-2)*s.groups != s.c:
		return s, fmt.Errorf("the input has %d channels, the filter %d in %d groups", s.c, w.Dim(-2), s.groups)
	}
	spatial := x.Rank() - 2
	for _, l := range []Ints{d.Stride, d.PadLow, d.PadHigh, d.Dilation, d.InputDilation} {
		if l.Len() != spatial {
			return s, fmt.Errorf("%v for %d spatial axes", l, spatial)
		}
	}
	for i := range spatial {
		a := sliding{
			in: x.Dim(1 + i), size: w.Dim(i), stride: d.Stride.At(i), low: d.PadLow.At(i), high: d.PadHigh.At(i),
			dilation: d.Dilation.At(i), inDilation: d.InputDilation.At(i),
		}
		if err := a.fit(); err != nil {
			return s, fmt.Errorf("spatial axis %d: %w", i, err)
		}
		s.axes = append(s.axes, a)
	}
	var err error
	s.y, err = outputShape(s.n, s.axes, s.k)
	return s, err
}

// outputShape is [N out… K].
func outputShape(n int, axes []sliding, k int) (tensor.Shape, error) {
	dims := []int{n}
	for _, a := range axes {
		dims = append(dims, a.out)
	}
	return tensor.CheckedDims(append(dims, k)...)
}

// spatial is the number of places of the input, the filter and the output.
func (s convShape) spatial() (in, taps, out int) {
	in, taps, out = 1, 1, 1
	for _, a := range s.axes {
		in, taps, out = in*a.in, taps*a.size, out*a.out
	}
	return in, taps, out
}

// mostPadded is the most elements of padded rows under one row of output.
const mostPadded = 1 << 26

// spec is the convolution as the kernels take it, up to three spatial axes of an
// input without holes; the last ones if there are fewer. ok is false for others,
// and for padding of which the rows that kernels copy would fill the memory.
func (s convShape) spec(d tensor.DType) (c kernel.ConvSpec, ok bool) {
	if d != tensor.Float32 || len(s.axes) < 1 || len(s.axes) > 3 {
		return c, false
	}
	z, h, w := volume(s.axes)
	rows, span := min(h.in, (h.size-1)*h.dilation+1), (w.out-1)*w.stride+(w.size-1)*w.dilation+1
	if z.in == 0 || rows > 0 && span > mostPadded/rows/max(s.c, 1) {
		return c, false
	}
	return kernel.ConvSpec{
		N: s.n, D: z.in, H: h.in, W: w.in, C: s.c, K: s.k, KD: z.size, KH: h.size, KW: w.size,
		StrideD: z.stride, StrideH: h.stride, StrideW: w.stride, PadFront: z.low, PadBack: z.high,
		PadTop: h.low, PadLeft: w.low, PadBottom: h.high, PadRight: w.high, DilD: z.dilation, DilH: h.dilation, DilW: w.dilation,
		Groups: s.groups,
	}, z.inDilation == 1 && h.inDilation == 1 && w.inDilation == 1
}

// flops counts two for each product, those with padding as well.
func (s convShape) flops() int64 {
	_, taps, out := s.spatial()
	return 2 * int64(s.n) * int64(out) * int64(s.k) * int64(taps) * int64(s.c/s.groups)
}

// each calls do with the offsets into x, w and y of every product x·w that y
// is a sum of.
func (s convShape) each(do func(x, w, y int)) {
	in, taps, out := s.spatial()
	c, k := s.c/s.groups, s.k/s.groups
	if s.n*s.c*s.k*in*taps == 0 { // the other axes may be of any size
		return
	}
	meet(s.axes, func(o, tap, i int) {
		for n := range s.n {
			x, y := (n*in+i)*s.c, (n*out+o)*s.k
			for to := range s.k {
				from := to / k * c
				for j := range c {
					do(x+from+j, (tap*c+j)*s.k+to, y+to)
				}
			}
		}
	})
}

// middle is the sizes of the spatial axes of [N spatial… C].
func middle(s tensor.Shape) Ints { return List(s.Dims()[1 : s.Rank()-1]...) }
