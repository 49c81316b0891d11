package tensorflow

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// call is one node being translated. The first mistake sticks.
type call struct {
	*scope
	n     *Node
	in    []*value
	out   []*value
	guard *guard
	err   error
}

func (k *call) fail(reason string, args ...any) {
	if k.err == nil {
		k.err = fmt.Errorf(reason, args...)
	}
}

// takes asks for at least so many inputs.
func (k *call) takes(n int) error {
	if len(k.in) < n {
		return fmt.Errorf("%d inputs, want %d", len(k.in), n)
	}
	return nil
}

// The attributes, with what stands for one that is absent.

func (k *call) attr(name string) *Attr {
	a := k.n.Attr(name)
	if a != nil && a.Kind == attrParam {
		k.fail("%s is a parameter of a function, which no call gives", name)
	}
	return a
}

func (k *call) int(name string, def int) int {
	a := k.attr(name)
	if a == nil {
		return def
	}
	if a.Int < -1<<31 || a.Int > 1<<31 {
		k.fail("%s is %d", name, a.Int)
	}
	return int(a.Int)
}

func (k *call) float(name string, def float32) float32 {
	if a := k.attr(name); a != nil {
		return a.Float
	}
	return def
}

func (k *call) flag(name string, def bool) bool {
	if a := k.attr(name); a != nil {
		return a.Bool
	}
	return def
}

func (k *call) text(name, def string) string {
	if a := k.attr(name); a != nil && len(a.Bytes) > 0 {
		return string(a.Bytes)
	}
	return def
}

func (k *call) typ(name string, def DataType) DataType {
	if a := k.attr(name); a != nil && a.Type != 0 {
		return a.Type % 100
	}
	return def
}

// ints is a list of whole numbers.
func (k *call) ints(name string) []int {
	a := k.attr(name)
	if a == nil || a.List == nil {
		return nil
	}
	list := make([]int, len(a.List.Ints))
	for i, v := range a.List.Ints {
		if v < -1<<31 || v > 1<<31 {
			k.fail("%s is %v", name, a.List.Ints)
		}
		list[i] = int(v)
	}
	return list
}

// node adds an operator whose result is no result of the graph.
func (k *call) node(op string, in []string, attrs ...onnx.Attr) string {
	name := k.fresh(k.n.Name + ":" + op)
	k.add(name, op, in, []string{name}, attrs...)
	return name
}

// give adds an operator whose result is the node's next.
func (k *call) give(typ DataType, s shape, op string, in []string, attrs ...onnx.Attr) error {
	name := k.resultName()
	k.add(name, op, in, []string{name}, attrs...)
	k.out = append(k.out, &value{typ: typ, shape: s, name: name})
	return nil
}

// resultName is the name of the node's next result.
func (k *call) resultName() string {
	if n := len(k.out); n > 0 {
		return k.fresh(fmt.Sprintf("%s:%d", k.n.Name, n))
	}
	return k.fresh(k.n.Name)
}

// same gives a value that is there already.
func (k *call) same(v *value) error {
	k.out = append(k.out, v)
	return nil
}

// withInts says what is known of the last result's numbers. If all are, it is a
// constant.
func (k *call) withInts(v *ints) error {
	last := k.out[len(k.out)-1]
	if v == nil || len(v.list) > maxInts {
		return nil
	}
	last.ints = v
	return k.c.pay(8 * len(v.list))
}

// giveInts gives numbers that are known in part: as a constant if all are, else
// by the operator that add adds.
func (k *call) giveInts(v *ints, typ DataType, add func() error) error {
	if v != nil && v.all() && len(v.list) <= maxInts {
		if t, ok := v.asTensor(typ); ok {
			if err := k.c.pay(16 * len(v.list)); err != nil {
				return err
			}
			k.out = append(k.out, constant(k.n.Name, t))
			return nil
		}
	}
	if err := add(); err != nil {
		return err
	}
	return k.withInts(v)
}

// scalar adds a number of a floating-point type.
func (k *call) scalar(v float32, typ DataType) string {
	d, ok := typ.DType()
	if !ok {
		k.fail("element type %d", typ)
		d = tensor.Float32
	}
	t := tensor.New(tensor.Type{DType: d})
	w := tensor.Widen(t)
	if d.Float() {
		w.F[0] = float64(v)
	} else {
		w.I[0] = int64(v)
	}
	return k.b.Init(k.n.Name+":constant", w.Narrow())
}

// list adds whole numbers as ONNX takes sizes and axes.
func (k *call) list(v ...int) string {
	return k.b.Ints(k.n.Name+":list", int64s(v)...)
}

