package tensorflow

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// Operations that choose elements.
func init() {
	register((*call).gather, "Gather", "GatherV2", "ResourceGather")
	register((*call).gatherND, "GatherNd")
	register((*call).scatterND, "ScatterNd")
	register((*call).oneHot, "OneHot")
	register((*call).selectV1, "Select")
	register(func(k *call) error { return k.selected(k.in) }, "SelectV2")
	register((*call).where, "Where")
	register((*call).topK, "TopKV2", "TopK")
	register((*call).unique, "Unique")
	register((*call).suppress, "NonMaxSuppression", "NonMaxSuppressionV2", "NonMaxSuppressionV3", "NonMaxSuppressionV4",
		"NonMaxSuppressionV5")
}

func (k *call) gather() error {
	if err := k.takes(2); err != nil {
		return err
	}
	x, at, axis := k.in[0], k.in[1], 0
	if len(k.in) > 2 {
		var err error
		if axis, err = k.constAxis(2); err != nil {
			return err
		}
	}
	axis, err := k.axis(0, axis)
	if err != nil {
		return err
	}
	if k.int("batch_dims", 0) != 0 {
		return k.gatherBatches(axis)
	}
	s := anyShape
	if x.shape.rank() > 0 && at.shape.ranked {
		s = dimsOf(slices.Concat(x.shape.dims[:axis], at.shape.dims, x.shape.dims[axis+1:])...)
	}
	var n *ints
	if m, p := x.numbers(), at.numbers(); m != nil && !m.scalar && p.all() {
		n = &ints{scalar: p.scalar}
		for _, i := range p.list {
			if i < 0 || int(i) >= len(m.list) {
				return fmt.Errorf("place %d of %d", i, len(m.list))
			}
			n.list = append(n.list, m.list[i])
		}
	}
	return k.giveInts(n, x.typ, func() error {
		return k.give(x.typ, s, "Gather", []string{k.use(x), k.use(at)}, onnx.Int("axis", int64(axis)))
	})
}

// gatherBatches takes from each example its own elements; only along the axis
// behind the batches.
func (k *call) gatherBatches(axis int) error {
	x, at, b := k.in[0], k.in[1], k.int("batch_dims", 0)
	if b < 0 {
		b += at.shape.rank()
	}
	if b < 1 || axis != b || at.shape.rank() < b {
		return fmt.Errorf("batch_dims %d with axis %d", b, axis)
	}
	s := anyShape
	if x.shape.ranked {
		s = dimsOf(slices.Concat(at.shape.dims, x.shape.dims[b+1:])...)
	}
	places := k.cast(k.use(at), int64Type)
	places = k.node("Unsqueeze", []string{places, k.list(-1)})
	return k.give(x.typ, s, "GatherND", []string{k.use(x), places}, onnx.Int("batch_dims", int64(b)))
}

func (k *call) gatherND() error {
	if err := k.takes(2); err != nil {
		return err
	}
	x, at := k.in[0], k.in[1]
	s := anyShape
	if d := at.shape.dim(-1); x.shape.ranked && d >= 0 && d <= len(x.shape.dims) && at.shape.rank() > 0 {
		s = dimsOf(slices.Concat(at.shape.dims[:len(at.shape.dims)-1], x.shape.dims[d:])...)
	}
	return k.give(x.typ, s, "GatherND", []string{k.use(x), k.cast(k.use(at), int64Type)})
}

// scatterND adds elements at places of a tensor of zeros.
func (k *call) scatterND() error {
	if err := k.takes(3); err != nil {
		return err
	}
	v := k.in[1]
	zeros := k.node("Expand", []string{k.scalar(0, v.typ), k.sizes(2)})
	in := []string{zeros, k.cast(k.use(k.in[0]), int64Type), k.use(v)}
	return k.give(v.typ, shapeFrom(k.in[2].numbers()), "ScatterND", in, onnx.String("reduction", "add"))
}

// oneHot is a value for each class, on at the places of the indices; an index
// that is no class is off everywhere.
func (k *call) oneHot() error {
	if err := k.takes(4); err != nil {
		return err
	}
	at, axis := k.in[0], k.int("axis", -1)
	depth := unknown
	if n, ok := k.in[1].numbers().one(); ok {
		depth = sizeOf(n)
	}
	s := anyShape
	if r := at.shape.rank(); r >= 0 {
		if axis < -1 || axis > r {
			return fmt.Errorf("axis %d of %d", axis, r)
		}
		s = at.shape.insert((axis+r+1)%(r+1), depth)
	}
	// ONNX counts negative indices from the end: they become one past it.
	index := k.cast(k.use(at), int64Type)
	classes := k.node("Reshape", []string{k.cast(k.use(k.in[1]), int64Type), k.list()})
	none := k.node("Less", []string{index, k.b.Init(k.n.Name+":constant", tensor.Scalar(int64(0)))})
	index = k.node("Where", []string{none, classes, index})
	on, off, typ, along := k.use(k.in[2]), k.use(k.in[3]), k.in[2].typ, onnx.Int("axis", int64(axis))
	if typ == floatType || typ == int64Type {
		values := k.node("Concat", []string{k.node("Reshape", []string{off, k.list(1)}), k.node("Reshape", []string{on, k.list(1)})}, onnx.Int("axis", 0))
		return k.give(typ, s, "OneHot", []string{index, k.sizes(1), values}, along)
	}
	// ONNX Runtime knows no others.
	hot := k.node("OneHot", []string{index, k.sizes(1), k.list(0, 1)}, along)
	return k.give(typ, s, "Where", []string{k.cast(hot, boolType), on, off})
}

