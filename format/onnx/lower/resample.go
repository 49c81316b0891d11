package lower

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// pull is one place along an axis and how much of it is taken.
type pull struct {
	at     int
	weight float64
}

// resampling says what each place of a resampled axis is a sum of.
type resampling [][]pull

// nearestPulls takes one whole place for each.
func nearestPulls(at []int, size int) resampling {
	r := make(resampling, len(at))
	for o, i := range at {
		r[o] = []pull{{min(max(i, 0), size-1), 1}}
	}
	return r
}

// filterPulls takes what a filter gives around each position along an axis of size
// places: filter(t) is the weight of a place t away, 0 from reach on, stretched by
// 1/shrink. What lies outside is taken of the end, or left out if exclude is set.
// The weights of a position add up to 1.
func filterPulls(positions []float64, size int, filter func(t float64) float64, reach, shrink float64, exclude bool) resampling {
	r := make(resampling, len(positions))
	for o, x := range positions {
		sum := 0.0
		x = min(max(x, -reach/shrink-1), float64(size)+reach/shrink) // all of it is one value beyond
		for i := int(math.Ceil(x - reach/shrink)); float64(i) <= x+reach/shrink; i++ {
			w := filter((float64(i) - x) * shrink)
			inside := min(max(i, 0), size-1)
			if w == 0 || exclude && i != inside {
				continue
			}
			sum += w
			if n := len(r[o]); n > 0 && r[o][n-1].at == inside {
				r[o][n-1].weight += w
			} else {
				r[o] = append(r[o], pull{inside, w})
			}
		}
		if sum == 0 {
			sum = 1
		}
		for k := range r[o] {
			r[o][k].weight /= sum
		}
	}
	return r
}

// triangle is linear interpolation's filter.
func triangle(t float64) float64 { return max(0, 1-math.Abs(t)) }

// keys is cubic interpolation's filter (Keys, "Cubic Convolution Interpolation for
// Digital Image Processing", 1981, equation 4).
func keys(a float64) func(t float64) float64 {
	return func(t float64) float64 {
		switch t = math.Abs(t); {
		case t <= 1:
			return ((a+2)*t-(a+3))*t*t + 1
		case t < 2:
			return ((a*t-5*a)*t+8*a)*t - 4*a
		}
		return 0
	}
}

// mostLooks is how many places are looked up for one; where there are more, a
// product with a matrix, most of which is 0, is faster, unless the matrix would have
// more elements than maxMatrix.
const (
	mostLooks = 4
	maxMatrix = 1 << 27
)

// looks is the most places that one is a sum of.
func (r resampling) looks() int {
	most := 0
	for _, row := range r {
		most = max(most, len(row))
	}
	return most
}

// apply resamples an axis of x.
func (r resampling) apply(x *graph.Node, axis int) *graph.Node {
	most, whole := r.looks(), true
	for _, row := range r {
		whole = whole && len(row) == 1 && row[0].weight == 1
	}
	switch {
	case whole:
		return r.move(x, axis)
	case most > mostLooks && x.Shape().Dim(axis) <= maxMatrix/len(r):
		return r.product(x, axis)
	}
	return r.sum(x, axis, max(most, 1)) // places that are a sum of none are 0
}

// move is apply where each place is one of x's: a repetition, a slice or a look-up.
func (r resampling) move(x *graph.Node, axis int) *graph.Node {
	s := x.Shape()
	size, n := s.Dim(axis), len(r)
	if times := n / max(size, 1); times*size == n && s.Rank() < tensor.MaxRank && r.is(func(o int) int { return o / max(times, 1) }) {
		return eachTimes(x, axis, times)
	}
	first, step := r.step()
	if step > 0 && r.is(func(o int) int { return first + o*step }) {
		start, limit, stride := make([]int, s.Rank()), s.Dims(), ones(s.Rank())
		start[axis], stride[axis], limit[axis] = first, step, first+(n-1)*step+1
		return ops.Slice(x, start, limit, stride)
	}
	ids := make([]int32, n)
	for o, row := range r {
		ids[o] = int32(row[0].at)
	}
	return ops.Take(x, x.Graph().Constant(tensor.From(tensor.Dims(n), ids)), axis)
}

// step is the first place and the distance between the first two.
func (r resampling) step() (first, step int) {
	if len(r) < 2 {
		return 0, 0
	}
	return r[0][0].at, r[1][0].at - r[0][0].at
}

// is says whether the places are those that f gives.
func (r resampling) is(f func(o int) int) bool {
	for o, row := range r {
		if row[0].at != f(o) {
			return false
		}
	}
	return true
}

func ones(n int) []int {
	v := make([]int, n)
	for i := range v {
		v[i] = 1
	}
	return v
}

// eachTimes has each place along an axis so many times in a row.
func eachTimes(x *graph.Node, axis, times int) *graph.Node {
	s := x.Shape()
	if times == 1 {
		return x
	}
	dims := s.Dims()
	dims = append(dims[:axis+1:axis+1], append([]int{times}, dims[axis+1:]...)...)
	var from []int
	for a := range dims {
		if a != axis+1 {
			from = append(from, a)
		}
	}
	y := ops.BroadcastInDim(x, tensor.Dims(dims...), from...)
	return ops.Reshape(y, s.With(axis, s.Dim(axis)*times))
}

// sum is apply as a sum of look-ups, each times its weights.
func (r resampling) sum(x *graph.Node, axis, most int) *graph.Node {
	var y *graph.Node
	for k := range most {
		ids := make([]int32, len(r))
		w := tensor.NewWide(tensor.Type{DType: x.DType(), Shape: tensor.Dims(len(r))})
		for o, row := range r {
			if k < len(row) {
				ids[o], w.F[o] = int32(row[k].at), row[k].weight
			} else if len(row) > 0 {
				ids[o] = int32(row[0].at)
			}
		}
		part := ops.Take(x, x.Graph().Constant(tensor.From(tensor.Dims(len(r)), ids)), axis)
		part = ops.Mul(part, ops.BroadcastInDim(x.Graph().Constant(w.Narrow()), part.Shape(), axis))
		if y == nil {
			y = part
		} else {
			y = ops.Add(y, part)
		}
	}
	return y
}

// product is apply as a product with a matrix of all weights.
func (r resampling) product(x *graph.Node, axis int) *graph.Node {
	size, rank := x.Shape().Dim(axis), x.Shape().Rank()
	w := tensor.NewWide(tensor.Type{DType: x.DType(), Shape: tensor.Dims(size, len(r))})
	for o, row := range r {
		for _, p := range row {
			w.F[p.at*len(r)+o] += p.weight
		}
	}
	y := ops.DotGeneral(x, x.Graph().Constant(w.Narrow()), ops.DotDims{ContractA: ops.List(axis), ContractB: ops.List(0)})
	perm := upTo(rank - 1)
	perm = append(perm[:axis:axis], append([]int{rank - 1}, perm[axis:]...)...)
	return ops.Transpose(y, perm...)
}
