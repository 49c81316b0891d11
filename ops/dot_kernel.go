package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Kernel implements graph.Kerneled: a product of matrices that lie in memory by
// strides.
func (op dotGeneral) Kernel(in, _ []tensor.Type) *kernel.Code {
	d, err := op.of(in[0].Shape, in[1].Shape)
	if err != nil {
		return nil
	}
	d = d.ordered(in[0].Shape)
	a, okA := matrixOf(in[0].Shape, d.batchA, d.freeA, d.contractA)
	b, okB := matrixOf(in[1].Shape, d.batchB, d.contractB, d.freeB)
	if !okA || !okB {
		return nil
	}
	s := kernel.GemmSpec{
		Batch: max(a.size[0], 1), M: a.size[1], K: a.size[2], N: b.size[2],
		ABatch: a.stride[0], ARow: a.stride[1], ACol: a.stride[2],
		BBatch: b.stride[0], BRow: b.stride[1], BCol: b.stride[2],
		CBatch: a.size[1] * b.size[2], CRow: b.size[2],
	}
	if in[0].DType == tensor.Float32 {
		return kernel.Gemm(s)
	}
	return kernel.GemmNumbers(s, in[0].DType)
}

// ordered puts the contracted pairs in the order in which a's lie in memory, or
// b's if a's cannot be one axis.
func (d dims) ordered(a tensor.Shape) dims {
	inA := matching(d.contractA, d.contractA)
	if _, _, ok := merged(a, inA); ok {
		d.contractA, d.contractB = inA, matching(d.contractA, d.contractB)
	} else {
		d.contractA, d.contractB = matching(d.contractB, d.contractA), matching(d.contractB, d.contractB)
	}
	return d
}

// matrix is an operand as [batch rows columns].
type matrix struct{ size, stride [3]int }

// matrixOf merges each group of axes into one; ok is false if one cannot be.
func matrixOf(s tensor.Shape, groups ...[]int) (m matrix, ok bool) {
	for i, g := range groups {
		if m.size[i], m.stride[i], ok = merged(s, g); !ok {
			return m, false
		}
	}
	return m, true
}

// merged sees axes as one, the first outermost; ok is false if no single stride
// leads through them.
func merged(s tensor.Shape, axes []int) (size, stride int, ok bool) {
	size, stride = 1, 1
	strides := s.Strides()
	for i := len(axes) - 1; i >= 0; i-- {
		a, d := axes[i], s.Dim(axes[i])
		switch {
		case d == 1:
			continue
		case size == 1:
			stride = strides[a]
		case strides[a] != size*stride && s.Size() > 0:
			return 0, 0, false
		}
		size *= d
	}
	return size, stride, true
}

// Simplify implements graph.Simplifier: an operand whose axes do not lie so
// that they make a matrix is transposed first.
func (op dotGeneral) Simplify(n *graph.Inst) []*graph.Node {
	a, b := n.In()[0], n.In()[1]
	d, err := op.of(a.Shape(), b.Shape())
	if err != nil {
		return nil
	}
	d = d.ordered(a.Shape())
	nb, nk := len(d.batchA), len(d.contractA)
	_, okA := matrixOf(a.Shape(), d.batchA, d.freeA, d.contractA)
	_, okB := matrixOf(b.Shape(), d.batchB, d.contractB, d.freeB)
	if okA && okB {
		return nil
	}
	to := DotDims{List(d.batchA...), List(d.batchB...), List(d.contractA...), List(d.contractB...)}
	if !okA {
		a = Transpose(a, append(append(append([]int{}, d.batchA...), d.freeA...), d.contractA...)...)
		to.BatchA, to.ContractA = List(numbered(0, nb)...), List(numbered(nb+len(d.freeA), nk)...)
	}
	if !okB {
		b = Transpose(b, append(append(append([]int{}, d.batchB...), d.contractB...), d.freeB...)...)
		to.BatchB, to.ContractB = List(numbered(0, nb)...), List(numbered(nb, nk)...)
	}
	return []*graph.Node{DotGeneral(a, b, to)}
}
