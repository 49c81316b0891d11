package tensorflow

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register((*call).slice, "Slice")
	register((*call).stridedSlice, "StridedSlice")
}

func scalarInt64(v int) tensor.Tensor { return tensor.Scalar(int64(v)) }

func tensorDims(dims ...int) tensor.Shape { return tensor.Dims(dims...) }

// slice takes so many elements from a place on along each axis; -1 means all
// that are left.
func (k *call) slice() error {
	if err := k.takes(3); err != nil {
		return err
	}
	x, begin, count := k.in[0], k.in[1].numbers(), k.in[2].numbers()
	s := anyShape
	if x.shape.ranked {
		s = dimsOf(slices.Repeat([]int{unknown}, len(x.shape.dims))...)
	}
	if !begin.all() || !count.all() {
		from := k.sizes(1)
		n := k.sizes(2)
		end := k.node("Add", []string{from, n})
		rest := k.node("Less", []string{n, k.list(0)})
		end = k.node("Where", []string{rest, k.b.Ints(k.n.Name+":list", math.MaxInt64), end})
		return k.give(x.typ, s, "Slice", []string{k.use(x), from, end})
	}
	if len(begin.list) != len(count.list) || s.ranked && len(s.dims) != len(begin.list) || len(begin.list) == 0 {
		return fmt.Errorf("%d places and %d sizes for %d axes", len(begin.list), len(count.list), s.rank())
	}
	ends := make([]int64, len(begin.list))
	for i, from := range begin.list {
		if from < 0 || from > maxSize || count.list[i] < -1 || count.list[i] > maxSize {
			return fmt.Errorf("%v elements from %v", count.list, begin.list)
		}
		ends[i] = from + count.list[i]
		if count.list[i] == -1 {
			ends[i] = math.MaxInt64
		}
		if s.ranked {
			switch d := x.shape.dims[i]; {
			case d >= 0 && from+max(0, count.list[i]) > int64(d):
				return fmt.Errorf("%v elements from %v of %v", count.list, begin.list, x.shape.dims)
			case count.list[i] >= 0:
				s = s.with(i, int(count.list[i]))
			case d >= 0 || from == 0:
				s = s.with(i, d-int(from))
			}
		}
	}
	var n *ints
	if m := x.numbers(); m != nil && !m.scalar && s.rank() == 1 && s.dims[0] >= 0 && int(begin.list[0])+s.dims[0] <= len(m.list) {
		n = &ints{false, m.list[begin.list[0]:][:s.dims[0]]}
	}
	return k.giveInts(n, x.typ, func() error {
		list := k.n.Name + ":list"
		return k.give(x.typ, s, "Slice", []string{k.use(x), k.b.Ints(list, begin.list...), k.b.Ints(list, ends...)})
	})
}

// strided is a StridedSlice on the way: what Slice does along each axis, and
// which axes go and come afterwards.
type strided struct {
	*call
	begin, end, step *ints
	axes             []int
	from, to, by     []size
	drop, add        []int // axes that go, and then axes that come
	out              shape
}

// stridedSlice is x[a:b:c, …] of NumPy. In the masks, bit i speaks of item i:
// that it has no beginning or no end, that it is a single place (shrink), a new
// axis, or the ellipsis.
func (k *call) stridedSlice() error {
	if err := k.takes(4); err != nil {
		return err
	}
	t := &strided{call: k, begin: k.in[1].numbers(), end: k.in[2].numbers(), step: k.in[3].numbers(), out: dimsOf()}
	n := -1
	for i, v := range []*ints{t.begin, t.end, t.step} {
		if d := k.in[i+1].shape.dim(0); v == nil {
			n = max(n, d)
		} else {
			n = max(n, len(v.list))
		}
	}
	if n < 0 || n > 2*tensor.MaxRank || !t.step.all() || len(t.step.list) != n {
		return fmt.Errorf("the number of items and the steps must be known here")
	}
	if err := t.items(n); err != nil {
		return err
	}
	x := k.in[0]
	if list := t.pick(); list != nil {
		return k.giveInts(list, x.typ, func() error { return t.finish() })
	}
	return t.finish()
}

// items goes through the items and the axes that they speak of.
func (t *strided) items(n int) error {
	k := t.call
	x := k.in[0].shape
	news, ellipsis := k.int("new_axis_mask", 0), k.int("ellipsis_mask", 0)
	named := 0 // axes that items other than the ellipsis speak of
	for i := range n {
		if bit(news, i) == 0 && bit(ellipsis, i) == 0 {
			named++
		}
	}
	if bits.OnesCount(uint(ellipsis)&(1<<n-1)) > 1 {
		return fmt.Errorf("two ellipses")
	}
	if x.ranked && named > len(x.dims) {
		return fmt.Errorf("%d items for %d axes", named, len(x.dims))
	}
	axis := 0
	for i := range n {
		switch {
		case bit(ellipsis, i) == 1:
			if !x.ranked {
				if i < n-1 {
					return fmt.Errorf("an ellipsis in a tensor whose axes are not known")
				}
				t.out = anyShape
				continue
			}
			for range len(x.dims) - named {
				t.keep(x.dims[axis])
				axis++
			}
		case bit(news, i) == 1:
			t.add = append(t.add, len(t.out.dims))
			t.keep(1)
		default:
			if err := t.item(i, axis); err != nil {
				return err
			}
			axis++
		}
	}
	switch {
	case !x.ranked:
		t.out = anyShape
	case t.out.ranked:
		for _, d := range x.dims[axis:] {
			t.keep(d)
		}
	}
	return nil
}

