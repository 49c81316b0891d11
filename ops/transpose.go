package ops

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Transpose permutes axes: axis i of the result is axis perm[i] of x. Without
// perm the order of all axes is reversed.
func Transpose(x *graph.Node, perm ...int) *graph.Node {
	if perm == nil {
		for i := x.Shape().Rank() - 1; i >= 0; i-- {
			perm = append(perm, i)
		}
	}
	return graph.Apply1(transpose{List(perm...)}, x)
}

type transpose struct{ Perm Ints }

func (transpose) Name() string { return "transpose" }

// Export implements graph.Exporter.
func (op transpose) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{x.Add("Transpose", in, graph.Attribute{Name: "perm", Value: op.Perm.Slice()})}
}

func (op transpose) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 1, anything); err != nil {
		return nil, err
	}
	rank := in[0].Shape.Rank()
	if op.Perm.Len() != rank {
		return nil, fmt.Errorf("permutation %v of %d axes", op.Perm, rank)
	}
	out, seen := in[0], [tensor.MaxRank]bool{}
	for i, a := range op.Perm.Slice() {
		if a < 0 || a >= rank || seen[a] {
			return nil, fmt.Errorf("%v is no permutation of %d axes", op.Perm, rank)
		}
		seen[a] = true
		out.Shape = out.Shape.With(i, in[0].Shape.Dim(a))
	}
	return []tensor.Type{out}, nil
}

// Permutation says which axis of the operand each axis of the result is.
func (op transpose) Permutation() []int { return op.Perm.Slice() }

// WithPermutation is the transposition by another permutation.
func (transpose) WithPermutation(perm []int) graph.Op { return transpose{List(perm...)} }

// Strides is the operand's stride along each axis of the result.
func (op transpose) Strides(in tensor.Shape) [tensor.MaxRank]int {
	var st [tensor.MaxRank]int
	from := in.Strides()
	for i, a := range op.Perm.Slice() {
		st[i] = from[a]
	}
	return st
}

func (op transpose) Ref(out, in []tensor.Wide) {
	st, p := op.Strides(in[0].Type.Shape), place{shape: out[0].Type.Shape}
	move(out[0], in[0], func(int) int {
		defer p.next()
		return p.dot(st)
	})
}

// VJP: g, permuted back.
func (op transpose) VJP(ct []*graph.Node, _ *graph.Inst) []*graph.Node {
	return []*graph.Node{Transpose(ct[0], inverse(op.Perm.Slice())...)}
}

// Simplify: two permutations are one, none is needed for constants, one that moves
// only axes of size one past others is a reshape, and what is repeated is permuted
// before.
func (op transpose) Simplify(n *graph.Inst) []*graph.Node {
	x, y := n.In()[0], n.Out()[0]
	if v, ok := fillOf(x); ok {
		return []*graph.Node{Like(y, v)}
	}
	if op.still(x.Shape()) {
		return []*graph.Node{Reshape(x, y.Shape())}
	}
	if first, ok := x.Op().(transpose); ok {
		perm := op.Perm.Slice()
		for i, a := range perm {
			perm[i] = first.Perm.At(a)
		}
		return []*graph.Node{Transpose(x.In()[0], perm...)}
	}
	if repeated, ok := x.Op().(broadcastInDim); ok {
		return []*graph.Node{op.before(repeated, x.In()[0], y.Shape())}
	}
	return nil
}

// before is the transposition of x, repeated to the shape, as a repetition of a
// transposition.
func (op transpose) before(repeated broadcastInDim, x *graph.Node, shape tensor.Shape) *graph.Node {
	inv := inverse(op.Perm.Slice())
	axes, order := make([]int, x.Shape().Rank()), make([]int, x.Shape().Rank())
	for i := range axes {
		axes[i], order[i] = inv[repeated.Axes.At(i)], i
	}
	slices.SortFunc(order, func(i, j int) int { return axes[i] - axes[j] })
	slices.Sort(axes)
	if !slices.IsSorted(order) {
		x = Transpose(x, order...)
	}
	return BroadcastInDim(x, shape, axes...)
}

// still says whether the elements of a tensor of shape s stay where they are in
// memory.
func (op transpose) still(s tensor.Shape) bool {
	if s.Size() == 0 {
		return true
	}
	last := -1
	for _, a := range op.Perm.Slice() {
		if s.Dim(a) == 1 {
			continue
		}
		if a < last {
			return false
		}
		last = a
	}
	return true
}

// Permute implements graph.Permuter.
func (op transpose) Permute(perm []int, _ []tensor.Type) (graph.Op, bool) {
	q := make([]int, len(perm))
	for i, p := range perm {
		q[p] = perm[op.Perm.At(i)]
	}
	return transpose{List(q...)}, true
}

// inverse is the permutation that undoes perm.
func inverse(perm []int) []int {
	inv := make([]int, len(perm))
	for i, a := range perm {
		inv[a] = i
	}
	return inv
}

// Kernel implements graph.Kerneled.
func (op transpose) Kernel(in, out []tensor.Type) *kernel.Code {
	return gather(out[0], 0, op.Strides(in[0].Shape))
}

func init() {
	graph.Register(graph.Entry{
		Op:  transpose{List(2, 0, 1)},
		Doc: "axis i of the result is axis perm[i] of x",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(2, 3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(2, 0, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Uint8, Shape: tensor.Dims(9, 10, 3)}}, Low: 0, High: 256},
			{Of: transpose{List()}, In: []tensor.Type{tensor.F32()}, Low: -3, High: 3},
			{Of: transpose{List(1, 0)}, In: []tensor.Type{tensor.F32(33, 18)}, Low: -3, High: 3},
			{Of: transpose{List(1, 0)}, In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(3, 7)}}, Low: -3, High: 3},
			{Of: transpose{List(1, 0, 2)}, In: []tensor.Type{tensor.F32(1, 4, 3)}, Low: -3, High: 3},
			{Of: transpose{List(0, 3, 1, 2)}, In: []tensor.Type{{DType: tensor.Int16, Shape: tensor.Dims(2, 4, 5, 3)}}, Low: -9, High: 9},
		},
	})
}
