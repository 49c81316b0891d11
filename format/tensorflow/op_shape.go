package tensorflow

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
)

// Operations on shapes, and those that only name elements differently.
func init() {
	register((*call).shape, "Shape")
	register((*call).shapeN, "ShapeN")
	register((*call).rank, "Rank")
	register((*call).size, "Size")
	register((*call).reshape, "Reshape")
	register((*call).squeeze, "Squeeze")
	register((*call).expandDims, "ExpandDims")
	register((*call).transpose, "Transpose")
	register((*call).fill, "Fill")
	register((*call).rangeOf, "Range")
	register((*call).broadcastTo, "BroadcastTo")
	register(func(k *call) error { return k.like(0) }, "ZerosLike")
	register(func(k *call) error { return k.like(1) }, "OnesLike")
}

func (k *call) shape() error {
	if err := k.takes(1); err != nil {
		return err
	}
	return k.giveShape(k.in[0])
}

func (k *call) shapeN() error {
	for _, v := range k.in {
		if err := k.giveShape(v); err != nil {
			return err
		}
	}
	return nil
}

// giveShape gives the sizes of v as the node's next result.
func (k *call) giveShape(v *value) error {
	typ := k.typ("out_type", int32Type)
	var n *ints
	s := dimsOf(unknown)
	if v.shape.ranked {
		n = &ints{list: make([]int64, len(v.shape.dims))}
		for i, d := range v.shape.dims {
			n.list[i] = number(d)
		}
		s = dimsOf(len(v.shape.dims))
	}
	return k.giveInts(n, typ, func() error {
		if typ == int64Type {
			return k.give(typ, s, "Shape", []string{k.use(v)})
		}
		return k.give(typ, s, "Cast", []string{k.node("Shape", []string{k.use(v)})}, k.to(typ))
	})
}

func (k *call) rank() error {
	if err := k.takes(1); err != nil {
		return err
	}
	var n *ints
	if r := k.in[0].shape.rank(); r >= 0 {
		n = &ints{true, []int64{int64(r)}}
	}
	return k.giveInts(n, int32Type, func() error {
		r := k.node("Size", []string{k.node("Shape", []string{k.use(k.in[0])})})
		return k.give(int32Type, dimsOf(), "Cast", []string{r}, k.to(int32Type))
	})
}

func (k *call) size() error {
	if err := k.takes(1); err != nil {
		return err
	}
	typ := k.typ("out_type", int32Type)
	var n *ints
	if s := k.in[0].shape.size(); s >= 0 {
		n = &ints{true, []int64{int64(s)}}
	}
	return k.giveInts(n, typ, func() error {
		return k.give(typ, dimsOf(), "Cast", []string{k.node("Size", []string{k.use(k.in[0])})}, k.to(typ))
	})
}

// reshape gives new sizes, of which one may be -1. A size of 0 would mean
// something else to ONNX.
func (k *call) reshape() error {
	if err := k.takes(2); err != nil {
		return err
	}
	x, n := k.in[0], k.in[1].numbers()
	s := anyShape
	if n != nil && !n.scalar {
		if i := slices.Index(n.list, -1); i >= 0 {
			n = &ints{false, slices.Clone(n.list)}
			n.list[i] = k.left(x.shape, n.list, i)
		}
		s = shapeFrom(n)
	} else if d := k.in[1].shape.dim(0); d >= 0 && d <= maxAxes {
		s = dimsOf(slices.Repeat([]int{unknown}, d)...)
	}
	if m := x.numbers(); m != nil && s.ranked && len(s.dims) <= 1 && s.size() == len(m.list) {
		return k.giveInts(&ints{len(s.dims) == 0, m.list}, x.typ, func() error { return k.addReshape(x, s) })
	}
	return k.addReshape(x, s)
}

func (k *call) addReshape(x *value, s shape) error {
	var attrs []onnx.Attr
	if list, ok := k.reshapeList(); !ok || slices.Contains(list, 0) {
		attrs = append(attrs, onnx.Int("allowzero", 1))
	}
	return k.give(x.typ, s, "Reshape", []string{k.use(x), k.reshapeSizes()}, attrs...)
}

// reshapeSizes is the sizes that Reshape is given.
func (k *call) reshapeSizes() string {
	if list, ok := k.reshapeList(); ok {
		return k.list(list...)
	}
	return k.sizes(1)
}

// reshapeList is the sizes of the graph, of which one that is not known before
// may be written as -1; ok is false if more are not known.
func (k *call) reshapeList() (sizes []int, ok bool) {
	n := k.in[1].numbers()
	if n == nil || n.scalar {
		return nil, false
	}
	list, inferred := make([]int, len(n.list)), 0
	for i, v := range n.list {
		if list[i] = -1; !isOpen(v) && v >= 0 {
			list[i] = int(min(v, maxSize))
		} else {
			inferred++
		}
	}
	return list, inferred == 0 || inferred == 1 && !slices.Contains(list, 0)
}

// left is what is left for size i of a list, once the others are taken.
func (k *call) left(s shape, list []int64, i int) int64 {
	if !s.ranked {
		return open
	}
	a, b := slices.Clone(s.dims), []int{}
	for j, v := range list {
		if j != i {
			b = append(b, sizeOf(v))
		}
	}
	// The batch may be taken as a whole.
	if x, y := slices.Index(a, batch), slices.Index(b, batch); x >= 0 && y >= 0 {
		a, b = slices.Delete(a, x, x+1), slices.Delete(b, y, y+1)
	}
	n, m := dimsOf(a...).size(), dimsOf(b...).size()
	if n >= 0 && m > 0 {
		return int64(n / m)
	}
	if x := slices.Index(a, batch); x >= 0 && m >= 0 {
		if rest := dimsOf(slices.Delete(a, x, x+1)...).size(); rest == m && rest > 0 {
			return openBatch
		}
	}
	return open
}

