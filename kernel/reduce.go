package kernel

import (
	"math"
	"unsafe"

	"github.com/ihae/ihae/tensor"
)

// ReduceOp is how elements are folded into one.
type ReduceOp uint8

// The ways to fold. And and Or fold masks.
const (
	ReduceSum ReduceOp = iota
	ReduceMax          // NaN if one element is NaN
	ReduceMin          // NaN if one element is NaN
	ReduceProd
	numReduceOps
	ReduceAnd
	ReduceOr
)

// ReduceSpec folds the middle axis of a space of [Outer Axis Inner] elements.
type ReduceSpec struct {
	Outer, Axis, Inner int
	Op                 ReduceOp
}

// vec is the instruction that folds two blocks, and the fold within a block.
func (o ReduceOp) vec() (vecOp, ReduceOp) {
	switch o {
	case ReduceMax, ReduceOr:
		return opMax, ReduceMax
	case ReduceMin, ReduceAnd:
		return opMin, ReduceMin
	case ReduceProd:
		return opMul, ReduceProd
	}
	return opAdd, ReduceSum
}

// identity is what folding no element gives.
func (o ReduceOp) identity() float32 {
	switch o {
	case ReduceMax:
		return float32(math.Inf(-1))
	case ReduceMin:
		return float32(math.Inf(1))
	case ReduceProd, ReduceAnd:
		return 1
	}
	return 0
}

// Reduce folds the middle axis of x.
//
// Operands: x [Outer Axis Inner] float32, bytes for And and Or; result [Outer
// Inner] of the same type.
func Reduce(s ReduceSpec) *Code {
	e, of := new(Expr), tensor.Float32
	if s.Op == ReduceAnd || s.Op == ReduceOr {
		of = tensor.Bool
	}
	n := s.Outer * s.Axis * s.Inner
	return FusedReduce(FusedSpec{
		Space: []int{n}, In: [][]int{{1}}, Expr: e, Out: []Reg{e.LoadOf(0, of)}, OutOf: []tensor.DType{of},
	}, s)
}

// FusedReduce folds the results of the expression of f, none of which is
// written: sums add up in blocks and then in pairs, in an order that depends on
// the sizes only. The space of f has Outer·Axis·Inner elements. It is nil where
// Fused is.
//
// Operands: as the Loads of the expression number them; results [Outer Inner],
// of the types that f.OutOf says.
func FusedReduce(f FusedSpec, s ReduceSpec) *Code {
	l := newLoop(f, false, vecForms.Best())
	if l == nil {
		return nil
	}
	r := newReducer(l, s)
	if l.n == 0 {
		return Serial(s.Outer*s.Inner, r.empty)
	}
	return r.code()
}

// reducer is a loop whose results are folded.
type reducer struct {
	*loop
	spec   ReduceSpec
	op     vecOp
	within ReduceOp
	width  int // elements of a panel: the block, or what is left of Inner
	panels int // panels that cover Inner, or a row where Inner is 1
	rows   int // rows of the width of a panel, for each outer index
	per    int // rows, or outer indices, of a piece
	chunks int // pieces of one outer index
}

// empty writes the identity: there is nothing to fold.
func (r *reducer) empty(a *Args) {
	id := r.spec.Op.identity()
	for k, s := range r.stores {
		out := a.Out[k]
		if s.size == 1 {
			for i := range out {
				out[i] = byte(id)
			}
			continue
		}
		for i := range out.F32() {
			out.F32()[i] = id
		}
	}
}

// newReducer chooses between two ways: folding within rows (Inner is 1 and
// there are several rows), and folding rows onto one another.
func newReducer(l *loop, s ReduceSpec) *reducer {
	r := &reducer{loop: l, spec: s}
	r.op, r.within = s.Op.vec()
	if l.n == 0 {
		return r
	}
	if s.Inner == 1 && s.Outer > 1 {
		r.alignRows()
	} else {
		r.alignColumns()
	}
	return r
}

// fold folds groups groups of width elements at p onto the first, in pairs.
func (r *reducer) fold(p unsafe.Pointer, groups, width int) {
	for groups > 1 {
		half := groups / 2
		keep := groups - half
		r.vec.op[r.op](p, p, at(p, keep*width), nil, half*width)
		groups = keep
	}
}

// write stores n elements of result k from element i on.
func (r *reducer) write(out []Memory, k, i int, src unsafe.Pointer, n int) {
	s := r.stores[k]
	r.vec.op[s.op](unsafe.Add(base(out[k]), i*s.size), src, nil, nil, n)
}

func (r *reducer) code() *Code {
	if r.spec.Inner == 1 && r.spec.Outer > 1 {
		return r.rowsCode()
	}
	return r.columnsCode()
}
