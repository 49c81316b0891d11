package ops

import "fmt"

// sliding is how windows slide over one spatial axis: of a convolution or of
// pooling.
type sliding struct {
	in, size, out int // of the input, the window and the result
	stride        int
	low, high     int // padding
	dilation      int // distance between neighbours in the window
	inDilation    int // distance between neighbours of the input
}

// farthest bounds sizes and distances, so that their products do not overflow.
const farthest = 1 << 30

// fit sets out, the number of windows, or says why there is none.
func (s *sliding) fit() error {
	switch {
	case s.stride < 1 || s.dilation < 1 || s.inDilation < 1:
		return fmt.Errorf("stride %d, dilation %d, input dilation %d, want at least 1", s.stride, s.dilation, s.inDilation)
	case s.low < 0 || s.high < 0:
		return fmt.Errorf("padding %d, %d is negative", s.low, s.high)
	case s.size < 1:
		return fmt.Errorf("window of size %d", s.size)
	}
	if m := max(s.in, s.size, s.stride, s.low, s.high, s.dilation, s.inDilation); m > farthest {
		return fmt.Errorf("%d is too far for a window", m)
	}
	length := s.low + max((s.in-1)*s.inDilation+1, 0) + s.high
	reach := (s.size-1)*s.dilation + 1
	if length < reach {
		return fmt.Errorf("a window that spans %d does not fit into %d with padding", reach, length)
	}
	s.out = (length-reach)/s.stride + 1
	return nil
}

// at is the place of the input under tap of window o; ok is false on padding
// and between the elements of a dilated input.
func (s sliding) at(o, tap int) (i int, ok bool) {
	p := o*s.stride + tap*s.dilation - s.low
	if p < 0 || p%s.inDilation != 0 || p/s.inDilation >= s.in {
		return 0, false
	}
	return p / s.inDilation, true
}

// taps is the part [from, to) of window o that may lie on elements of the input.
func (s sliding) taps(o int) (from, to int) {
	first := o*s.stride - s.low
	if last := (s.in-1)*s.inDilation - first; last >= 0 {
		to = min(s.size, last/s.dilation+1)
	}
	return min(to, max(0, (s.dilation-1-first)/s.dilation)), to
}

// meet calls do for each window, tap and input place that meet, as offsets in
// row-major order; the taps of one window come in their order.
func meet(axes []sliding, do func(out, tap, in int)) { meetFrom(axes, 0, 0, 0, do) }

func meetFrom(axes []sliding, out, tap, in int, do func(out, tap, in int)) {
	if len(axes) == 0 {
		do(out, tap, in)
		return
	}
	a := axes[0]
	for o := range a.out {
		from, to := a.taps(o)
		for t := from; t < to; t++ {
			if i, ok := a.at(o, t); ok {
				meetFrom(axes[1:], out*a.out+o, tap*a.size+t, in*a.in+i, do)
			}
		}
	}
}

// volume is one to three spatial axes as depth, height and width.
func volume(axes []sliding) (z, h, w sliding) {
	z = sliding{in: 1, size: 1, out: 1, stride: 1, dilation: 1, inDilation: 1}
	h = z
	if len(axes) == 3 {
		z = axes[0]
	}
	if len(axes) > 1 {
		h = axes[len(axes)-2]
	}
	return z, h, axes[len(axes)-1]
}

// orElse is list, or n times v where there is none.
func orElse(list Ints, v, n int) Ints {
	if list.Len() == 0 {
		return Repeat(v, n)
	}
	return list
}

// product multiplies sizes.
func product(sizes []int) int {
	n := 1
	for _, s := range sizes {
		n *= s
	}
	return n
}
