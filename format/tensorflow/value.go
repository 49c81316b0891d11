package tensorflow

import (
	"slices"

	"github.com/ihae/ihae/tensor"
)

// value is a result of a node, as far as it is known while translating.
type value struct {
	typ   DataType
	shape shape
	name  string // in the model; empty if it is not there, or not yet
	init  string // of a constant: the name of its initialiser

	konst *tensor.Tensor // a constant
	strs  [][]byte       // a constant of texts
	ints  *ints          // whole numbers and truth values that are known in part

	dead  bool   // behind a switch that is never taken
	guard *guard // behind a switch
	array *array // a list of tensors
	mark  mark   // what it is in a loop
}

// shape is the sizes of a value: -1 where unknown, -2 the batch.
type shape struct {
	ranked bool
	dims   []int
}

const (
	unknown = -1
	batch   = -2
)

var anyShape = shape{}

func dimsOf(dims ...int) shape { return shape{true, dims} }

// rank is the number of axes, or -1.
func (s shape) rank() int {
	if !s.ranked {
		return -1
	}
	return len(s.dims)
}

// known says whether all sizes are.
func (s shape) known() bool {
	return s.ranked && !slices.ContainsFunc(s.dims, func(d int) bool { return d < 0 })
}

// dim is the size of an axis, which may count from the end, or -1.
func (s shape) dim(axis int) int {
	if axis < 0 {
		axis += len(s.dims)
	}
	if axis < 0 || axis >= len(s.dims) {
		return unknown
	}
	return s.dims[axis]
}

// with is s with one size changed.
func (s shape) with(axis, size int) shape {
	if axis < 0 {
		axis += len(s.dims)
	}
	if axis < 0 || axis >= len(s.dims) {
		return s
	}
	dims := slices.Clone(s.dims)
	dims[axis] = size
	return shape{s.ranked, dims}
}

// size is the product of all sizes, or -1.
func (s shape) size() int {
	if !s.known() {
		return unknown
	}
	n := 1
	for _, d := range s.dims {
		if d > 0 && n > maxSize/d {
			return unknown
		}
		n *= d
	}
	return n
}

// maxSize bounds products of sizes.
const maxSize = 1 << 46

// broadcast is the shape of an elementwise operation on a and b.
func broadcast(a, b shape) shape {
	if !a.ranked || !b.ranked {
		return anyShape
	}
	if len(a.dims) < len(b.dims) {
		a, b = b, a
	}
	dims := slices.Clone(a.dims)
	for i, d := range b.dims {
		j := len(dims) - len(b.dims) + i
		switch e := dims[j]; {
		case e == 1:
			dims[j] = d
		case d > 1 && e < 0:
			dims[j] = d
		case d < 0 && e < 0 && d != e:
			dims[j] = unknown
		}
	}
	return shape{true, dims}
}

// meet is the most that is known of a value that has either shape.
func meet(a, b shape) shape {
	if !a.ranked || !b.ranked || len(a.dims) != len(b.dims) {
		return anyShape
	}
	dims := slices.Clone(a.dims)
	for i, d := range b.dims {
		if dims[i] != d {
			dims[i] = unknown
		}
	}
	return shape{true, dims}
}

// mayBe says whether a value of shape s could have shape t, too.
func (s shape) mayBe(t shape) bool {
	return !s.ranked || !t.ranked || slices.EqualFunc(s.dims, t.dims, func(d, e int) bool { return d == e || d < 0 || e < 0 })
}

func (s shape) equal(t shape) bool { return s.ranked == t.ranked && slices.Equal(s.dims, t.dims) }

// ints is a number, if scalar, or a list of numbers. Those that are not known
// are open, or openBatch.
type ints struct {
	scalar bool
	list   []int64
}

// The numbers that are not known: any, and the size of the batch.
const (
	open      = -1 << 62
	openBatch = open + 1
)

func isOpen(v int64) bool { return v <= openBatch }

// number is a size as a number, and sizeOf a number as a size.
func number(d int) int64 {
	switch {
	case d == batch:
		return openBatch
	case d < 0:
		return open
	}
	return int64(d)
}

func sizeOf(v int64) int {
	switch {
	case v == openBatch:
		return batch
	case v < 0 || v > maxSize:
		return unknown
	}
	return int(v)
}

// shapeFrom is the shape that a list of sizes says.
func shapeFrom(v *ints) shape {
	if v == nil || v.scalar {
		return anyShape
	}
	dims := make([]int, len(v.list))
	for i, n := range v.list {
		dims[i] = sizeOf(n)
	}
	return dimsOf(dims...)
}

// maxInts bounds the numbers that are followed.
const maxInts = 4096

// one is a single number that is known: a scalar, or a list of one.
func (v *ints) one() (n int64, ok bool) {
	if v == nil || len(v.list) != 1 || isOpen(v.list[0]) {
		return 0, false
	}
	return v.list[0], true
}

// all says whether all numbers are known.
func (v *ints) all() bool {
	return v != nil && !slices.ContainsFunc(v.list, isOpen)
}

// numbers is the whole numbers of v as far as they are known, or nil.
func (v *value) numbers() *ints {
	if v.ints != nil || v.konst == nil {
		return v.ints
	}
	t := *v.konst
	if t.Shape().Rank() > 1 || t.Shape().Size() > maxInts {
		return nil
	}
	list := make([]int64, t.Shape().Size())
	switch t.DType() {
	case tensor.Int32:
		for i, e := range tensor.Of[int32](t) {
			list[i] = int64(e)
		}
	case tensor.Int64:
		copy(list, tensor.Of[int64](t))
	case tensor.Bool:
		for i, e := range t.Bytes() {
			list[i] = int64(e)
		}
	default:
		return nil
	}
	v.ints = &ints{t.Shape().Rank() == 0, list}
	return v.ints
}

// asTensor is known numbers as a tensor of a type: int32, int64 or bool.
func (v *ints) asTensor(typ DataType) (tensor.Tensor, bool) {
	d, ok := typ.DType()
	if !ok || !v.all() {
		return tensor.Tensor{}, false
	}
	s := tensor.Dims()
	if !v.scalar {
		s = tensor.Dims(len(v.list))
	}
	t := tensor.New(tensor.Type{DType: d, Shape: s})
	for i, e := range v.list {
		switch d {
		case tensor.Int32:
			tensor.Of[int32](t)[i] = int32(e)
		case tensor.Int64:
			tensor.Of[int64](t)[i] = e
		case tensor.Bool:
			t.Bytes()[i] = byte(e & 1)
		default:
			return tensor.Tensor{}, false
		}
	}
	return t, true
}

// constant is a value that is known.
func constant(name string, t tensor.Tensor) *value {
	return &value{typ: DataTypeOf(t.DType()), shape: dimsOf(t.Shape().Dims()...), konst: &t, init: name}
}

// array is a list of tensors of one shape: a TensorArray or a TensorList.
type array struct {
	length  *value // the number of elements, where it is known
	typ     DataType
	element shape
	stack   *value // all elements along a first axis; nil while nothing is written

	base    *array // before element number index was written
	index   *value
	written *value
}

// guard is a switch that a value is behind.
type guard struct {
	pred  *value
	taken bool // the branch
	outer *guard
	depth int // of guards, this one included
}

// mark is what a value is in a loop that is being translated.
type mark struct {
	loop    *looping
	counter int       // 1 more than the variable it is
	next    int       // 1 more than the variable that it is, plus one
	below   []compare // all of these hold, if it is true
	upTo    *value    // a list 0, 1, 2 and so on, of that length
}

// compare is that variable number of a loop is less than limit.
type compare struct {
	number int
	limit  *value
}