// selectV1 chooses whole examples where the condition is a vector.
func (k *call) selectV1() error {
	if err := k.takes(3); err != nil {
		return err
	}
	c, r := k.in[0], max(k.in[1].shape.rank(), k.in[2].shape.rank())
	if c.shape.rank() == 1 && r < 0 {
		return fmt.Errorf("it is not known how many axes there are behind those of a vector of conditions")
	}
	if c.shape.rank() != 1 || r < 2 {
		return k.selected(k.in)
	}
	list := make([]int, r-1)
	for i := range list {
		list[i] = i + 1
	}
	wide := *c
	wide.name = k.node("Unsqueeze", []string{k.use(c), k.list(list...)})
	wide.shape = dimsOf(append([]int{c.shape.dims[0]}, slices.Repeat([]int{1}, r-1)...)...)
	return k.selected([]*value{&wide, k.in[1], k.in[2]})
}

func (k *call) selected(in []*value) error {
	if len(in) < 3 {
		return fmt.Errorf("%d inputs, want 3", len(in))
	}
	s := broadcast(broadcast(in[0].shape, in[1].shape), in[2].shape)
	return k.give(in[1].typ, s, "Where", []string{k.use(in[0]), k.use(in[1]), k.use(in[2])})
}

// where is the places of what is true or not zero, a row for each.
func (k *call) where() error {
	if err := k.takes(1); err != nil {
		return err
	}
	return k.give(int64Type, dimsOf(unknown, k.in[0].shape.rank()), "Transpose",
		[]string{k.node("NonZero", []string{k.use(k.in[0])})}, onnx.Ints("perm", 1, 0))
}

func (k *call) topK() error {
	if err := k.takes(1); err != nil {
		return err
	}
	x, count, places := k.in[0], "", k.typ("index_type", int32Type)
	n := unknown
	if len(k.in) > 1 {
		if m, ok := k.in[1].numbers().one(); ok {
			n = sizeOf(m)
		}
		count = k.sizes(1)
	} else {
		n = k.int("k", 1)
		count = k.list(n)
	}
	s := x.shape.with(-1, n)
	name := k.resultName()
	k.out = append(k.out, &value{typ: x.typ, shape: s, name: name})
	at := k.fresh(k.n.Name + ":TopK")
	k.add(at, "TopK", []string{k.use(x), count}, []string{name, at}, onnx.Int("axis", -1))
	return k.give(places, s, "Cast", []string{at}, k.to(places))
}

// suppress lists the boxes that no better one overlaps too much. Of version 4
// on there may be padding, which is not supported, and a count.
func (k *call) suppress() error {
	if err := k.takes(3); err != nil {
		return err
	}
	if k.flag("pad_to_max_output_size", false) {
		return fmt.Errorf("pad_to_max_output_size")
	}
	wide := func(v *value, axes ...int) string { return k.node("Unsqueeze", []string{k.use(v), k.list(axes...)}) }
	in := []string{wide(k.in[0], 0), wide(k.in[1], 0, 1), k.sizes(2)}
	if k.n.Op == "NonMaxSuppression" {
		in = append(in, k.b.Init(k.n.Name+":constant", tensor.From(tensor.Dims(1), []float32{k.float("iou_threshold", 0.5)})))
	}
	for _, v := range k.in[3:min(5, len(k.in))] {
		in = append(in, k.node("Reshape", []string{k.use(v), k.list(1)}))
	}
	if len(k.in) > 5 {
		if sigma, err := k.constFloat(5); err != nil || sigma != 0 {
			return fmt.Errorf("soft suppression")
		}
	}
	rows := k.node("NonMaxSuppression", in)
	last := k.node("Gather", []string{rows, k.b.Init(k.n.Name+":constant", scalarInt64(2))}, onnx.Int("axis", 1))
	if err := k.give(int32Type, dimsOf(unknown), "Cast", []string{last}, k.to(int32Type)); err != nil {
		return err
	}
	if k.n.Op == "NonMaxSuppressionV5" {
		if err := k.give(k.in[1].typ, dimsOf(unknown), "Gather", []string{k.use(k.in[1]), last}); err != nil {
			return err
		}
	}
	return k.give(int32Type, dimsOf(), "Cast", []string{k.node("Size", []string{last})}, k.to(int32Type))
}

// unique is the different elements in the order in which they come, and for each
// element which of them it is.
func (k *call) unique() error {
	if err := k.takes(1); err != nil {
		return err
	}
	x, typ := k.in[0], k.typ("out_idx", int32Type)
	in := k.use(x)
	whole := !x.typ.floats() && x.typ != int64Type
	if whole {
		in = k.cast(in, int64Type) // ONNX Runtime knows no others
	}
	y, at := k.fresh(k.n.Name+":Unique"), k.fresh(k.n.Name+":places")
	k.add(y, "Unique", []string{in}, []string{y, "", at}, onnx.Int("sorted", 0))
	if err := k.give(x.typ, dimsOf(unknown), "Cast", []string{y}, k.to(x.typ)); err != nil {
		return err
	}
	return k.give(typ, x.shape, "Cast", []string{at}, k.to(typ))
}
