package tensorflow

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// Operations that put tensors together and take them apart.
func init() {
	register(func(k *call) error { return k.concat(len(k.in) - 1) }, "ConcatV2")
	register(func(k *call) error { return k.concat(0) }, "Concat")
	register((*call).split, "Split")
	register((*call).splitV, "SplitV")
	register((*call).pack, "Pack")
	register((*call).unpack, "Unpack")
	register((*call).tile, "Tile")
	register((*call).pad, "Pad", "PadV2")
	register((*call).mirrorPad, "MirrorPad")
	register((*call).reverse, "ReverseV2")
	register((*call).reverseSequence, "ReverseSequence")
}

// constAxis is input i as one axis.
func (k *call) constAxis(i int) (int, error) {
	list, err := k.constInts(i)
	if err == nil && len(list) != 1 {
		err = fmt.Errorf("axis %v", list)
	}
	if err != nil {
		return 0, err
	}
	return list[0], nil
}

// concat joins tensors along the axis that input number axis is.
func (k *call) concat(axis int) error {
	if err := k.takes(2); err != nil {
		return err
	}
	at, err := k.constAxis(axis)
	if err != nil {
		return err
	}
	k.in = slices.Delete(slices.Clone(k.in), axis, axis+1)
	if at, err = k.axis(0, at); err != nil {
		return err
	}
	s, n := k.in[0].shape, &ints{}
	for i, v := range k.in {
		if m := v.numbers(); m == nil || m.scalar || n == nil || len(n.list)+len(m.list) > maxInts {
			n = nil
		} else {
			n.list = append(n.list, m.list...)
		}
		if i == 0 {
			continue
		}
		if s.rank() != v.shape.rank() {
			s = anyShape
		} else if s.ranked {
			sum := unknown
			if a, b := s.dim(at), v.shape.dim(at); a >= 0 && b >= 0 {
				sum = a + b
			}
			s = joined(s, v.shape).with(at, sum)
		}
	}
	return k.giveInts(n, k.in[0].typ, func() error {
		return k.give(k.in[0].typ, s, "Concat", k.names(), onnx.Int("axis", int64(at)))
	})
}

// joined takes from either shape the sizes that are known.
func joined(a, b shape) shape {
	dims := slices.Clone(a.dims)
	for i, d := range b.dims {
		if dims[i] < 0 && d != unknown {
			dims[i] = d
		}
	}
	return dimsOf(dims...)
}

func (k *call) split() error {
	at, err := k.constAxis(0)
	if err != nil {
		return err
	}
	if err := k.takes(2); err != nil {
		return err
	}
	x, n := k.in[1], k.int("num_split", 1)
	if at, err = k.axis(1, at); err != nil {
		return err
	}
	if n < 1 || n > maxInts {
		return fmt.Errorf("%d parts", n)
	}
	part := unknown
	if d := x.shape.dim(at); d >= 0 {
		if d%n != 0 {
			return fmt.Errorf("size %d in %d parts", d, n)
		}
		part = d / n
	}
	in := []string{k.use(x)}
	if n == 1 {
		return k.give(x.typ, x.shape, "Identity", in)
	}
	return k.parts(x, at, slices.Repeat([]int{part}, n), in)
}

// parts gives a Split with a result for each size.
func (k *call) parts(x *value, at int, sizes []int, in []string) error {
	if err := k.paysFor(len(sizes)); err != nil {
		return err
	}
	var out []string
	for _, d := range sizes {
		name := k.resultName()
		out = append(out, name)
		k.out = append(k.out, &value{typ: x.typ, shape: x.shape.with(at, d), name: name})
	}
	k.add(k.fresh(k.n.Name), "Split", in, out, onnx.Int("axis", int64(at)))
	return nil
}

// paysFor counts n results before their names are made.
func (k *call) paysFor(n int) error { return k.c.pay(n * (nodeBytes + len(k.n.Name))) }

