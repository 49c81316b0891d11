package ops

import (
	"fmt"

	"github.com/ihae/ihae/tensor"
)

// Ints is a list of whole numbers as an attribute of an operation: axes, sizes,
// paddings. It is comparable.
type Ints struct {
	n int8
	v [tensor.MaxRank]int
}

// List makes an Ints. A list that is longer than any shape counts one number
// more than the largest rank, so that no operation accepts it.
func List(v ...int) Ints {
	l := Ints{n: int8(min(len(v), tensor.MaxRank+1))}
	copy(l.v[:], v)
	return l
}

// Repeat is the list of n times v.
func Repeat(v, n int) Ints {
	l := Ints{n: int8(min(max(n, 0), tensor.MaxRank+1))}
	for i := range l.Slice() {
		l.v[i] = v
	}
	return l
}

// Len is how many numbers there are.
func (l Ints) Len() int { return int(l.n) }

// At is number i.
func (l Ints) At(i int) int { return l.v[i] }

// Slice is the numbers as a slice of its own.
func (l Ints) Slice() []int { return append([]int(nil), l.v[:min(int(l.n), tensor.MaxRank)]...) }

// String writes l as [1 2].
func (l Ints) String() string { return fmt.Sprint(l.Slice()) }

// axesOf turns axes, which may count from the last, into a mask over rank axes.
// It refuses axes that are out of range or named twice.
func axesOf(axes Ints, rank int) (mask [tensor.MaxRank]bool, err error) {
	if axes.Len() > rank {
		return mask, fmt.Errorf("%d axes named of %d", axes.Len(), rank)
	}
	for _, a := range axes.Slice() {
		i := a
		if i < 0 {
			i += rank
		}
		if i < 0 || i >= rank {
			return mask, fmt.Errorf("axis %d of %d", a, rank)
		}
		if mask[i] {
			return mask, fmt.Errorf("axis %d is named twice", a)
		}
		mask[i] = true
	}
	return mask, nil
}

// back is the list of which l is what perm makes: number perm[i] of the result
// is number i of l.
func (l Ints) back(perm []int) Ints {
	b := l
	for i, p := range perm {
		b.v[p] = l.v[i]
	}
	return b
}
