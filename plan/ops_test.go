package plan_test

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// Operations of the tests' own, with the abilities that plans ask for.
var (
	_ plan.Transposer   = axes{}
	_ plan.Strided      = repeated{}
	_ plan.Folding      = rowSum{}
	_ graph.Elementwise = double{}
	_ graph.Absorber    = halves{}
	_ graph.Kerneled    = opaque{}
)

// axes is a transposition: the digits of Perm.
type axes struct{ Perm string }

func (axes) Name() string { return "axes" }

func (op axes) Infer(in []tensor.Type) ([]tensor.Type, error) {
	t := in[0]
	for i, a := range op.Permutation() {
		t.Shape = t.Shape.With(i, in[0].Shape.Dim(a))
	}
	return []tensor.Type{t}, nil
}

func (op axes) Ref(out, in []tensor.Wide) {
	st, from := out[0].Type.Shape.Strides(), in[0].Type.Shape.Strides()
	for i := range out[0].F {
		rest, at := i, 0
		for k, a := range op.Permutation() {
			at += rest / st[k] * from[a]
			rest %= st[k]
		}
		out[0].F[i] = in[0].F[at]
	}
}

func (op axes) Permutation() []int {
	var p []int
	for _, c := range op.Perm {
		p = append(p, int(c-'0'))
	}
	return p
}

func (op axes) WithPermutation(perm []int) graph.Op {
	op.Perm = ""
	for _, a := range perm {
		op.Perm += fmt.Sprint(a)
	}
	return op
}

// repeated is x, N times behind itself along a new first axis.
type repeated struct{ N int }

func (repeated) Name() string { return "repeated" }

func (op repeated) Infer(in []tensor.Type) ([]tensor.Type, error) {
	dims := append([]int{op.N}, in[0].Shape.Dims()...)
	return []tensor.Type{{DType: in[0].DType, Shape: tensor.Dims(dims...)}}, nil
}

func (op repeated) Ref(out, in []tensor.Wide) {
	for i := range out[0].F {
		out[0].F[i] = in[0].F[i%len(in[0].F)]
	}
}

func (repeated) Strides(in tensor.Shape) (st [tensor.MaxRank]int) {
	from := in.Strides()
	copy(st[1:], from[:in.Rank()])
	return st
}

// rowSum sums along the last axis.
type rowSum struct{}

func (rowSum) Name() string { return "row-sum" }

func (rowSum) Infer(in []tensor.Type) ([]tensor.Type, error) {
	return []tensor.Type{{DType: in[0].DType, Shape: in[0].Shape.Without(-1)}}, nil
}

func (rowSum) Ref(out, in []tensor.Wide) {
	k := in[0].Type.Shape.Dim(-1)
	for i, x := range in[0].F {
		out[0].F[i/k] += x
	}
}

func (rowSum) Fold(in tensor.Type) (kernel.ReduceSpec, bool) {
	k := in.Shape.Dim(-1)
	return kernel.ReduceSpec{Outer: in.Shape.Size() / k, Axis: k, Inner: 1, Op: kernel.ReduceSum}, true
}

// double is 2·x.
type double struct{}

func (double) Name() string { return "double" }

func (double) Infer(in []tensor.Type) ([]tensor.Type, error) { return in[:1], nil }

func (double) Ref(out, in []tensor.Wide) {
	for i, x := range in[0].F {
		out[0].F[i] = 2 * x
	}
}

func (double) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Add(in[0], in[0]), true
}

// halves is x/2·2^Doubled, and x: it takes on operations double behind it.
type halves struct{ Doubled int }

func (halves) Name() string { return "halves" }

func (halves) Infer(in []tensor.Type) ([]tensor.Type, error) {
	return []tensor.Type{in[0], in[0]}, nil
}

func (op halves) Ref(out, in []tensor.Wide) {
	for i, x := range in[0].F {
		out[0].F[i], out[1].F[i] = x/2*float64(int(1)<<op.Doubled), x
	}
}

func (op halves) Absorb(_, user *graph.Inst) (graph.Op, []*graph.Node, bool) {
	_, ok := user.Op().(double)
	return halves{op.Doubled + 1}, nil, ok
}

// opaque is x itself, computed by code of its own; ops of another Of are others.
type opaque struct{ Of int }

func (opaque) Name() string { return "opaque" }

func (opaque) Infer(in []tensor.Type) ([]tensor.Type, error) { return in[:1], nil }

func (opaque) Ref(out, in []tensor.Wide) { copy(out[0].F, in[0].F) }

func (opaque) Kernel(in, _ []tensor.Type) *kernel.Code {
	return kernel.Serial(1, func(a *kernel.Args) { copy(a.Out[0], a.In[0]) })
}