func (k *call) squeeze() error {
	if err := k.takes(1); err != nil {
		return err
	}
	x, axes := k.in[0], k.ints("squeeze_dims")
	if axes == nil {
		axes = k.ints("axis")
	}
	if len(axes) == 0 {
		if !x.shape.ranked {
			return k.give(x.typ, anyShape, "Squeeze", []string{k.use(x)})
		}
		for i, d := range x.shape.dims {
			if d == 1 {
				axes = append(axes, i)
			} else if d < 0 {
				return fmt.Errorf("axes of size 1 that are not known: give sizes in Options.Inputs")
			}
		}
	}
	s := x.shape
	if s.ranked {
		var dims []int
		for i, d := range s.dims {
			if !slices.Contains(axes, i) && !slices.Contains(axes, i-len(s.dims)) {
				dims = append(dims, d)
			}
		}
		s = dimsOf(dims...)
	}
	var n *ints
	if m := x.numbers(); m != nil && s.rank() == 0 && len(m.list) == 1 {
		n = &ints{true, m.list}
	}
	return k.giveInts(n, x.typ, func() error {
		if len(axes) == 0 {
			return k.give(x.typ, s, "Identity", []string{k.use(x)})
		}
		return k.give(x.typ, s, "Squeeze", []string{k.use(x), k.list(axes...)})
	})
}

func (k *call) expandDims() error {
	axes, err := k.constInts(1)
	if err != nil {
		return err
	}
	x := k.in[0]
	if len(axes) != 1 {
		return fmt.Errorf("axis %v", axes)
	}
	s := anyShape
	if r := x.shape.rank(); r >= 0 {
		if axes[0] < -r-1 || axes[0] > r {
			return fmt.Errorf("axis %d of %d", axes[0], r)
		}
		s = x.shape.insert((axes[0]+r+1)%(r+1), 1)
	}
	var n *ints
	if m := x.numbers(); m != nil && m.scalar {
		n = &ints{false, m.list}
	}
	return k.giveInts(n, x.typ, func() error {
		return k.give(x.typ, s, "Unsqueeze", []string{k.use(x), k.list(axes...)})
	})
}

func (k *call) transpose() error {
	if err := k.takes(2); err != nil {
		return err
	}
	x := k.in[0]
	perm, err := k.constInts(1)
	if err != nil {
		return err
	}
	seen := map[int]bool{}
	for i, p := range perm {
		if p < 0 {
			perm[i] += len(perm)
		}
		if perm[i] < 0 || perm[i] >= len(perm) || seen[perm[i]] {
			return fmt.Errorf("axes %v", perm)
		}
		seen[perm[i]] = true
	}
	if r := x.shape.rank(); r >= 0 && r != len(perm) {
		return fmt.Errorf("axes %v of a tensor with %d", perm, r)
	}
	return k.give(x.typ, x.shape.permuted(perm), "Transpose", []string{k.use(x)}, onnx.Ints("perm", int64s(perm)...))
}

// fill is a tensor of one number.
func (k *call) fill() error {
	if err := k.takes(2); err != nil {
		return err
	}
	n, v := k.in[0].numbers(), k.in[1]
	s := shapeFrom(n)
	var list *ints
	if m := v.numbers(); m != nil && len(m.list) == 1 && s.rank() == 1 && s.known() && s.dims[0] <= maxInts {
		list = &ints{false, slices.Repeat(m.list, s.dims[0])}
	}
	return k.giveInts(list, v.typ, func() error {
		return k.give(v.typ, s, "Expand", []string{k.use(v), k.sizes(0)})
	})
}

func (k *call) rangeOf() error {
	if err := k.takes(3); err != nil {
		return err
	}
	var n *ints
	a, b, c := k.in[0].numbers(), k.in[1].numbers(), k.in[2].numbers()
	if a.all() && b.all() && c.all() && len(a.list) == 1 && len(b.list) == 1 && len(c.list) == 1 {
		from, to, step := a.list[0], b.list[0], c.list[0]
		if step == 0 {
			return fmt.Errorf("a step of 0")
		}
		if from >= -1<<31 && to <= 1<<31 && to >= -1<<31 && from <= 1<<31 && (to-from)/step < maxInts {
			n = &ints{}
			for v := from; step > 0 && v < to || step < 0 && v > to; v += step {
				n.list = append(n.list, v)
			}
		}
	}
	err := k.giveInts(n, k.in[0].typ, func() error {
		return k.give(k.in[0].typ, dimsOf(unknown), "Range", k.names()[:3])
	})
	if step, ok := c.one(); err == nil && isZero(k.in[0]) && ok && step == 1 && !n.all() {
		k.out[0].mark.upTo = k.in[1]
	}
	return err
}

func (k *call) broadcastTo() error {
	if err := k.takes(2); err != nil {
		return err
	}
	return k.give(k.in[0].typ, shapeFrom(k.in[1].numbers()), "Expand", []string{k.use(k.in[0]), k.sizes(1)})
}

// like is a tensor of one number in the shape of another.
func (k *call) like(v float32) error {
	if err := k.takes(1); err != nil {
		return err
	}
	x := k.in[0]
	if x.array != nil { // a list of zeros: one that nothing is written to
		return k.same(x)
	}
	size := k.node("Shape", []string{k.use(x)})
	return k.give(x.typ, x.shape, "Expand", []string{k.scalar(v, x.typ), size})
}
