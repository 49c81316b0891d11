package lower

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "Unique", Since: []int64{11, 28}, Rule: unique})
}

// unique is the distinct elements, or slices along an axis, in rising order or in
// that of their first places; these places; of all, which distinct one they are;
// and how many there are of each. Slices are compared in row-major order; NaN
// equals NaN and is above all numbers.
func unique(c *Call) {
	sorted, whole, axis := c.AttrBool("sorted", true), !c.HasAttr("axis"), c.AttrInt("axis", 0)
	c.tensorOrTexts(0)
	c.Host(func(in []Host) ([]Host, error) {
		x, err := sliced(in[0], axis, whole)
		if err != nil {
			return nil, err
		}
		firsts, inverse, counts := distinct(x.n, x.comparison(), sorted)
		return []Host{x.take(firsts), vector(firsts), vector(inverse), vector(counts)}, nil
	}, 0)
}

func vector(v []int) Host { return TensorHost(int64s(v...)) }

// slicing is a value as n slices along an axis: [outer n inner].
type slicing struct {
	Host
	outer, n, inner int
	axis            int
	dims            []int
}

// sliced is h as slices, or as one row of elements.
func sliced(h Host, axis int, whole bool) (slicing, error) {
	x := slicing{Host: h, outer: 1, n: 1, inner: 1, dims: h.Dims}
	if h.Kind == KindTensor {
		x.dims = h.Tensor.Shape().Dims()
	}
	if whole {
		for _, d := range x.dims {
			x.n *= d
		}
		x.dims = []int{x.n}
		return x, nil
	}
	rank := len(x.dims)
	if axis < -rank || axis >= rank {
		return x, fmt.Errorf("axis %d of %d axes", axis, rank)
	}
	x.axis = (axis + rank) % rank
	x.n = x.dims[x.axis]
	for i, d := range x.dims {
		if i < x.axis {
			x.outer *= d
		} else if i > x.axis {
			x.inner *= d
		}
	}
	if x.outer*x.n*x.inner == 0 {
		if x.outer = 0; x.n > 1<<20 {
			return x, fmt.Errorf("%d slices of nothing", x.n)
		}
	}
	return x, nil
}

// comparison orders slices i and j.
func (x slicing) comparison() func(i, j int) int {
	element := x.elements()
	return func(i, j int) int {
		for o := range x.outer {
			for k := range x.inner {
				if r := element((o*x.n+i)*x.inner+k, (o*x.n+j)*x.inner+k); r != 0 {
					return r
				}
			}
		}
		return 0
	}
}

// elements orders elements i and j.
func (x slicing) elements() func(i, j int) int {
	if x.Kind == KindStrings {
		return func(i, j int) int { return strings.Compare(x.Strings[i], x.Strings[j]) }
	}
	w := tensor.Widen(x.Tensor)
	switch {
	case w.F != nil:
		return func(i, j int) int {
			if a, b := w.F[i], w.F[j]; a == a && b == b {
				return cmp.Compare(a, b)
			}
			return cmp.Compare(w.F[j], w.F[i]) // cmp.Compare has NaN below all numbers
		}
	case w.Type.DType.Kind() == tensor.KindUint:
		return func(i, j int) int { return cmp.Compare(uint64(w.I[i]), uint64(w.I[j])) }
	}
	return func(i, j int) int { return cmp.Compare(w.I[i], w.I[j]) }
}

// take is the slices at the given places.
func (x slicing) take(at []int) Host {
	dims := slices.Clone(x.dims)
	dims[x.axis] = len(at)
	if x.Kind == KindStrings {
		var texts []string
		for o := range x.outer {
			for _, i := range at {
				texts = append(texts, x.Strings[(o*x.n+i)*x.inner:][:x.inner]...)
			}
		}
		return StringsHost(texts, dims...)
	}
	y := tensor.New(tensor.Type{DType: x.Tensor.DType(), Shape: tensor.Dims(dims...)})
	to, from, row := y.Bytes(), x.Tensor.Bytes(), x.inner*x.Tensor.DType().Size()
	for o := range x.outer {
		for _, i := range at {
			copy(to[:row], from[(o*x.n+i)*row:])
			to = to[row:]
		}
	}
	return TensorHost(y)
}

// distinct is which of n things differ from each other: the first place of each,
// and, of all, the number of the one they equal, and how many there are of it.
func distinct(n int, compare func(i, j int) int, sorted bool) (firsts, inverse, counts []int) {
	order := upTo(n)
	slices.SortStableFunc(order, compare)
	group := make([]int, n)
	for j, i := range order {
		if j == 0 || compare(order[j-1], i) != 0 {
			firsts, counts = append(firsts, i), append(counts, 0)
		}
		group[i] = len(firsts) - 1
		counts[group[i]]++
	}
	if sorted {
		return firsts, group, counts
	}
	rank := upTo(len(firsts))
	slices.SortFunc(rank, func(a, b int) int { return cmp.Compare(firsts[a], firsts[b]) })
	place := make([]int, len(firsts))
	f, k := make([]int, len(firsts)), make([]int, len(firsts))
	for to, from := range rank {
		place[from], f[to], k[to] = to, firsts[from], counts[from]
	}
	for i, g := range group {
		group[i] = place[g]
	}
	return f, group, k
}
