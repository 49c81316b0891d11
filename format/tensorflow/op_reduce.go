package tensorflow

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
)

func init() {
	for name, op := range map[string]string{
		"Mean": "ReduceMean", "Max": "ReduceMax", "Min": "ReduceMin", "Prod": "ReduceProd", "Sum": "ReduceSum",
		"EuclideanNorm": "ReduceL2",
	} {
		register(func(k *call) error { return k.reduce(op) }, name)
	}
	register(func(k *call) error { return k.reduceTruth("ReduceMin") }, "All")
	register(func(k *call) error { return k.reduceTruth("ReduceSum") }, "Any")
	register(func(k *call) error { return k.argExtreme("ArgMax") }, "ArgMax")
	register(func(k *call) error { return k.argExtreme("ArgMin") }, "ArgMin")
	register((*call).cumsum, "Cumsum")
	register((*call).l2Loss, "L2Loss")
}

// reduceAxes is the axes in input 1 and the shape without them.
func (k *call) reduceAxes() (axes []int, keep bool, s shape, err error) {
	if axes, err = k.constInts(1); err != nil {
		return nil, false, anyShape, err
	}
	keep = k.flag("keep_dims", k.flag("keepdims", false))
	x := k.in[0].shape
	if !x.ranked {
		return axes, keep, anyShape, nil
	}
	gone := map[int]bool{}
	for i, a := range axes {
		if a < -len(x.dims) || a >= len(x.dims) {
			return nil, keep, anyShape, fmt.Errorf("axis %d of %d", a, len(x.dims))
		}
		axes[i] = (a + len(x.dims)) % len(x.dims)
		gone[axes[i]] = true
	}
	dims := []int{}
	for i, d := range x.dims {
		switch {
		case !gone[i]:
			dims = append(dims, d)
		case keep:
			dims = append(dims, 1)
		}
	}
	return axes, keep, dimsOf(dims...), nil
}

// reduced gives op over axes of name.
func (k *call) reduced(typ DataType, s shape, op, name string, axes []int, keep bool) error {
	if len(axes) == 0 { // to ONNX, no axes are all
		alone := "Identity"
		if op == "ReduceL2" {
			alone = "Abs"
		}
		return k.give(typ, s, alone, []string{name})
	}
	in, attrs := k.reduction(op, name, axes, keep)
	return k.give(typ, s, op, in, attrs...)
}

// reduction is the inputs and attributes of op over axes of name. The axes of
// ReduceSum are an input.
func (k *call) reduction(op, name string, axes []int, keep bool) ([]string, []onnx.Attr) {
	kept := onnx.Int("keepdims", 0)
	if keep {
		kept = onnx.Int("keepdims", 1)
	}
	if op == "ReduceSum" {
		return []string{name, k.list(axes...)}, []onnx.Attr{kept}
	}
	return []string{name}, []onnx.Attr{onnx.Ints("axes", int64s(axes)...), kept}
}

func (k *call) reduce(op string) error {
	axes, keep, s, err := k.reduceAxes()
	if err != nil {
		return err
	}
	x := k.in[0]
	var n *ints
	if m := x.numbers(); op == "ReduceProd" && m != nil && !m.scalar && len(axes) == 1 && !keep {
		n = &ints{true, []int64{1}}
		for _, v := range m.list {
			if a := n.list[0]; isOpen(v) || isOpen(a) || v > 1<<31 || a > 1<<31 {
				n.list[0] = open
			} else {
				n.list[0] = a * v
			}
		}
	}
	return k.giveInts(n, x.typ, func() error { return k.reduced(x.typ, s, op, k.use(x), axes, keep) })
}

// reduceTruth works on truth values as numbers: the least of them is 0, or their
// sum is not.
func (k *call) reduceTruth(op string) error {
	axes, keep, s, err := k.reduceAxes()
	if err != nil {
		return err
	}
	if len(axes) == 0 {
		return k.give(boolType, s, "Identity", []string{k.use(k.in[0])})
	}
	in, attrs := k.reduction(op, k.cast(k.use(k.in[0]), int32Type), axes, keep)
	number := k.node(op, in, attrs...)
	return k.give(boolType, s, "Cast", []string{number}, k.to(boolType))
}

// argExtreme is the place of the first largest or least element along an axis.
func (k *call) argExtreme(op string) error {
	axis := 0
	if len(k.in) > 1 {
		var err error
		if axis, err = k.constAxis(1); err != nil {
			return err
		}
	}
	if err := k.takes(1); err != nil {
		return err
	}
	axis, err := k.axis(0, axis)
	if err != nil {
		return err
	}
	x := k.in[0]
	s := anyShape
	if x.shape.rank() > 0 {
		s = dimsOf(slices.Delete(slices.Clone(x.shape.dims), axis, axis+1)...)
	}
	attrs := []onnx.Attr{onnx.Int("axis", int64(axis)), onnx.Int("keepdims", 0)}
	typ := k.typ("output_type", int64Type)
	if typ == int64Type {
		return k.give(typ, s, op, []string{k.use(x)}, attrs...)
	}
	return k.give(typ, s, "Cast", []string{k.node(op, []string{k.use(x)}, attrs...)}, k.to(typ))
}

func (k *call) cumsum() error {
	if err := k.takes(2); err != nil {
		return err
	}
	flag := func(name string) onnx.Attr {
		if k.flag(name, false) {
			return onnx.Int(name, 1)
		}
		return onnx.Int(name, 0)
	}
	axis := k.node("Reshape", []string{k.sizes(1), k.list()})
	return k.give(k.in[0].typ, k.in[0].shape, "CumSum", []string{k.use(k.in[0]), axis}, flag("exclusive"), flag("reverse"))
}

// l2Loss is half the sum of squares.
func (k *call) l2Loss() error {
	if err := k.takes(1); err != nil {
		return err
	}
	sum := k.node("ReduceSumSquare", []string{k.use(k.in[0])}, onnx.Int("keepdims", 0))
	return k.give(k.in[0].typ, dimsOf(), "Mul", []string{sum, k.scalar(0.5, k.in[0].typ)})
}