func int64s(v []int) []int64 {
	list := make([]int64, len(v))
	for i, d := range v {
		list[i] = int64(d)
	}
	return list
}

// sizes is input i as the int64 vector that ONNX takes sizes as.
func (k *call) sizes(i int) string {
	v := k.in[i]
	if n := v.numbers(); n.all() {
		return k.b.Ints(k.n.Name+":list", n.list...)
	}
	name := k.use(v)
	if v.typ != int64Type {
		name = k.cast(name, int64Type)
	}
	if v.shape.ranked && len(v.shape.dims) == 0 {
		name = k.node("Reshape", []string{name, k.list(1)})
	}
	return name
}

// The element types that translators make.
const (
	floatType DataType = 1
	int32Type DataType = 3
	int64Type DataType = 9
	boolType  DataType = 10
)

// cast adds a conversion.
func (k *call) cast(name string, typ DataType) string {
	return k.node("Cast", []string{name}, k.to(typ))
}

// to is the attribute of Cast.
func (k *call) to(typ DataType) onnx.Attr {
	e, err := typ.elem()
	if err != nil {
		k.fail("%v", err)
	}
	return onnx.Int("to", int64(e))
}

// constInts is input i, which must be known: a list, or a number as one.
func (k *call) constInts(i int) ([]int, error) {
	if i >= len(k.in) {
		return nil, k.takes(i + 1)
	}
	n := k.in[i].numbers()
	if !n.all() {
		return nil, fmt.Errorf("input %d must be a constant list of whole numbers here", i)
	}
	list := make([]int, len(n.list))
	for j, v := range n.list {
		if v < -1<<31 || v > 1<<31 {
			return nil, fmt.Errorf("input %d holds %d", i, v)
		}
		list[j] = int(v)
	}
	return list, nil
}

// constFloat is input i, which must be a known number.
func (k *call) constFloat(i int) (float32, error) {
	if i < len(k.in) {
		if t, ok := k.in[i].tensor(); ok && t.Shape().Size() == 1 {
			w := tensor.Widen(t)
			if t.DType().Float() {
				return float32(w.F[0]), nil
			}
			return float32(w.I[0]), nil
		}
	}
	return 0, fmt.Errorf("input %d must be a constant number here", i)
}

// axis turns one that may count from the end into one of input i.
func (k *call) axis(i, axis int) (int, error) {
	rank := k.in[i].shape.rank()
	if rank >= 0 && (axis < -rank || axis >= rank) {
		return 0, fmt.Errorf("axis %d of %d", axis, rank)
	}
	if rank >= 0 && axis < 0 {
		axis += rank
	}
	return axis, nil
}

// names is the inputs' names in the model.
func (k *call) names() []string {
	list := make([]string, len(k.in))
	for i, v := range k.in {
		list[i] = k.use(v)
	}
	return list
}

// transposed is a value with its axes in another order: a constant is turned
// here, once.
func (k *call) transposed(v *value, perm ...int) string {
	t, ok := v.tensor()
	if !ok || t.Shape().Rank() != len(perm) || !k.c.spend(int64(len(t.Bytes()))) {
		return k.node("Transpose", []string{k.use(v)}, onnx.Ints("perm", int64s(perm)...))
	}
	return k.b.Init(k.initName(v), permute(t, perm))
}

// permute is a tensor with its axes in another order.
func permute(t tensor.Tensor, perm []int) tensor.Tensor {
	dims := make([]int, len(perm))
	steps := make([]int, len(perm))
	strides := t.Shape().Strides()
	for i, p := range perm {
		dims[i], steps[i] = t.Shape().Dim(p), strides[p]
	}
	y := tensor.New(tensor.Type{DType: t.DType(), Shape: tensor.Dims(dims...)})
	size := t.DType().Size()
	index := make([]int, len(perm))
	from := 0
	for to := range y.Shape().Size() {
		copy(y.Bytes()[to*size:(to+1)*size], t.Bytes()[from*size:])
		for a := len(perm) - 1; a >= 0; a-- {
			index[a]++
			from += steps[a]
			if index[a] < dims[a] {
				break
			}
			from -= steps[a] * dims[a]
			index[a] = 0
		}
	}
	return y
}

// permuted is a shape with its axes in another order.
func (s shape) permuted(perm []int) shape {
	if !s.ranked || len(perm) != len(s.dims) {
		return anyShape
	}
	dims := make([]int, len(perm))
	for i, p := range perm {
		dims[i] = s.dims[p]
	}
	return dimsOf(dims...)
}

// insert is s with an axis of a size before axis.
func (s shape) insert(axis, size int) shape {
	if !s.ranked {
		return anyShape
	}
	return dimsOf(slices.Insert(slices.Clone(s.dims), axis, size)...)
}
