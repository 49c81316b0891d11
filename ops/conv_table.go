package ops

import (
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// mostMeets bounds the table of a convolution in float64.
const mostMeets = 1 << 22

// table is the convolution as the kernels for float64 take it; ok is false for
// other types, where the table would be too large, and where there is nothing to
// do.
func (s convShape) table(d tensor.DType) (t kernel.ConvTable, ok bool) {
	in, taps, out := s.spatial()
	if d != tensor.Float64 || s.n*s.c*s.k*in*taps*out == 0 || taps > mostMeets/out || in > mostMeets {
		return t, false
	}
	t = kernel.ConvTable{N: s.n, In: in, Taps: taps, Out: out, C: s.c, K: s.k, Groups: s.groups}
	meet(s.axes, func(o, tap, i int) {
		t.Meets = append(t.Meets, kernel.Meet{Out: int32(o), Tap: int32(tap), In: int32(i)})
	})
	return t, true
}