func bit(mask, i int) int { return mask >> i & 1 }

// keep notes that an axis stands in the result.
func (t *strided) keep(d int) {
	if t.out.ranked {
		t.out.dims = append(t.out.dims, d)
	}
}

// item is what item i does to an axis.
func (t *strided) item(i, axis int) error {
	k := t.call
	d := k.in[0].shape.dim(axis)
	step := t.step.list[i]
	if step == 0 || step > maxSize || step < -maxSize {
		return fmt.Errorf("a step of %d", step)
	}
	if bit(k.int("shrink_axis_mask", 0), i) == 1 {
		from := t.place(t.begin, 1, i)
		to := fixed(math.MaxInt64)
		if from.name == "" && from.n != -1 {
			to = fixed(from.n + 1)
		} else if from.name != "" { // -1 is the last, after which nothing comes
			last := k.node("Equal", []string{from.name, k.list(-1)})
			to.name = k.node("Where", []string{last, k.b.Ints(k.n.Name+":list", math.MaxInt64), k.plus(from, 1).name})
		}
		if from.name == "" && d >= 0 && (from.n >= d || from.n < -d) {
			return fmt.Errorf("place %d of size %d", from.n, d)
		}
		t.along(axis, from, to, 1)
		t.drop = append(t.drop, axis)
		return nil
	}
	noBegin, noEnd := bit(k.int("begin_mask", 0), i) == 1, bit(k.int("end_mask", 0), i) == 1
	from, to := fixed(0), fixed(math.MaxInt64)
	if step < 0 {
		from, to = fixed(math.MaxInt64), fixed(math.MinInt64)
	}
	if !noBegin {
		from = t.place(t.begin, 1, i)
	}
	if !noEnd {
		to = t.place(t.end, 2, i)
	}
	if noBegin && noEnd && step == 1 {
		t.keep(d)
		return nil
	}
	t.along(axis, from, to, int(step))
	t.keep(stridedSize(d, from, to, int(step)))
	return nil
}

// place is a number of the begin or end list.
func (t *strided) place(v *ints, input, i int) size {
	if v != nil && i < len(v.list) && !isOpen(v.list[i]) {
		return fixed(int(v.list[i]))
	}
	k := t.call
	at := k.list(i)
	return size{name: k.node("Gather", []string{k.sizes(input), at}, onnx.Int("axis", 0))}
}

func (t *strided) along(axis int, from, to size, step int) {
	t.axes, t.from, t.to, t.by = append(t.axes, axis), append(t.from, from), append(t.to, to), append(t.by, fixed(step))
}

// stridedSize is how many elements a slice of size d has, or -1.
func stridedSize(d int, from, to size, step int) int {
	if d < 0 || from.name != "" || to.name != "" {
		return unknown
	}
	low, high := 0, d
	if step < 0 {
		low, high = -1, d-1
	}
	clamp := func(v int) int {
		if v < 0 && v != math.MinInt64 {
			v += d
		}
		return min(max(v, low), high)
	}
	a, b := clamp(from.n), clamp(to.n)
	if step < 0 {
		a, b, step = b, a, -step
	}
	return max(0, (b-a+step-1)/step)
}

// pick is what is known of the result, if the input is a list of whole numbers
// that are known in part.
func (t *strided) pick() *ints {
	m := t.in[0].numbers()
	if m == nil || m.scalar || len(t.add) > 0 || len(t.axes) != 1 || t.from[0].name != "" || t.to[0].name != "" {
		return nil
	}
	d, step := len(m.list), t.by[0].n
	n := stridedSize(d, t.from[0], t.to[0], step)
	from := t.from[0].n
	if from < 0 {
		from += d
	}
	if from = min(max(from, 0), max(0, d-1)); n < 0 || n > 0 && from+(n-1)*step >= d || n > 0 && from+(n-1)*step < 0 {
		return nil
	}
	y := &ints{scalar: len(t.drop) > 0}
	for i := range n {
		y.list = append(y.list, m.list[from+i*step])
	}
	if y.scalar && n != 1 {
		return nil
	}
	return y
}

// finish adds what is needed of Slice, Squeeze and Unsqueeze.
func (t *strided) finish() error {
	k := t.call
	x := k.in[0]
	type op struct {
		name string
		in   []string
	}
	var ops []op
	if len(t.axes) > 0 {
		ops = append(ops, op{"Slice", []string{k.sizeList(t.from...), k.sizeList(t.to...), k.list(t.axes...), k.sizeList(t.by...)}})
	}
	if len(t.drop) > 0 {
		ops = append(ops, op{"Squeeze", []string{k.list(t.drop...)}})
	}
	if len(t.add) > 0 {
		ops = append(ops, op{"Unsqueeze", []string{k.list(t.add...)}})
	}
	if len(ops) == 0 {
		return k.give(x.typ, t.out, "Identity", []string{k.use(x)})
	}
	name := k.use(x)
	for _, o := range ops[:len(ops)-1] {
		name = k.node(o.name, append([]string{name}, o.in...))
	}
	o := ops[len(ops)-1]
	return k.give(x.typ, t.out, o.name, append([]string{name}, o.in...))
}
