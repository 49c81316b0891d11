package ops

import "github.com/ihae/ihae/tensor"

// axisSet is a set of axes.
type axisSet = [tensor.MaxRank]bool

// not is the axes that are not in m.
func not(m axisSet) axisSet {
	for i := range m {
		m[i] = !m[i]
	}
	return m
}

// named lists the axes of m below rank.
func named(m axisSet, rank int) []int {
	axes := make([]int, 0, rank)
	for i := range rank {
		if m[i] {
			axes = append(axes, i)
		}
	}
	return axes
}

// project is the shape of the axes of s in keep alone, and the strides that
// lead from a place of s to the place of that shape it lies over.
func project(s tensor.Shape, keep axisSet) (strides [tensor.MaxRank]int, kept tensor.Shape) {
	n := 1
	for i := s.Rank() - 1; i >= 0; i-- {
		if keep[i] {
			strides[i] = n
			n *= s.Dim(i)
		}
	}
	var dims []int
	for _, i := range named(keep, s.Rank()) {
		dims = append(dims, s.Dim(i))
	}
	return strides, tensor.Dims(dims...)
}

// blank makes every element of the results 0, for definitions that add up.
func blank(out []tensor.Wide) {
	for _, w := range out {
		clear(w.F)
		clear(w.I)
	}
}

// lowest and highest are the ends of the range of an integer or bool type.
func lowest(d tensor.DType) int64 {
	if d.Kind() == tensor.KindInt {
		return -1 << (d.Bits() - 1)
	}
	return 0
}

func highest(d tensor.DType) int64 {
	switch d.Kind() {
	case tensor.KindInt:
		return 1<<(d.Bits()-1) - 1
	case tensor.KindUint:
		return 1<<d.Bits() - 1 // for uint64 all bits, which are -1
	}
	return 1
}
