package keras

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// call is one use of a layer, as its rule sees it. The first mistake sticks; what
// is asked for after it is zero.
type call struct {
	t     *translation
	layer *layer
	path  []*layer // from the outermost model to the layer
	in    []value
	args  map[string]any
	err   error
}

func (c *call) fail(reason string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("keras: layer %q (%s): %s", pathName(c.path), c.layer.class, fmt.Sprintf(reason, args...))
	}
}

// one is the only input.
func (c *call) one() value {
	if len(c.in) != 1 {
		c.fail("it is given %d tensors, wanted one", len(c.in))
	}
	if len(c.in) == 0 {
		return value{dims: []int{-1}}
	}
	return c.in[0]
}

// ranked is the only input, which must have so many axes.
func (c *call) ranked(rank int) value {
	x := c.one()
	if c.err == nil && x.rank() != rank {
		c.fail("the input has %d axes, wanted %d", x.rank(), rank)
	}
	if x.rank() != rank {
		x.dims = make([]int, rank)
	}
	return x
}

// axis is an axis of a value, counted from the front.
func (c *call) axis(a int, x value) int {
	if a < 0 {
		a += x.rank()
	}
	if a < 0 || a >= x.rank() {
		c.fail("axis %d of an input with %d axes", a, x.rank())
		return 0
	}
	return a
}

// variable is a variable of the layer as float32, whose sizes must be those
// given; -1 is any. Names are what it was called in different versions; index is
// its place among the layer's variables.
func (c *call) variable(index int, dims []int, names ...string) tensor.Tensor {
	if c.err != nil {
		return tensor.Tensor{}
	}
	var x tensor.Tensor
	var err error
	for _, name := range names {
		if x, err = c.t.weights.variable(c.path, name, index); err == nil {
			break
		}
	}
	if err != nil {
		c.fail("%v", err)
		return x
	}
	if x, err = single(x); err != nil {
		c.fail("%s: %v", names[0], err)
		return x
	}
	got := x.Shape().Dims()
	fits := len(got) == len(dims)
	for i := range got {
		fits = fits && (dims[i] < 0 || dims[i] == got[i])
	}
	if !fits {
		c.fail("%s has the shape %v, wanted %v", names[0], got, dims)
	}
	return x
}

// single is x as float32.
func single(x tensor.Tensor) (tensor.Tensor, error) {
	if x.DType() == tensor.Float32 {
		return x, nil
	}
	if !x.DType().Float() && x.DType().Kind() != tensor.KindInt {
		return x, fmt.Errorf("it is of type %v", x.DType())
	}
	w := tensor.Widen(x)
	y := tensor.New(tensor.Type{DType: tensor.Float32, Shape: x.Shape()})
	for i := range y.Floats() {
		if w.F != nil {
			y.Floats()[i] = float32(w.F[i])
		} else {
			y.Floats()[i] = float32(w.I[i])
		}
	}
	return y, nil
}

// param writes a parameter under the layer's name, once however often the layer
// is used, and returns the value's name. Make is asked for its contents.
func (c *call) param(name string, contents func() tensor.Tensor) string {
	key := pathName(c.path) + "/" + name
	if p, ok := c.t.params[key]; ok {
		return p
	}
	x := contents()
	if c.err != nil {
		return ""
	}
	c.t.params[key] = c.t.b.Init(key, x)
	return c.t.params[key]
}

// weight writes a variable of the layer as it is.
func (c *call) weight(index int, dims []int, names ...string) string {
	return c.param(names[0], func() tensor.Tensor { return c.variable(index, dims, names...) })
}

// add appends a node with one result.
func (c *call) add(op string, in []string, attrs ...onnx.Attr) string {
	if c.err != nil {
		return ""
	}
	return c.t.add(pathName(c.path)+"/"+op, op, in, attrs...)
}

// with is x after a node that leaves type and shape alone.
func (c *call) with(x value, op string, more []string, attrs ...onnx.Attr) value {
	x.name = c.add(op, append([]string{x.name}, more...), attrs...)
	return x
}

// ints writes a constant vector.
func (c *call) ints(what string, v ...int) string {
	list := make([]int64, len(v))
	for i := range v {
		list[i] = int64(v[i])
	}
	return c.t.b.Ints(pathName(c.path)+"/"+what, list...)
}

// scalar writes a constant number.
func (c *call) scalar(what string, v float64) string {
	return c.t.b.Scalar(pathName(c.path)+"/"+what, float32(v))
}

// permute is x with its axes in another order.
func (c *call) permute(x value, order ...int) value {
	if slices.IsSorted(order) {
		return x
	}
	y := value{dims: make([]int, len(order)), elem: x.elem}
	attr := make([]int64, len(order))
	for i, k := range order {
		attr[i], y.dims[i] = int64(k), x.dims[k]
	}
	y.name = c.add("Transpose", []string{x.name}, onnx.Ints("perm", attr...))
	return y
}

// first is x, whose channels are last, with its channels behind the batch.
func (c *call) first(x value) value {
	order := []int{0, x.rank() - 1}
	for i := 1; i < x.rank()-1; i++ {
		order = append(order, i)
	}
	return c.permute(x, order...)
}

// lastly is x, whose channels are behind the batch, with its channels last.
func (c *call) lastly(x value) value {
	order := []int{0}
	for i := 2; i < x.rank(); i++ {
		order = append(order, i)
	}
	return c.permute(x, append(order, 1)...)
}

// transposed is a tensor with its axes in another order.
func transposed(x tensor.Tensor, order ...int) tensor.Tensor {
	from, strides := x.Shape().Dims(), x.Shape().Strides()
	dims := make([]int, len(order))
	for i, k := range order {
		dims[i] = from[k]
	}
	y := tensor.New(tensor.Type{DType: tensor.Float32, Shape: tensor.Dims(dims...)})
	at, src := make([]int, len(order)), 0
	for i := range y.Floats() {
		y.Floats()[i] = x.Floats()[src]
		for k := len(order) - 1; k >= 0; k-- {
			src += strides[order[k]]
			if at[k]++; at[k] < dims[k] {
				break
			}
			src -= at[k] * strides[order[k]]
			at[k] = 0
		}
	}
	return y
}

// reshape is x with other sizes; -1 stands for what is not known, and at most one
// size besides the batch may be that.
func (c *call) reshape(x value, dims []int) value {
	shape := slices.Clone(dims)
	shape[0] = 0 // the batch stays
	for i, d := range dims {
		if i > 0 && d == 0 {
			c.fail("a size of 0")
		}
	}
	x.name = c.add("Reshape", []string{x.name, c.ints("shape", shape...)})
	x.dims = dims
	return x
}

// constant writes a constant vector of numbers.
func (c *call) constant(what string, v []float32) string {
	return c.t.b.Init(pathName(c.path)+"/"+what, tensor.From(tensor.Dims(len(v)), v))
}

// slice is x from one place to another along an axis of known size.
func (c *call) slice(x value, axis, from, to int) value {
	x.name = c.add("Slice", []string{x.name, c.ints("from", from), c.ints("to", to), c.ints("axis", axis)})
	x.dims = slices.Clone(x.dims)
	x.dims[axis] = to - from
	return x
}

// plus adds to a size that may not be known.
func plus(size, more int) int {
	if size < 0 {
		return size
	}
	return size + more
}
