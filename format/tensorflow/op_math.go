package tensorflow

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
)

// unary is operations of one number that ONNX has under another name or the
// same.
var unary = map[string]string{
	"Relu": "Relu", "Elu": "Elu", "Selu": "Selu", "Sigmoid": "Sigmoid", "Tanh": "Tanh", "Softplus": "Softplus",
	"Softsign": "Softsign", "Exp": "Exp", "Log": "Log", "Sqrt": "Sqrt", "Abs": "Abs", "Neg": "Neg", "Sign": "Sign",
	"Floor": "Floor", "Ceil": "Ceil", "Round": "Round", "Rint": "Round", "Reciprocal": "Reciprocal", "Inv": "Reciprocal",
	"Sin": "Sin", "Cos": "Cos", "Tan": "Tan", "Asin": "Asin", "Acos": "Acos", "Atan": "Atan", "Sinh": "Sinh",
	"Cosh": "Cosh", "Asinh": "Asinh", "Acosh": "Acosh", "Atanh": "Atanh", "Erf": "Erf",
}

func init() {
	for name, op := range unary {
		register(func(k *call) error { return k.each(op) }, name)
	}
	for name, op := range map[string]string{"IsNan": "IsNaN", "IsInf": "IsInf"} {
		register(func(k *call) error { return k.test(op) }, name)
	}
	register(func(k *call) error {
		if err := k.takes(1); err != nil {
			return err
		}
		x := k.use(k.in[0])
		bad := k.node("Or", []string{k.node("IsNaN", []string{x}), k.node("IsInf", []string{x})})
		return k.give(boolType, k.in[0].shape, "Not", []string{bad})
	}, "IsFinite")
	register(func(k *call) error { return k.each("LeakyRelu", onnx.Float("alpha", k.float("alpha", 0.2))) }, "LeakyRelu")
	register(func(k *call) error {
		if err := k.takes(1); err != nil {
			return err
		}
		v := k.in[0]
		return k.give(v.typ, v.shape, "Clip", []string{k.use(v), k.scalar(0, v.typ), k.scalar(6, v.typ)})
	}, "Relu6")
	register(func(k *call) error {
		return k.composed(func(x string) (string, []string) { return "Mul", []string{x, x} })
	}, "Square")
	register(func(k *call) error {
		return k.composed(func(x string) (string, []string) { return "Reciprocal", []string{k.node("Sqrt", []string{x})} })
	}, "Rsqrt")
	register(func(k *call) error {
		return k.composed(func(x string) (string, []string) {
			return "Log", []string{k.node("Add", []string{x, k.scalar(1, k.in[0].typ)})}
		})
	}, "Log1p")
	register(func(k *call) error {
		return k.composed(func(x string) (string, []string) {
			return "Sub", []string{k.node("Exp", []string{x}), k.scalar(1, k.in[0].typ)}
		})
	}, "Expm1")
	register((*call).prelu, "Prelu")
	register((*call).not, "LogicalNot")
	register((*call).convert, "Cast")
	register((*call).clip, "ClipByValue")
	register((*call).softmax, "Softmax", "LogSoftmax")
}

// each gives an operator of input 0.
func (k *call) each(op string, attrs ...onnx.Attr) error {
	if err := k.takes(1); err != nil {
		return err
	}
	return k.give(k.in[0].typ, k.in[0].shape, op, []string{k.use(k.in[0])}, attrs...)
}

// test is each with truth values as the result.
func (k *call) test(op string) error {
	if err := k.takes(1); err != nil {
		return err
	}
	return k.give(boolType, k.in[0].shape, op, []string{k.use(k.in[0])})
}

// composed gives an operator whose inputs f makes from the name of input 0.
func (k *call) composed(f func(x string) (op string, in []string)) error {
	if err := k.takes(1); err != nil {
		return err
	}
	op, in := f(k.use(k.in[0]))
	return k.give(k.in[0].typ, k.in[0].shape, op, in)
}

// prelu is an operation of models for browsers only.
func (k *call) prelu() error {
	if err := k.takes(2); err != nil {
		return err
	}
	return k.give(k.in[0].typ, k.in[0].shape, "PRelu", k.names()[:2])
}

