package caffe

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
)

// The layers that only move numbers.
func init() {
	register("Flatten", (*step).flatten)
	register("Reshape", (*step).reshape)
	register("Permute", (*step).permute)
	register("Concat", (*step).concat)
	register("Slice", (*step).slice)
	register("Crop", (*step).crop)
	register("Tile", (*step).tile)
	register("ShuffleChannel", (*step).shuffle)
	register("Split", func(s *step) error {
		if err := s.takes(1, 0); err != nil {
			return err
		}
		for _, top := range s.tops {
			s.t.values[top] = s.in[0]
			s.t.order = append(s.t.order, top)
			s.t.taken[top] = false
			s.written++
		}
		return nil
	})
}

// flatten makes one axis of those from axis to end_axis.
func (s *step) flatten() error {
	if err := s.takes(1, 1); err != nil {
		return err
	}
	x := s.in[0]
	p := s.p.child("flatten_param")
	from, err := s.axis(p.int("axis", 1))
	if err != nil {
		return err
	}
	to, err := s.axis(p.int("end_axis", -1))
	if err != nil {
		return err
	}
	if to < from {
		return fmt.Errorf("axes %d to %d", from, to)
	}
	dims := append(slices.Clone(x.dims[:from]), product(x.dims[from:to+1]))
	if dims = append(dims, x.dims[to+1:]...); from == 1 && len(dims) == 2 {
		return s.out(dims, "Flatten", []string{x.name}, onnx.Int("axis", 1))
	}
	return s.reshapeTo(dims)
}

// reshapeTo ends the layer with a Reshape of its bottom.
func (s *step) reshapeTo(dims []int) error {
	list, err := s.shape(s.in[0].dims, dims)
	if err != nil {
		return err
	}
	return s.out(dims, "Reshape", []string{s.in[0].name, s.ints("shape", list...)})
}

// reshape gives num_axes axes from axis on new sizes: 0 is the old size, one may
// be -1, what is left.
func (s *step) reshape() error {
	if err := s.takes(1, 0); err != nil {
		return err
	}
	x := s.in[0]
	p := s.p.child("reshape_param")
	var shape []int
	for _, f := range p.child("shape").values("dim") {
		shape = append(shape, p.integer(f))
	}
	axis, axes := p.int("axis", 0), p.int("num_axes", -1)
	if axis < 0 {
		axis += len(x.dims) + 1
	}
	end := axis + axes
	if axes == -1 {
		end = len(x.dims)
	}
	switch {
	case *p.err != nil:
		return *p.err
	case axis < 0 || end < axis || end > len(x.dims):
		return fmt.Errorf("axes %d to %d of a blob with %d", axis, end, len(x.dims))
	case len(shape) > maxAxes:
		return fmt.Errorf("%d axes, at most %d", len(shape), maxAxes)
	}
	dims, inferred := slices.Clone(x.dims[:axis]), -1
	for i, d := range shape {
		switch {
		case d == 0 && axis+i >= len(x.dims):
			return fmt.Errorf("size %d is that of an axis which a blob with %d axes has not", i, len(x.dims))
		case d == 0:
			d = x.dims[axis+i]
		case d == -1 && inferred < 0:
			inferred = axis + i
			d = 1
		case d < 0:
			return fmt.Errorf("new sizes %v", shape)
		}
		dims = append(dims, d)
	}
	return s.inferred(append(dims, x.dims[end:]...), inferred)
}

// inferred ends a reshape: the size at an axis, unless that is negative, is what
// the others leave.
func (s *step) inferred(dims []int, axis int) error {
	x := s.in[0].dims
	before, after := product(x), product(dims)
	if len(x) > 0 && len(dims) > 0 && x[0] < open && x[0] == dims[0] {
		before, after = product(x[1:]), product(dims[1:]) // of each example
	}
	fits := before == after || before < 0 || after < 0
	if axis >= 0 {
		dims[axis] = open
		if before >= 0 && after > 0 {
			dims[axis], fits = before/after, before%after == 0
		}
	}
	if !fits {
		return fmt.Errorf("a blob of shape %s cannot become %s", sizes(x), sizes(dims))
	}
	return s.reshapeTo(dims)
}

// permute puts axes in another order; those that are not named follow.
func (s *step) permute() error {
	if err := s.takes(1, 1); err != nil {
		return err
	}
	x := s.in[0]
	order := s.p.child("permute_param").ints("order")
	for i := range x.dims {
		if !slices.Contains(order, i) && len(order) <= len(x.dims) {
			order = append(order, i)
		}
	}
	var dims []int
	for _, a := range order {
		if a < 0 || a >= len(x.dims) || len(order) != len(x.dims) {
			return fmt.Errorf("order %v of a blob with %d axes", order, len(x.dims))
		}
		dims = append(dims, x.dims[a])
	}
	return s.out(dims, "Transpose", []string{x.name}, onnx.Ints("perm", int64s(order)...))
}

// concat joins blobs along an axis.
func (s *step) concat() error {
	if len(s.in) == 0 || len(s.in[0].dims) == 0 {
		return fmt.Errorf("no bottom with axes")
	}
	p := s.p.child("concat_param")
	axis, err := s.axis(p.int("axis", p.int("concat_dim", 1)))
	if err != nil {
		return err
	}
	dims, names := slices.Clone(s.in[0].dims), []string{}
	for i, v := range s.in {
		names = append(names, v.name)
		if i == 0 {
			continue
		}
		if len(v.dims) != len(dims) || !sameSizes(v.dims[:axis], dims[:axis]) || !sameSizes(v.dims[axis+1:], dims[axis+1:]) {
			return fmt.Errorf("blobs of shapes %s and %s along axis %d", sizes(s.in[0].dims), sizes(v.dims), axis)
		}
		if dims[axis] >= 0 && v.dims[axis] >= 0 {
			dims[axis] += v.dims[axis]
		} else {
			dims[axis] = open
		}
	}
	return s.out(dims, "Concat", names, onnx.Int("axis", int64(axis)))
}