func (k *call) splitV() error {
	at, err := k.constAxis(2)
	if err != nil {
		return err
	}
	sizes, err := k.constInts(1)
	if err != nil {
		return err
	}
	x := k.in[0]
	if at, err = k.axis(0, at); err != nil {
		return err
	}
	sum, rest := 0, -1
	for i, d := range sizes {
		if d >= 0 {
			sum += d
		} else {
			rest = i
		}
	}
	if d := x.shape.dim(at); rest >= 0 && d >= sum {
		sizes[rest] = d - sum
	} else if rest >= 0 || len(sizes) == 0 {
		return fmt.Errorf("sizes %v", sizes)
	}
	return k.parts(x, at, sizes, []string{k.use(x), k.list(sizes...)})
}

// pack puts tensors along a new axis.
func (k *call) pack() error {
	if err := k.takes(1); err != nil {
		return err
	}
	x, at := k.in[0], k.int("axis", 0)
	s := x.shape
	for _, v := range k.in[1:] {
		if s.rank() != v.shape.rank() {
			s = anyShape
		} else if s.ranked {
			s = joined(s, v.shape)
		}
	}
	if r := s.rank(); r >= 0 {
		if at < -r-1 || at > r {
			return fmt.Errorf("axis %d of %d", at, r)
		}
		at = (at + r + 1) % (r + 1)
		s = s.insert(at, len(k.in))
	}
	n := &ints{}
	for _, v := range k.in {
		if m := v.numbers(); m == nil || !m.scalar || n == nil {
			n = nil
		} else {
			n.list = append(n.list, m.list[0])
		}
	}
	return k.giveInts(n, x.typ, func() error {
		names, axis := make([]string, len(k.in)), k.list(at)
		for i, v := range k.in {
			names[i] = k.node("Unsqueeze", []string{k.use(v), axis})
		}
		return k.give(x.typ, s, "Concat", names, onnx.Int("axis", int64(at)))
	})
}

// unpack takes a tensor apart along an axis, which goes.
func (k *call) unpack() error {
	if err := k.takes(1); err != nil {
		return err
	}
	x, n := k.in[0], k.int("num", 1)
	at, err := k.axis(0, k.int("axis", 0))
	if err != nil {
		return err
	}
	if n < 1 || n > maxInts {
		return fmt.Errorf("%d parts", n)
	}
	if err := k.paysFor(n); err != nil {
		return err
	}
	s := anyShape
	if r := x.shape.rank(); r > 0 && at >= 0 {
		s = dimsOf(slices.Delete(slices.Clone(x.shape.dims), at, at+1)...)
	}
	for i := range n {
		place := k.b.Init(k.n.Name+":constant", scalarInt64(i))
		if err := k.give(x.typ, s, "Gather", []string{k.use(x), place}, onnx.Int("axis", int64(at))); err != nil {
			return err
		}
		if m := x.numbers(); m != nil && !m.scalar && i < len(m.list) {
			k.out[i].ints = &ints{true, m.list[i : i+1]}
		}
	}
	return nil
}

func (k *call) tile() error {
	if err := k.takes(2); err != nil {
		return err
	}
	x := k.in[0]
	s := x.shape
	if n := k.in[1].numbers(); n != nil && !n.scalar && s.rank() == len(n.list) {
		for i, m := range n.list {
			d := unknown
			if have := s.dims[i]; !isOpen(m) && have >= 0 && m >= 0 && m < maxSize/int64(max(1, have)) {
				d = have * int(m)
			} else if m == 1 {
				d = have
			}
			s = s.with(i, d)
		}
	} else if s.ranked {
		s = dimsOf(slices.Repeat([]int{unknown}, len(s.dims))...)
	}
	return k.give(x.typ, s, "Tile", []string{k.use(x), k.sizes(1)})
}

// pairs is input i as two numbers for each axis.
func (k *call) pairs(i int) ([][2]int, bool) {
	t, ok := k.in[i].tensor()
	if !ok || t.Shape().Rank() != 2 || t.Shape().Dim(1) != 2 {
		return nil, false
	}
	flat, err := t.Reshape(tensorDims(t.Shape().Size()))
	if err != nil {
		return nil, false
	}
	n := constant("", flat).numbers()
	if !n.all() {
		return nil, false
	}
	list := make([][2]int, len(n.list)/2)
	for j := range list {
		a, b := n.list[2*j], n.list[2*j+1]
		if a < 0 || b < 0 || a > maxWindow || b > maxWindow {
			return nil, false
		}
		list[j] = [2]int{int(a), int(b)}
	}
	return list, true
}