func (k *call) not() error {
	if err := k.takes(1); err != nil {
		return err
	}
	v := k.in[0]
	var n *ints
	if m := v.numbers(); m.all() {
		n = &ints{m.scalar, slices.Clone(m.list)}
		for i := range n.list {
			n.list[i] ^= 1
		}
	}
	return k.giveInts(n, boolType, func() error { return k.give(boolType, v.shape, "Not", []string{k.use(v)}) })
}

// convert changes the element type.
func (k *call) convert() error {
	if err := k.takes(1); err != nil {
		return err
	}
	v, to := k.in[0], k.typ("DstT", floatType)
	if to == v.typ {
		return k.same(v)
	}
	var n *ints
	if to == int32Type || to == int64Type {
		n = v.numbers()
	}
	return k.giveInts(n, to, func() error { return k.give(to, v.shape, "Cast", []string{k.use(v)}, k.to(to)) })
}

func (k *call) clip() error {
	if err := k.takes(3); err != nil {
		return err
	}
	x := k.node("Max", []string{k.use(k.in[0]), k.use(k.in[1])})
	s := broadcast(broadcast(k.in[0].shape, k.in[1].shape), k.in[2].shape)
	return k.give(k.in[0].typ, s, "Min", []string{x, k.use(k.in[2])})
}

func (k *call) softmax() error { return k.each(k.n.Op, onnx.Int("axis", -1)) }

// binaries is operations of two numbers by ONNX's names.
var binaries = map[string]string{
	"Add": "Add", "AddV2": "Add", "Sub": "Sub", "Mul": "Mul", "Div": "Div", "RealDiv": "Div", "Maximum": "Max",
	"Minimum": "Min", "Pow": "Pow",
}

// comparisons is those whose result is a truth value.
var comparisons = map[string]string{
	"Less": "Less", "LessEqual": "LessOrEqual", "Greater": "Greater", "GreaterEqual": "GreaterOrEqual",
	"Equal": "Equal", "LogicalAnd": "And", "LogicalOr": "Or",
}

func init() {
	for name, op := range binaries {
		register(func(k *call) error { return k.binary(op) }, name)
	}
	for name, op := range comparisons {
		register(func(k *call) error { return k.comparison(op) }, name)
	}
	register(func(k *call) error {
		if err := k.takes(2); err != nil {
			return err
		}
		s := broadcast(k.in[0].shape, k.in[1].shape)
		return k.give(boolType, s, "Not", []string{k.node("Equal", k.names()[:2])})
	}, "NotEqual")
	register((*call).squaredDifference, "SquaredDifference")
	register((*call).addN, "AddN", "AccumulateNV2")
	register((*call).biasAdd, "BiasAdd", "BiasAddV1")
}

func (k *call) binary(op string) error {
	if err := k.takes(2); err != nil {
		return err
	}
	a, b := k.in[0], k.in[1]
	if a.typ != b.typ {
		return fmt.Errorf("element types %d and %d", a.typ, b.typ)
	}
	n := arithmetic(k.n.Op, a, b)
	err := k.giveInts(n, a.typ, func() error {
		return k.give(a.typ, broadcast(a.shape, b.shape), op, []string{k.use(a), k.use(b)})
	})
	if err == nil && op == "Add" {
		k.markNext(a, b)
	}
	return err
}

// markNext notes the sum of what a loop counts and one.
func (k *call) markNext(a, b *value) {
	if b.mark.counter > 0 {
		a, b = b, a
	}
	if n := b.numbers(); a.mark.counter > 0 && n.all() && len(n.list) == 1 && n.list[0] == 1 {
		k.out[0].mark = mark{loop: a.mark.loop, next: a.mark.counter}
	}
}

