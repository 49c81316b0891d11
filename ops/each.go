package ops

import "github.com/ihae/ihae/tensor"

// each1 sets out[0] to f or i of each element of in[0], by the kind of its
// elements. A nil function is for kinds that the type rule refuses.
func each1(out, in []tensor.Wide, f func(float64) float64, i func(int64) int64) {
	for j, x := range in[0].F {
		out[0].F[j] = f(x)
	}
	for j, x := range in[0].I {
		out[0].I[j] = i(x)
	}
}

// each2 is each1 for two operands.
func each2(out, in []tensor.Wide, f func(x, y float64) float64, i func(x, y int64) int64) {
	for j, x := range in[0].F {
		out[0].F[j] = f(x, in[1].F[j])
	}
	for j, x := range in[0].I {
		out[0].I[j] = i(x, in[1].I[j])
	}
}

// unsigned says whether the integers of w, uint64 by its bits, compare and
// divide as unsigned ones.
func unsigned(w tensor.Wide) bool { return w.Type.DType.Kind() == tensor.KindUint }

// lessInt compares integers of w's type.
func lessInt(w tensor.Wide) func(x, y int64) bool {
	if unsigned(w) {
		return func(x, y int64) bool { return uint64(x) < uint64(y) }
	}
	return func(x, y int64) bool { return x < y }
}

// move copies elements from place to place: out[0] at j is in at from(j).
func move(out, in tensor.Wide, from func(j int) int) {
	for j := range out.F {
		out.F[j] = in.F[from(j)]
	}
	for j := range out.I {
		out.I[j] = in.I[from(j)]
	}
}

// place walks the places of a shape in row-major order: next moves to the
// following one. The zero index is the first place.
type place struct {
	shape tensor.Shape
	at    [tensor.MaxRank]int
}

func (p *place) next() {
	for a := p.shape.Rank() - 1; a >= 0; a-- {
		if p.at[a]++; p.at[a] < p.shape.Dim(a) {
			return
		}
		p.at[a] = 0
	}
}

// dot is the offset of the place in memory of the given strides.
func (p *place) dot(strides [tensor.MaxRank]int) int {
	n := 0
	for a := range p.shape.Rank() {
		n += p.at[a] * strides[a]
	}
	return n
}
