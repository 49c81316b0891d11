package ops

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// GatherDims says which slices of x an array of indices stands for, as in XLA.
// The last axis of the indices holds one index: a number for each of Axes, where
// in x the slice begins. A slice that would not lie in x wholly is moved inside:
// numbers are clamped to [0, dim - size]. Nothing outside of x is ever touched.
//
// The axes of the gathered array are those of the indices but the last, and,
// at Offset, those of a slice which are neither Collapsed nor of a batch.
type GatherDims struct {
	Axes      Ints // the axes of x that the numbers of an index count along, in their order
	Size      Ints // of a slice along every axis of x
	Collapsed Ints // axes of x with slices of size 1 that the result does not have
	Offset    Ints // the axes of the result that are those of a slice, rising
	// BatchX and BatchIndices are axes that go in pairs: an index at place i of
	// its axis looks at place i of x. Slices have size 1 there; the indices
	// have at most as many places.
	BatchX, BatchIndices Ints
}

// gatherShape is how x, the indices and what is gathered lie over one another.
type gatherShape struct {
	x, indices, y tensor.Shape
	axes          []kernel.GatherAxis  // of y
	along         []kernel.GatherIndex // of the numbers of an index
	alone         [tensor.MaxRank]bool // axes of y along which x has another place for each
}

func (d GatherDims) shape(x, indices tensor.Shape) (s gatherShape, err error) {
	s.x, s.indices = x, indices
	if indices.Rank() == 0 || indices.Dim(-1) != d.Axes.Len() {
		return s, fmt.Errorf("indices %v, want a last axis of %d numbers", indices, d.Axes.Len())
	}
	hidden, err := d.hidden(x, indices)
	if err != nil {
		return s, err
	}
	if err := s.setAlong(d); err != nil {
		return s, err
	}
	return s, s.setAxes(d, hidden)
}

// hidden is the axes of x that the result does not have.
func (d GatherDims) hidden(x, indices tensor.Shape) (hidden axisSet, err error) {
	collapsed, err := exactAxes(d.Collapsed, x.Rank())
	if err != nil {
		return hidden, fmt.Errorf("collapsed: %w", err)
	}
	batchX, err := exactAxes(d.BatchX, x.Rank())
	if err != nil {
		return hidden, fmt.Errorf("batch of x: %w", err)
	}
	if _, err := exactAxes(d.BatchIndices, indices.Rank()-1); err != nil {
		return hidden, fmt.Errorf("batch of the indices: %w", err)
	}
	if d.BatchX.Len() != d.BatchIndices.Len() || d.Size.Len() != x.Rank() {
		return hidden, fmt.Errorf("batch axes %v and %v, slices %v of %d axes", d.BatchX, d.BatchIndices, d.Size, x.Rank())
	}
	for i := range d.BatchX.Len() {
		if a, b := d.BatchX.At(i), d.BatchIndices.At(i); indices.Dim(b) > x.Dim(a) {
			return hidden, fmt.Errorf("axis %d of the indices has %d places, axis %d of x has %d", b, indices.Dim(b), a, x.Dim(a))
		}
	}
	for i := range x.Rank() {
		hidden[i] = collapsed[i] || batchX[i]
		switch n := d.Size.At(i); {
		case n < 0 || n > x.Dim(i) && !hidden[i]:
			return hidden, fmt.Errorf("slices of %d along axis %d of %d", n, i, x.Dim(i))
		case hidden[i] && (n != 1 || collapsed[i] && batchX[i]):
			return hidden, fmt.Errorf("axis %d is collapsed or of a batch, once, with slices of size 1, not %d", i, n)
		}
	}
	return hidden, nil
}

// exactAxes is axesOf for axes that count from the first only.
func exactAxes(axes Ints, rank int) (axisSet, error) {
	for _, a := range axes.Slice() {
		if a < 0 {
			return axisSet{}, fmt.Errorf("axis %d", a)
		}
	}
	return axesOf(axes, rank)
}

// setAlong finds where the numbers of an index lead in x.
func (s *gatherShape) setAlong(d GatherDims) error {
	indexed, err := exactAxes(d.Axes, s.x.Rank())
	if err != nil {
		return fmt.Errorf("indexed: %w", err)
	}
	st := s.x.Strides()
	for _, a := range d.Axes.Slice() {
		s.along = append(s.along, kernel.GatherIndex{Stride: st[a], Limit: s.x.Dim(a) - d.Size.At(a)})
	}
	for i := range d.BatchX.Len() {
		if indexed[d.BatchX.At(i)] {
			return fmt.Errorf("axis %d is indexed and of a batch", d.BatchX.At(i))
		}
	}
	return nil
}

// setAxes finds the axes of y and where they lead.
func (s *gatherShape) setAxes(d GatherDims, hidden axisSet) error {
	var window []int // axes of x
	for i := range s.x.Rank() {
		if !hidden[i] {
			window = append(window, i)
		}
	}
	rank := len(window) + s.indices.Rank() - 1
	offset, err := exactAxes(d.Offset, min(rank, tensor.MaxRank))
	if err != nil || d.Offset.Len() != len(window) || rank > tensor.MaxRank || !slices.IsSorted(d.Offset.Slice()) {
		return fmt.Errorf("offset %v for %d axes of a slice among %d", d.Offset, len(window), rank)
	}
	xs, is := s.x.Strides(), s.indices.Strides()
	dims := make([]int, rank)
	s.axes = make([]kernel.GatherAxis, rank)
	next := 0 // axis of the indices
	for i := range rank {
		if offset[i] {
			a := window[0]
			window = window[1:]
			dims[i] = d.Size.At(a)
			s.axes[i] = kernel.GatherAxis{X: xs[a]}
			s.alone[i] = !slices.Contains(d.Axes.Slice(), a)
			continue
		}
		dims[i] = s.indices.Dim(next)
		s.axes[i] = kernel.GatherAxis{Index: is[next]}
		if k := slices.Index(d.BatchIndices.Slice(), next); k >= 0 {
			s.axes[i].X, s.alone[i] = xs[d.BatchX.At(k)], true
		}
		next++
	}
	if s.y, err = tensor.CheckedDims(dims...); err != nil {
		return err
	}
	for _, a := range s.along {
		if a.Limit < 0 && s.y.Size() > 0 {
			return fmt.Errorf("an axis of no place is indexed")
		}
	}
	ys := s.y.Strides()
	for i := range s.axes {
		s.axes[i].Size, s.axes[i].Y, s.axes[i].Alone = dims[i], ys[i], s.alone[i]
	}
	return nil
}

// each calls f with the offsets in y and in x of every gathered element, in
// row-major order of y.
func (s *gatherShape) each(indices []int64, f func(y, x int)) {
	p := place{shape: s.y}
	for y := range s.y.Size() {
		x, at := 0, 0
		for i, a := range s.axes {
			x += p.at[i] * a.X
			at += p.at[i] * a.Index
		}
		for k, a := range s.along {
			x += int(min(max(indices[at+k], 0), int64(a.Limit))) * a.Stride
		}
		f(y, x)
		p.next()
	}
}

// indexType asks for indices of int32 or int64.
func indexType(t tensor.Type) error {
	if t.DType != tensor.Int32 && t.DType != tensor.Int64 {
		return fmt.Errorf("indices have %v elements, want int32 or int64; convert them", t.DType)
	}
	return nil
}
