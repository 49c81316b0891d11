package lower

import (
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "Einsum", Since: []int64{12, 28}, Rule: einsum})
}

// einsum is the sum of products over all labels that the result does not have:
// sums over labels of one operand first, then contractions from the left.
func einsum(c *Call) {
	ranks := make([]int, c.NumIn())
	for i := range ranks {
		ranks[i] = c.Rank(i)
	}
	e, err := parseEinsum(c.AttrString("equation", ""), ranks)
	c.check(err)
	xs := make([]labelled, len(ranks))
	for i, n := range c.Ins(0) {
		d := n.DType()
		if d.Float() && d.Bits() < 32 {
			n = ops.Convert(n, tensor.Float32)
		}
		xs[i] = c.diagonal(labelled{n, e.terms[i]})
	}
	c.sameSizes(xs)
	y := xs[0].summed(needed(e.result, xs[1:]))
	for i, x := range xs[1:] {
		later := needed(e.result, xs[i+2:])
		x = x.summed(append(slices.Clone(later), y.labels...))
		y = y.summed(append(slices.Clone(later), x.labels...)).times(c, x, later)
	}
	perm := make([]int, len(e.result))
	for i, l := range e.result {
		perm[i] = slices.Index(y.labels, l)
	}
	if len(perm) > 1 {
		y.Node = ops.Transpose(y.Node, perm...)
	}
	c.Return(ops.Convert(y.Node, c.Type(0).DType))
}

// labelled is a node with a label for each axis.
type labelled struct {
	*graph.Node
	labels []label
}

// needed is the labels that the result or xs have.
func needed(result []label, xs []labelled) []label {
	all := slices.Clone(result)
	for _, x := range xs {
		all = append(all, x.labels...)
	}
	return all
}

// diagonal takes of axes with one label the places that are equal along them.
func (c *Call) diagonal(x labelled) labelled {
	for i := 0; i < len(x.labels); i++ {
		j := i + 1 + slices.Index(x.labels[i+1:], x.labels[i])
		if j == i {
			continue
		}
		s := x.Shape()
		n := s.Dim(i)
		if s.Dim(j) != n {
			c.Fail("%v stands for sizes %d and %d of operand %v", x.labels[i], n, s.Dim(j), s)
		}
		rest := slices.DeleteFunc(upTo(s.Rank()), func(a int) bool { return a == i || a == j })
		dims := make([]int, len(rest), len(rest)+2)
		for k, a := range rest {
			dims[k] = s.Dim(a)
		}
		y := ops.Transpose(x.Node, append(slices.Clone(rest), i, j)...)
		y = ops.Reshape(y, c.Dims(append(slices.Clone(dims), n*n)...))
		start, limit, stride := make([]int, len(dims)+1), y.Shape().Dims(), slices.Repeat([]int{1}, len(dims)+1)
		stride[len(dims)] = n + 1
		labels := make([]label, len(rest), len(rest)+1)
		for k, a := range rest {
			labels[k] = x.labels[a]
		}
		x = labelled{ops.Slice(y, start, limit, stride), append(labels, x.labels[i])}
		i = -1
	}
	return x
}

// sameSizes asks that a label has one size everywhere. Axes of size one where it
// has another one are taken away: they repeat.
func (c *Call) sameSizes(xs []labelled) {
	size := map[label]int{}
	for _, x := range xs {
		for i, l := range x.labels {
			d := x.Shape().Dim(i)
			if have, ok := size[l]; ok && have != d && have != 1 && d != 1 {
				c.Fail("%v stands for sizes %d and %d", l, have, d)
			} else if !ok || have == 1 {
				size[l] = d
			}
		}
	}
	for k, x := range xs {
		var dims []int
		var labels []label
		for i, l := range x.labels {
			if d := x.Shape().Dim(i); d == size[l] {
				dims, labels = append(dims, d), append(labels, l)
			}
		}
		xs[k] = labelled{ops.Reshape(x.Node, tensor.Dims(dims...)), labels}
	}
}

// summed is x without the axes whose labels nobody needs.
func (x labelled) summed(need []label) labelled {
	var axes []int
	var labels []label
	for i, l := range x.labels {
		if slices.Contains(need, l) {
			labels = append(labels, l)
		} else {
			axes = append(axes, i)
		}
	}
	if axes == nil {
		return x
	}
	return labelled{ops.ReduceSum(x.Node, axes...), labels}
}

// times is the product of a and b, summed over the labels that both have and
// nobody needs later.
func (a labelled) times(c *Call, b labelled, later []label) labelled {
	var d struct{ batchA, batchB, sumA, sumB []int }
	var batch, freeA, freeB []label
	for i, l := range a.labels {
		switch j := slices.Index(b.labels, l); {
		case j < 0:
			freeA = append(freeA, l)
		case slices.Contains(later, l):
			d.batchA, d.batchB, batch = append(d.batchA, i), append(d.batchB, j), append(batch, l)
		default:
			d.sumA, d.sumB = append(d.sumA, i), append(d.sumB, j)
		}
	}
	for _, l := range b.labels {
		if !slices.Contains(a.labels, l) {
			freeB = append(freeB, l)
		}
	}
	all := slices.Concat(batch, freeA, freeB)
	c.Dims(sizes(all, a, b)...)
	if d.sumA == nil {
		return labelled{ops.Mul(a.spread(all), b.spread(all)), all}
	}
	return labelled{ops.DotGeneral(a.Node, b.Node, ops.DotDims{
		BatchA: ops.List(d.batchA...), BatchB: ops.List(d.batchB...),
		ContractA: ops.List(d.sumA...), ContractB: ops.List(d.sumB...),
	}), all}
}

// sizes is the sizes that labels stand for in xs.
func sizes(labels []label, xs ...labelled) []int {
	dims := make([]int, len(labels))
	for i, l := range labels {
		for _, x := range xs {
			if j := slices.Index(x.labels, l); j >= 0 {
				dims[i] = x.Shape().Dim(j)
			}
		}
	}
	return dims
}

// spread is x with the axes of all, of size one where it has none.
func (x labelled) spread(all []label) *graph.Node {
	var perm, dims []int
	for _, l := range all {
		i := slices.Index(x.labels, l)
		if i < 0 {
			dims = append(dims, 1)
			continue
		}
		perm, dims = append(perm, i), append(dims, x.Shape().Dim(i))
	}
	y := x.Node
	if len(perm) > 1 {
		y = ops.Transpose(y, perm...)
	}
	return ops.Reshape(y, tensor.Dims(dims...))
}
