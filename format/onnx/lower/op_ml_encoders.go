package lower

import (
	"fmt"
	"math"
	"strconv"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

func init() {
	learned("LabelEncoder", labelEncoder, 1, 2, 4)
	learned("CategoryMapper", categoryMapper, 1)
	learned("OneHotEncoder", oneHotEncoder, 1)
	learned("ZipMap", zipMap, 1)
}

// list is values of one kind, texts or a tensor [n], on the host.
type list struct{ Host }

func textList(texts ...string) list { return list{StringsHost(texts, len(texts))} }

func intList(v ...int) list { return list{TensorHost(int64s(v...))} }

func (x list) size() int {
	if x.Kind == KindStrings {
		return len(x.Strings)
	}
	return x.Tensor.Shape().Size()
}

// keysOf tells the elements of h apart, numbers of all types by their value; NaN is
// one, and so is 0.
func keysOf(h Host) []string {
	if h.Kind == KindStrings {
		return h.Strings
	}
	w := tensor.Widen(h.Tensor)
	y := make([]string, h.Tensor.Shape().Size())
	for i := range y {
		if w.F != nil {
			y[i] = strconv.FormatUint(math.Float64bits(w.F[i]+0), 16)
			if w.F[i] != w.F[i] {
				y[i] = "NaN"
			}
		} else {
			y[i] = strconv.FormatInt(w.I[i], 10)
		}
	}
	return y
}

// mapping is a function from keys to values; of equal keys the last one counts.
type mapping struct {
	of       Host // keys, to know their kind
	at       map[string]int
	values   list
	fallback list // of one
}

func (c *Call) mapping(from, to, fallback list) *mapping {
	if from.size() != to.size() || fallback.size() != 1 {
		c.Fail("%d keys for %d values and %d defaults", from.size(), to.size(), fallback.size())
	}
	if to.Kind != fallback.Kind || to.Tensor.DType() != fallback.Tensor.DType() {
		c.Fail("values and the default are of different types")
	}
	m := &mapping{from.Host, map[string]int{}, to, fallback}
	for i, key := range keysOf(from.Host) {
		m.at[key] = i
	}
	return m
}

// apply maps each element.
func (m *mapping) apply(in []Host) ([]Host, error) {
	x := in[0]
	if x.Kind != m.of.Kind || x.Kind == KindTensor && x.Tensor.DType().Float() != m.of.Tensor.DType().Float() {
		return nil, fmt.Errorf("keys of another type than the operand's elements")
	}
	dims := x.Dims
	if x.Kind == KindTensor {
		dims = x.Tensor.Shape().Dims()
	}
	if err := textsFit(dims); err != nil {
		return nil, err
	}
	all := keysOf(x)
	if m.values.Kind == KindStrings {
		y := make([]string, len(all))
		for i, key := range all {
			y[i] = m.fallback.Strings[0]
			if at, ok := m.at[key]; ok {
				y[i] = m.values.Strings[at]
			}
		}
		return []Host{StringsHost(y, dims...)}, nil
	}
	y := tensor.New(tensor.Type{DType: m.values.Tensor.DType(), Shape: tensor.Dims(dims...)})
	n := y.DType().Size()
	for i, key := range all {
		from, at := m.fallback.Tensor.Bytes(), 0
		if found, ok := m.at[key]; ok {
			from, at = m.values.Tensor.Bytes(), found
		}
		copy(y.Bytes()[i*n:(i+1)*n], from[at*n:])
	}
	return []Host{TensorHost(y)}, nil
}

// labelEncoder maps elements. In opset 1 it maps texts to their places in a list,
// or places to texts.
func labelEncoder(c *Call) {
	if c.Opset() < 2 {
		names := c.AttrStrings("classes_strings")
		c.textsAndInts(textList(names...), intList(upTo(len(names))...))
		return
	}
	from, ok := c.lists("keys")
	to, has := c.lists("values")
	if !ok || !has {
		c.Fail("has no keys, or no values")
	}
	c.tensorOrTexts(0)
	c.Host(c.mapping(from, to, c.fallback(to)).apply, 0)
}

// categoryMapper maps texts to whole numbers, or whole numbers to texts.
func categoryMapper(c *Call) {
	c.textsAndInts(textList(c.AttrStrings("cats_strings")...), intList(c.AttrInts("cats_int64s")...))
}

// textsAndInts maps either of two lists to the other.
func (c *Call) textsAndInts(texts, ints list) {
	if c.Kind(0) == KindStrings {
		c.Host(c.mapping(texts, ints, intList(c.AttrInt("default_int64", -1))).apply, 0)
		return
	}
	c.Host(c.mapping(ints, texts, textList(c.AttrString("default_string", "_Unused"))).apply, 0)
}

// lists is the one attribute there is of those that begin with a name and say the
// type of a list.
func (c *Call) lists(name string) (x list, ok bool) {
	switch {
	case c.HasAttr(name + "_strings"):
		return textList(c.AttrStrings(name + "_strings")...), true
	case c.HasAttr(name + "_int64s"):
		return intList(c.AttrInts(name + "_int64s")...), true
	case c.HasAttr(name + "_floats"):
		return c.floatList(c.AttrFloats(name + "_floats")...), true
	}
	return c.tensorList(name + "_tensor")
}

func (c *Call) floatList(v ...float64) list {
	t := tensor.Type{DType: c.float32Here(), Shape: tensor.Dims(len(v))}
	return list{TensorHost(tensor.Wide{Type: t, F: v}.Narrow())}
}

// tensorList is an attribute that is a tensor, of texts maybe.
func (c *Call) tensorList(name string) (x list, ok bool) {
	a, ok := c.n.Attr(name)
	if !ok || a.Kind != onnx.AttrTensor || a.Tensor == nil {
		return list{}, false
	}
	if a.Tensor.Elem == onnx.ElemString {
		return textList(a.Tensor.Strings()...), true
	}
	t, ok := c.AttrTensor(name)
	return list{TensorHost(t)}, ok
}

// fallback is what keys that are not listed become, for values of to's type.
func (c *Call) fallback(to list) list {
	if x, ok := c.tensorList("default_tensor"); ok {
		return x
	}
	switch {
	case to.Kind == KindStrings:
		return textList(c.AttrString("default_string", "_Unused"))
	case c.HasAttr("values_int64s"):
		return intList(c.AttrInt("default_int64", -1))
	case c.HasAttr("values_floats"):
		return c.floatList(c.AttrFloat("default_float", math.Copysign(0, -1)))
	}
	w := tensor.NewWide(tensor.Type{DType: to.Tensor.DType(), Shape: tensor.Dims(1)})
	if w.F != nil {
		w.F[0] = math.Copysign(0, -1)
	} else {
		w.I[0] = -1
	}
	return list{TensorHost(w.Narrow())}
}

// oneHotEncoder is 1 at the place of an element among the categories, along a new
// last axis. Unknown ones are all 0, or a mistake if zeros is 0.
func oneHotEncoder(c *Call) {
	names, zeros := textList(c.AttrStrings("cats_strings")...), c.AttrBool("zeros", true)
	if len(names.Strings) == 0 {
		names = intList(c.AttrInts("cats_int64s")...)
	}
	n := names.size()
	places := c.mapping(names, intList(upTo(n)...), intList(-1))
	d := c.float32Here()
	c.tensorOrTexts(0)
	c.Host(func(in []Host) ([]Host, error) {
		out, err := places.apply([]Host{wholes(in[0])})
		if err != nil {
			return nil, err
		}
		s := out[0].Tensor.Shape()
		to := append(s.Dims(), n)
		if err := textsFit(to); err != nil {
			return nil, err
		}
		w := tensor.NewWide(tensor.Type{DType: d, Shape: tensor.Dims(to...)})
		for i, at := range tensor.Of[int64](out[0].Tensor) {
			if at >= 0 {
				w.F[i*n+int(at)] = 1
			} else if !zeros {
				return nil, fmt.Errorf("element %d is none of the categories", i)
			}
		}
		return []Host{TensorHost(w.Narrow())}, nil
	}, 0)
}

// wholes is h with numbers cut to int64.
func wholes(h Host) Host {
	if h.Kind != KindTensor {
		return h
	}
	w := tensor.Widen(h.Tensor)
	y := tensor.NewWide(tensor.Type{DType: tensor.Int64, Shape: w.Type.Shape})
	copy(y.I, w.I)
	for i, v := range w.F {
		y.I[i] = int64(v)
	}
	return TensorHost(y.Narrow())
}

// zipMap is a sequence of the rows of a tensor [N E] or [E]. The standard has maps
// from the names of the classes to them, which are no values here: the names are
// in the node's attributes, in the order of the columns.
func zipMap(c *Call) {
	s := c.Shape(0)
	if s.Rank() < 1 || s.Rank() > 2 || s.Dim(s.Rank()-1) != c.classNames("classlabels_int64s").size() {
		c.Fail("scores of shape %v for %d classes", s, c.classNames("classlabels_int64s").size())
	}
	if s.Rank() == 1 {
		c.returnSequence(0, []*value{c.value(0)})
		return
	}
	if s.Dim(0) > maxParts {
		c.Fail("%d rows, at most %d are allowed", s.Dim(0), maxParts)
	}
	x := c.In(0)
	items := make([]*value, s.Dim(0))
	for i := range items {
		items[i] = c.l.nodeValue(element(x, i))
	}
	c.returnSequence(0, items)
}
