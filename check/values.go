package check

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Draw makes the operands that s describes, rounded to their types.
func Draw(s graph.Sample, r rng.Stream) []tensor.Wide {
	in := make([]tensor.Wide, len(s.In))
	for i, t := range s.In {
		low, high := s.Low, s.High
		if s.Ranges != nil {
			low, high = s.Ranges[i][0], s.Ranges[i][1]
		}
		in[i] = rounded(uniform(t, low, high, r.Split(fmt.Sprint("in", i))))
	}
	return in
}

// uniform draws evenly from [low, high), whole numbers for integers and 0 or 1
// for bools.
func uniform(t tensor.Type, low, high float64, r rng.Stream) tensor.Wide {
	w, rand := tensor.NewWide(t), r.Rand()
	for i := range w.F {
		w.F[i] = low + (high-low)*rand.Float64()
	}
	for i := range w.I {
		w.I[i] = whole(t.DType, low, high, rand)
	}
	return w
}

func whole(d tensor.DType, low, high float64, rand *rand.Rand) int64 {
	switch d.Kind() {
	case tensor.KindBool:
		return rand.Int64N(2)
	case tensor.KindUint:
		low = max(low, 0)
		return int64(uint64(math.Floor(low + (high-low)*rand.Float64())))
	}
	return int64(math.Floor(low + (high-low)*rand.Float64()))
}

// rounded is w as its element type can hold it.
func rounded(w tensor.Wide) tensor.Wide { return tensor.Widen(w.Narrow()) }

// marked is a tensor whose elements nobody computes: NaN, or the bits of mark.
func marked(t tensor.Type, mark int64) tensor.Wide {
	w := tensor.NewWide(t)
	for i := range w.F {
		w.F[i] = math.Float64frombits(0x7ff8<<48 | uint64(mark))
	}
	for i := range w.I {
		w.I[i] = mark
	}
	return w
}

// firstChange is the first element in which a and b differ in a bit, or -1.
func firstChange(a, b tensor.Wide) int {
	for i, v := range a.F {
		if math.Float64bits(v) != math.Float64bits(b.F[i]) {
			return i
		}
	}
	for i, v := range a.I {
		if v != b.I[i] {
			return i
		}
	}
	return -1
}

// firstFar is the first element in which got is further than tol from want,
// relative to the larger of 1 and the value, or -1. Integers must be equal.
func firstFar(got, want tensor.Wide, tol float64) int {
	for i, w := range want.F {
		if !near(got.F[i], w, tol) {
			return i
		}
	}
	for i, w := range want.I {
		if got.I[i] != w {
			return i
		}
	}
	return -1
}

// near says whether got is within tol of want, relative to the larger of 1 and
// want. NaN is near NaN, and an infinity near itself only.
func near(got, want, tol float64) bool {
	switch {
	case want != want:
		return got != got
	case math.IsInf(want, 0) || math.IsInf(got, 0):
		return got == want
	}
	return math.Abs(got-want) <= tol*max(1, math.Abs(want))
}

// at is element i of w, for messages.
func at(w tensor.Wide, i int) string {
	if w.F != nil {
		return fmt.Sprint(w.F[i])
	}
	return fmt.Sprint(w.I[i])
}

func clone(in []tensor.Wide) []tensor.Wide {
	out := make([]tensor.Wide, len(in))
	for i, w := range in {
		out[i] = tensor.NewWide(w.Type)
		copy(out[i].F, w.F)
		copy(out[i].I, w.I)
	}
	return out
}

func typesOf(in []tensor.Wide) []tensor.Type {
	t := make([]tensor.Type, len(in))
	for i, w := range in {
		t[i] = w.Type
	}
	return t
}
