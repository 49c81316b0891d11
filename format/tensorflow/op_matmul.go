package tensorflow

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ihae/ihae/format/onnx"
)

func init() {
	register(func(k *call) error { return k.matmul("transpose_a", "transpose_b") }, "MatMul")
	register(func(k *call) error { return k.matmul("adj_x", "adj_y") }, "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")
	register((*call).einsum, "Einsum")
	register((*call).bandPart, "MatrixBandPart")
}

// matmul multiplies matrices, or stacks of them, of which either may be given
// transposed.
func (k *call) matmul(first, second string) error {
	if err := k.takes(2); err != nil {
		return err
	}
	a, an, err := k.matrix(0, k.flag(first, false))
	if err != nil {
		return err
	}
	b, bn, err := k.matrix(1, k.flag(second, false))
	if err != nil {
		return err
	}
	s := anyShape
	if ra, rb := a.rank(), b.rank(); ra >= 2 && rb >= 2 {
		s = broadcast(dimsOf(a.dims[:ra-2]...), dimsOf(b.dims[:rb-2]...))
		s = dimsOf(append(slices.Clone(s.dims), a.dims[ra-2], b.dims[rb-1])...)
	}
	return k.give(k.in[0].typ, s, "MatMul", []string{an, bn})
}

// matrix is input i, transposed where that is asked for.
func (k *call) matrix(i int, turned bool) (shape, string, error) {
	v := k.in[i]
	if !turned {
		return v.shape, k.use(v), nil
	}
	rank := v.shape.rank()
	if rank < 0 && k.n.Op == "MatMul" {
		rank = 2
	}
	if rank < 2 {
		return anyShape, "", fmt.Errorf("input %d has %d axes", i, rank)
	}
	perm := make([]int, rank)
	for a := range perm {
		perm[a] = a
	}
	perm[rank-1], perm[rank-2] = rank-2, rank-1
	return v.shape.permuted(perm), k.transposed(v, perm...), nil
}

// einsum sums products over the letters that the result has not.
func (k *call) einsum() error {
	if err := k.takes(1); err != nil {
		return err
	}
	equation := k.text("equation", "")
	return k.give(k.in[0].typ, einsumShape(equation, k.in), "Einsum", k.names(), onnx.String("equation", equation))
}

// einsumShape is the shape of the result, if the equation names all axes.
func einsumShape(equation string, in []*value) shape {
	equation = strings.ReplaceAll(equation, " ", "")
	left, right, ok := strings.Cut(equation, "->")
	terms := strings.Split(left, ",")
	if !ok || strings.Contains(equation, ".") || len(terms) != len(in) {
		return anyShape
	}
	sizes := map[rune]int{}
	for i, term := range terms {
		for a, letter := range []rune(term) {
			if d := in[i].shape.dim(a); d != unknown {
				sizes[letter] = d
			}
		}
	}
	dims := []int{}
	for _, letter := range right {
		d, ok := sizes[letter]
		if !ok {
			d = unknown
		}
		dims = append(dims, d)
	}
	return dimsOf(dims...)
}

// bandPart keeps so many diagonals below and above the main one; a negative
// number keeps all.
func (k *call) bandPart() error {
	below, err := k.constInts(1)
	if err != nil {
		return err
	}
	above, err := k.constInts(2)
	if err != nil {
		return err
	}
	if len(below) != 1 || len(above) != 1 {
		return fmt.Errorf("diagonals %v and %v", below, above)
	}
	x := k.in[0]
	name := k.use(x)
	if below[0] >= 0 {
		name = k.node("Trilu", []string{name, k.b.Init(k.n.Name+":constant", scalarInt64(-below[0]))}, onnx.Int("upper", 1))
	}
	if above[0] >= 0 {
		name = k.node("Trilu", []string{name, k.b.Init(k.n.Name+":constant", scalarInt64(above[0]))}, onnx.Int("upper", 0))
	}
	return k.give(x.typ, x.shape, "Identity", []string{name})
}