// slice cuts a blob along an axis, at the given places or into equal parts.
func (s *step) slice() error {
	if err := s.takes(1, 1); err != nil {
		return err
	}
	x := s.in[0]
	p := s.p.child("slice_param")
	points := p.ints("slice_point")
	axis, err := s.axis(p.int("axis", p.int("slice_dim", 1)))
	if err != nil {
		return err
	}
	size, err := known(x.dims[axis : axis+1])
	switch {
	case err != nil:
		return err
	case len(s.tops) == 0:
		return fmt.Errorf("no top")
	case len(points) == 0 && size%len(s.tops) != 0, len(points) > 0 && len(points) != len(s.tops)-1:
		return fmt.Errorf("size %d in %d parts with %d places to cut", size, len(s.tops), len(points))
	}
	if len(points) == 0 {
		for i := 1; i < len(s.tops); i++ {
			points = append(points, i*(size/len(s.tops)))
		}
	}
	parts, at := []int{}, 0
	for _, end := range append(points, size) {
		if end <= at || end > size {
			return fmt.Errorf("cut at %v of size %d", points, size)
		}
		parts, at = append(parts, end-at), end
	}
	n := &onnx.Node{Op: "Split", Name: s.t.node(s.name), Attrs: []onnx.Attr{onnx.Int("axis", int64(axis))},
		In: []string{x.name, s.ints("split", parts...)}}
	for _, part := range parts {
		dims := slices.Clone(x.dims)
		dims[axis] = part
		n.Out = append(n.Out, s.top(dims))
	}
	s.b.AddNode(n, len(parts))
	return nil
}

// crop cuts a blob, from an axis on, to the sizes of the second.
func (s *step) crop() error {
	if err := s.takes(2, 1); err != nil {
		return err
	}
	x, like := s.in[0], s.in[1]
	p := s.p.child("crop_param")
	offsets := p.ints("offset")
	axis, err := s.axis(p.int("axis", 2))
	if err != nil {
		return err
	}
	n := len(x.dims) - axis
	if len(offsets) == 0 {
		offsets = []int{0}
	}
	if len(offsets) == 1 {
		offsets = slices.Repeat(offsets, n)
	}
	if len(offsets) != n || len(like.dims) != len(x.dims) {
		return fmt.Errorf("%d offsets for %d axes, blobs with %d and %d axes", len(offsets), n, len(x.dims), len(like.dims))
	}
	dims, axes, ends := append(slices.Clone(x.dims[:axis]), like.dims[axis:]...), []int{}, []int{}
	for i, o := range offsets {
		a := axis + i
		if o < 0 || x.dims[a] >= 0 && (o > x.dims[a] || like.dims[a] >= 0 && o+like.dims[a] > x.dims[a]) {
			return fmt.Errorf("%d of %d from %d on axis %d", like.dims[a], x.dims[a], o, a)
		}
		axes, ends = append(axes, a), append(ends, o+like.dims[a])
	}
	end := ""
	if _, err := known(like.dims[axis:]); err == nil {
		end = s.ints("ends", ends...)
	} else {
		size := s.node("Shape", []string{like.name}, onnx.Int("start", int64(axis)))
		end = s.node("Add", []string{size, s.ints("offset", offsets...)})
	}
	return s.out(dims, "Slice", []string{x.name, s.ints("starts", offsets...), end, s.ints("axes", axes...)})
}

// tile repeats a blob along an axis.
func (s *step) tile() error {
	if err := s.takes(1, 1); err != nil {
		return err
	}
	x := s.in[0]
	p := s.p.child("tile_param")
	tiles := p.size("tiles", 1, 1)
	axis, err := s.axis(p.int("axis", 1))
	if err != nil {
		return err
	}
	repeats, dims := slices.Repeat([]int{1}, len(x.dims)), slices.Clone(x.dims)
	repeats[axis] = tiles
	if dims[axis] = open; x.dims[axis] >= 0 {
		dims[axis] = x.dims[axis] * tiles
	}
	return s.out(dims, "Tile", []string{x.name, s.ints("repeats", repeats...)})
}

// shuffle puts the channels of groups beside each other (Zhang et al.,
// "ShuffleNet", 2018): [N g·k H W] as [N g k H W], with g and k exchanged.
func (s *step) shuffle() error {
	if err := s.takes(1, 4); err != nil {
		return err
	}
	x := s.in[0]
	group := s.p.child("shuffle_channel_param").size("group", 1, 1)
	channels, err := known(x.dims[1:2])
	if err != nil {
		return err
	}
	if channels%group != 0 || len(x.dims) != 4 {
		return fmt.Errorf("%d channels in %d groups", channels, group)
	}
	if _, err := known(x.dims[2:]); err != nil {
		return err
	}
	split, err := s.reshaped(x, x.dims[0], group, channels/group, x.dims[2], x.dims[3])
	if err != nil {
		return err
	}
	turned := s.node("Transpose", []string{split}, onnx.Ints("perm", 0, 2, 1, 3, 4))
	list, err := s.shape(x.dims, x.dims)
	if err != nil {
		return err
	}
	return s.out(x.dims, "Reshape", []string{turned, s.ints("shape", list...)})
}