// padded is a shape with more at the ends of its axes.
func (s shape) padded(pairs [][2]int) shape {
	if len(pairs) != s.rank() {
		return anyShape
	}
	dims := slices.Clone(s.dims)
	for i, p := range pairs {
		if p[0]+p[1] == 0 {
			continue
		}
		if dims[i] >= 0 {
			dims[i] += p[0] + p[1]
		} else {
			dims[i] = unknown
		}
	}
	return dimsOf(dims...)
}

// padSizes is pairs as ONNX takes them: all beginnings, then all ends.
func (k *call) padSizes(pairs [][2]int) string {
	list := make([]int, 2*len(pairs))
	for i, p := range pairs {
		list[i], list[i+len(pairs)] = p[0], p[1]
	}
	return k.list(list...)
}

func (k *call) pad() error {
	if err := k.takes(2); err != nil {
		return err
	}
	x := k.in[0]
	pairs, ok := k.pairs(1)
	s, name := x.shape.padded(pairs), ""
	if ok {
		name = k.padSizes(pairs)
	} else {
		if s = anyShape; x.shape.ranked {
			s = dimsOf(slices.Repeat([]int{unknown}, len(x.shape.dims))...)
		}
		turned := k.node("Transpose", []string{k.cast(k.use(k.in[1]), int64Type)}, onnx.Ints("perm", 1, 0))
		name = k.node("Reshape", []string{turned, k.list(-1)})
	}
	in := []string{k.use(x), name}
	if len(k.in) > 2 {
		in = append(in, k.use(k.in[2]))
	}
	return k.give(x.typ, s, "Pad", in)
}

// mirrorPad repeats what is next to the ends, turned around: without the last
// element itself (REFLECT), or with it (SYMMETRIC).
func (k *call) mirrorPad() error {
	if err := k.takes(2); err != nil {
		return err
	}
	x := k.in[0]
	pairs, ok := k.pairs(1)
	if r := x.shape.rank(); !ok || len(pairs) > tensor.MaxRank || r >= 0 && r != len(pairs) {
		return fmt.Errorf("the padding must be a constant here, of two numbers for each axis")
	}
	s := x.shape.padded(pairs)
	if k.text("mode", "REFLECT") == "REFLECT" {
		return k.give(x.typ, s, "Pad", []string{k.use(x), k.padSizes(pairs)}, onnx.String("mode", "reflect"))
	}
	name := k.use(x)
	for a, p := range pairs {
		axis, step := k.list(a), k.list(-1)
		parts := []string{name}
		if p[0] > 0 {
			head := k.node("Slice", []string{name, k.list(p[0] - 1), k.list(-1 << 31), axis, step})
			parts = slices.Insert(parts, 0, head)
		}
		if p[1] > 0 {
			parts = append(parts, k.node("Slice", []string{name, k.list(-1), k.list(-p[1] - 1), axis, step}))
		}
		if len(parts) > 1 {
			name = k.node("Concat", parts, onnx.Int("axis", int64(a)))
		}
	}
	return k.give(x.typ, s, "Identity", []string{name})
}

func (k *call) reverse() error {
	axes, err := k.constInts(1)
	if err != nil {
		return err
	}
	n := len(axes)
	x := k.in[0]
	repeat := func(v int) string { return k.list(slices.Repeat([]int{v}, n)...) }
	return k.give(x.typ, x.shape, "Slice", []string{k.use(x), repeat(-1), repeat(-1 << 31), k.list(axes...), repeat(-1)})
}

// reverseSequence turns around the first so many elements of each example.
func (k *call) reverseSequence() error {
	if err := k.takes(2); err != nil {
		return err
	}
	x, time, examples := k.in[0], k.int("seq_dim", 0), k.int("batch_dim", 0)
	if time+examples != 1 || time < 0 || examples < 0 {
		return fmt.Errorf("seq_dim %d and batch_dim %d", time, examples)
	}
	return k.give(x.typ, x.shape, "ReverseSequence", []string{k.use(x), k.sizes(1)},
		onnx.Int("time_axis", int64(time)), onnx.Int("batch_axis", int64(examples)))
}
