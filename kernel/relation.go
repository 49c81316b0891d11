package kernel

import "github.com/ihae/ihae/tensor"

// Relation is a relation of two numbers.
type Relation uint8

// The relations.
const (
	RelationEq Relation = iota
	RelationNe
	RelationLt
	RelationLe
)

// Compare is 1 where the relation holds between float64 numbers or integers and 0
// elsewhere. It is nil for other types.
//
// Operands: a [n], b [n], in the other order with swap; result bytes [n].
func Compare(r Relation, swap bool, d tensor.DType, n int) *Code {
	switch d {
	case tensor.Float64:
		return compared[float64](r, swap, 8, n)
	case tensor.Int8:
		return compared[int8](r, swap, 1, n)
	case tensor.Int16:
		return compared[int16](r, swap, 2, n)
	case tensor.Int32:
		return compared[int32](r, swap, 4, n)
	case tensor.Int64:
		return compared[int64](r, swap, 8, n)
	case tensor.Uint8:
		return compared[uint8](r, swap, 1, n)
	case tensor.Uint16:
		return compared[uint16](r, swap, 2, n)
	case tensor.Uint32:
		return compared[uint32](r, swap, 4, n)
	case tensor.Uint64:
		return compared[uint64](r, swap, 8, n)
	}
	return nil
}

func compared[T number](r Relation, swap bool, size, n int) *Code {
	run := [...]func(z []byte, x, y []T){equals[T], differs[T], isLess[T], isAtMost[T]}[r]
	return pairwise(n, size, func(a *Args, lo, hi int) {
		x, y := see[T](a.In[0])[lo:hi], see[T](a.In[1])[lo:hi]
		if swap {
			x, y = y, x
		}
		run(a.Out[0][lo:hi][:len(x)], x, y[:len(x)])
	})
}

func equals[T number](z []byte, x, y []T) {
	for i, v := range x {
		z[i] = truth(v == y[i])
	}
}

func differs[T number](z []byte, x, y []T) {
	for i, v := range x {
		z[i] = truth(v != y[i])
	}
}

func isLess[T number](z []byte, x, y []T) {
	for i, v := range x {
		z[i] = truth(v < y[i])
	}
}

func isAtMost[T number](z []byte, x, y []T) {
	for i, v := range x {
		z[i] = truth(v <= y[i])
	}
}

// truth is 1 for true, without a branch.
func truth(b bool) byte {
	if b {
		return 1
	}
	return 0
}
