package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// MatMul is the matrix product [… M K]·[… K N] → [… M N]. Leading axes are a
// batch and broadcast. An operand of one axis is a row on the left, a column on
// the right, as in NumPy's matmul. With a plain matrix on the right the
// leading axes of a are rows.
func MatMul(a, b *graph.Node) *graph.Node {
	ra, rb := a.Shape().Rank(), b.Shape().Rank()
	if ra == 0 || rb == 0 {
		a.Graph().Fail("matmul", fmt.Errorf("%v and %v: a scalar is no matrix", a.Type(), b.Type()))
		return a
	}
	if rb <= 2 {
		return DotGeneral(a, b, DotDims{ContractA: List(ra - 1), ContractB: List(0)})
	}
	if ra == 1 {
		return DotGeneral(a, b, DotDims{ContractA: List(0), ContractB: List(rb - 2)})
	}
	a, b, ok := sameBatch(a, b)
	if !ok {
		a.Graph().Fail("matmul", fmt.Errorf("the batches of %v and %v do not broadcast", a.Type(), b.Type()))
		return a
	}
	rank := a.Shape().Rank()
	batch := List(numbered(0, rank-2)...)
	return DotGeneral(a, b, DotDims{batch, batch, List(rank - 1), List(rank - 2)})
}

// sameBatch stretches all axes but the last two to one shape.
func sameBatch(a, b *graph.Node) (x, y *graph.Node, ok bool) {
	da, db := a.Shape().Dims(), b.Shape().Dims()
	batchA, batchB := da[:len(da)-2], db[:len(db)-2]
	batch := make([]int, max(len(batchA), len(batchB)))
	for i := range batch {
		p, q := fromEnd(batchA, len(batch)-i), fromEnd(batchB, len(batch)-i)
		if p != q && p != 1 && q != 1 {
			return a, b, false
		}
		if batch[i] = p; p == 1 {
			batch[i] = q
		}
	}
	to := func(m *graph.Node, last []int) *graph.Node {
		return stretch(m, tensor.Dims(append(append([]int{}, batch...), last...)...))
	}
	return to(a, da[len(da)-2:]), to(b, db[len(db)-2:]), true
}

// fromEnd is the i-th size from the end, 1 where there is none.
func fromEnd(sizes []int, i int) int {
	if i > len(sizes) {
		return 1
	}
	return sizes[len(sizes)-i]
}