func (k *call) comparison(op string) error {
	if err := k.takes(2); err != nil {
		return err
	}
	a, b := k.in[0], k.in[1]
	n := arithmetic(k.n.Op, a, b)
	err := k.giveInts(n, boolType, func() error {
		return k.give(boolType, broadcast(a.shape, b.shape), op, []string{k.use(a), k.use(b)})
	})
	if err != nil || n.all() {
		return err
	}
	y := k.out[0]
	switch {
	case op == "Greater" && b.mark.counter > 0:
		a, b = b, a
		fallthrough
	case op == "Less" && a.mark.counter > 0:
		y.mark = mark{loop: a.mark.loop, below: []compare{{a.mark.counter, b}}}
	case op == "And" && len(a.mark.below) > 0 && len(b.mark.below) > 0:
		y.mark = mark{loop: a.mark.loop, below: slices.Concat(a.mark.below, b.mark.below)}
	}
	return nil
}

// integers is arithmetic of whole numbers, by TensorFlow's names.
var integers = map[string]func(a, b int64) int64{
	"Add": func(a, b int64) int64 { return a + b }, "AddV2": func(a, b int64) int64 { return a + b },
	"Sub": func(a, b int64) int64 { return a - b }, "Mul": func(a, b int64) int64 { return a * b },
	"Maximum": func(a, b int64) int64 { return max(a, b) }, "Minimum": func(a, b int64) int64 { return min(a, b) },
	"FloorDiv": floorDiv, "FloorMod": func(a, b int64) int64 { return a - b*floorDiv(a, b) },
	"Less": func(a, b int64) int64 { return truth(a < b) }, "LessEqual": func(a, b int64) int64 { return truth(a <= b) },
	"Greater": func(a, b int64) int64 { return truth(a > b) }, "GreaterEqual": func(a, b int64) int64 { return truth(a >= b) },
	"Equal":      func(a, b int64) int64 { return truth(a == b) },
	"LogicalAnd": func(a, b int64) int64 { return a & b }, "LogicalOr": func(a, b int64) int64 { return a | b },
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// arithmetic is what is known of an operation on whole numbers that are known in
// part, or nil.
func arithmetic(op string, x, y *value) *ints {
	a, b, f := x.numbers(), y.numbers(), integers[op]
	if a == nil || b == nil || f == nil || !a.scalar && !b.scalar && len(a.list) != len(b.list) {
		return nil
	}
	n := len(a.list)
	if a.scalar {
		n = len(b.list)
	}
	list := make([]int64, n)
	for i := range list {
		v, w := a.list[min(i, len(a.list)-1)], b.list[min(i, len(b.list)-1)]
		large := v > 1<<31 || v < -1<<31 || w > 1<<31 || w < -1<<31
		if large || w == 0 && (op == "FloorDiv" || op == "FloorMod") {
			list[i] = open
		} else {
			list[i] = f(v, w)
		}
	}
	return &ints{a.scalar && b.scalar, list}
}

// floats says whether an element type is of floating-point numbers.
func (t DataType) floats() bool {
	d, ok := t.DType()
	return ok && d.Float()
}

func (k *call) squaredDifference() error {
	if err := k.takes(2); err != nil {
		return err
	}
	d := k.node("Sub", k.names()[:2])
	return k.give(k.in[0].typ, broadcast(k.in[0].shape, k.in[1].shape), "Mul", []string{d, d})
}

func (k *call) addN() error {
	if err := k.takes(1); err != nil {
		return err
	}
	s := k.in[0].shape
	for _, v := range k.in[1:] {
		s = broadcast(s, v.shape)
	}
	return k.give(k.in[0].typ, s, "Sum", k.names())
}

// biasAdd adds a vector to the channels, the last axis or, of NCHW, the second.
func (k *call) biasAdd() error {
	if err := k.takes(2); err != nil {
		return err
	}
	x, b := k.in[0], k.in[1]
	name := k.use(b)
	if k.text("data_format", "NHWC") == "NCHW" {
		rank := x.shape.rank()
		if rank < 2 {
			return fmt.Errorf("NCHW with %d axes", rank)
		}
		if rank > 2 {
			list := make([]int, rank-2)
			for i := range list {
				list[i] = i + 1
			}
			name = k.node("Unsqueeze", []string{name, k.list(list...)})
		}
	}
	s := x.shape
	if last := s.rank() - 1; last >= 0 && k.text("data_format", "NHWC") != "NCHW" && s.dims[last] < 0 {
		s = s.with(last, b.shape.dim(0))
	}
	return k.give(x.typ, s, "Add", []string{k.use(x), name})
}
