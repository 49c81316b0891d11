package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Slice takes, along each axis, the elements start, start+stride, … below limit.
// A nil stride is all ones.
func Slice(x *graph.Node, start, limit, stride []int) *graph.Node {
	if stride == nil {
		return graph.Apply1(slice{List(start...), List(limit...), Repeat(1, len(start))}, x)
	}
	return graph.Apply1(slice{List(start...), List(limit...), List(stride...)}, x)
}

type slice struct{ Start, Limit, Stride Ints }

func (slice) Name() string { return "slice" }

// Export implements graph.Exporter. Axes that stay whole are not named.
func (op slice) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	var axes, start, limit, stride []int
	for i, d := range n.InTypes()[0].Shape.Dims() {
		if a, b, c := op.Start.At(i), op.Limit.At(i), op.Stride.At(i); a > 0 || b < d || c > 1 {
			axes, start, limit, stride = append(axes, i), append(start, a), append(limit, b), append(stride, c)
		}
	}
	if len(axes) == 0 {
		return in
	}
	return []string{x.Add("Slice", []string{in[0], x.Constant(whole(start)), x.Constant(whole(limit)), x.Constant(whole(axes)), x.Constant(whole(stride))})}
}

func (op slice) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 1, anything); err != nil {
		return nil, err
	}
	out, rank := in[0], in[0].Shape.Rank()
	if op.Start.Len() != rank || op.Limit.Len() != rank || op.Stride.Len() != rank {
		return nil, fmt.Errorf("start %v, limit %v, stride %v for %d axes", op.Start, op.Limit, op.Stride, rank)
	}
	for i := range rank {
		start, limit, stride := op.Start.At(i), op.Limit.At(i), op.Stride.At(i)
		if start < 0 || limit < start || limit > in[0].Shape.Dim(i) || stride < 1 {
			return nil, fmt.Errorf("axis %d: %d to %d by %d of size %d", i, start, limit, stride, in[0].Shape.Dim(i))
		}
		out.Shape = out.Shape.With(i, steps(limit-start, stride))
	}
	return []tensor.Type{out}, nil
}

// steps is how many multiples of stride, from 0, lie below n.
func steps(n, stride int) int {
	if n == 0 {
		return 0
	}
	return (n-1)/stride + 1
}

// from is where the first element lies in x and the stride along each axis.
func (op slice) from(x tensor.Shape) (first int, strides [tensor.MaxRank]int) {
	strides = x.Strides()
	for i := range x.Rank() {
		first += op.Start.At(i) * strides[i]
		strides[i] *= op.Stride.At(i)
	}
	return first, strides
}

func (op slice) Ref(out, in []tensor.Wide) {
	first, st := op.from(in[0].Type.Shape)
	p := place{shape: out[0].Type.Shape}
	move(out[0], in[0], func(int) int {
		defer p.next()
		return first + p.dot(st)
	})
}

// VJP: g, spread out and with zeros around it.
func (op slice) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	from, to := n.In()[0].Shape(), n.Out()[0].Shape()
	if to.Size() == 0 {
		return []*graph.Node{nil}
	}
	high, interior := make([]int, from.Rank()), make([]int, from.Rank())
	for i := range high {
		interior[i] = min(op.Stride.At(i), from.Dim(i)) - 1
		high[i] = from.Dim(i) - op.Start.At(i) - (to.Dim(i)-1)*op.Stride.At(i) - 1
	}
	return []*graph.Node{Pad(ct[0], 0, op.Start.Slice(), high, interior)}
}

// Simplify: a slice of all is none, and slices of constants are constants.
func (op slice) Simplify(n *graph.Inst) []*graph.Node {
	x, y := n.In()[0], n.Out()[0]
	if x.Type() == y.Type() {
		return []*graph.Node{x}
	}
	if v, ok := fillOf(x); ok {
		return []*graph.Node{Like(y, v)}
	}
	return nil
}

// Permute implements graph.Permuter.
func (op slice) Permute(perm []int, in []tensor.Type) (graph.Op, bool) {
	return slice{op.Start.back(perm), op.Limit.back(perm), op.Stride.back(perm)}, len(perm) == op.Start.Len()
}

// Kernel implements graph.Kerneled.
func (op slice) Kernel(in, out []tensor.Type) *kernel.Code {
	first, st := op.from(in[0].Shape)
	return gather(out[0], first, st)
}

func init() {
	graph.Register(graph.Entry{
		Op:    slice{List(1, 0), List(4, 5), List(1, 2)},
		Doc:   "elements start, start+stride, … below limit of each axis",
		Large: large(slice{List(1, 0), List(1<<14, 1024), List(1, 1)}, tensor.F32(1<<14, 1024)),
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(5, 6)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Bool, Shape: tensor.Dims(5, 6)}}},
			{In: []tensor.Type{{DType: tensor.Float16, Shape: tensor.Dims(5, 6)}}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Int64, Shape: tensor.Dims(4, 5)}}, Low: -9, High: 9},
			{Of: slice{List(2, 1, 3), List(7, 1, 4), List(3, 1, 9)}, In: []tensor.Type{tensor.F32(8, 2, 9)}, Low: -3, High: 3},
			{Of: slice{List(2, 0, 3), List(7, 2, 40), List(3, 1, 1)}, In: []tensor.Type{tensor.F32(8, 2, 45)}, Low: -3, High: 3},
		},
	})
}
