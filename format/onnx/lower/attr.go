package lower

import (
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// The attributes of a Call. Each method gives the attribute of a name, or what
// is to be taken if it is not there; one of another kind ends the rule.

func (c *Call) attr(name string, kind onnx.AttrKind) *onnx.Attr {
	a, ok := c.n.Attr(name)
	if !ok {
		return nil
	}
	if a.Ref != "" {
		c.Fail("attribute %q is to be the function's %q, but the node is in none", name, a.Ref)
	}
	if a.Kind != kind {
		c.Fail("attribute %q is of kind %d, want %d", name, a.Kind, kind)
	}
	return a
}

// HasAttr says whether the attribute is there.
func (c *Call) HasAttr(name string) bool {
	_, ok := c.n.Attr(name)
	return ok
}

// AttrInt is a whole number.
func (c *Call) AttrInt(name string, or int) int {
	if a := c.attr(name, onnx.AttrInt); a != nil {
		return int(a.Int)
	}
	return or
}

// AttrBool is a whole number seen as a truth value.
func (c *Call) AttrBool(name string, or bool) bool {
	if a := c.attr(name, onnx.AttrInt); a != nil {
		return a.Int != 0
	}
	return or
}

// AttrInts is whole numbers, nil if they are not there.
func (c *Call) AttrInts(name string) []int {
	if a := c.attr(name, onnx.AttrInts); a != nil {
		return ints(a.Ints)
	}
	return nil
}

// AttrFloat is a number.
func (c *Call) AttrFloat(name string, or float64) float64 {
	if a := c.attr(name, onnx.AttrFloat); a != nil {
		return float64(a.Float)
	}
	return or
}

// AttrFloats is numbers, nil if they are not there.
func (c *Call) AttrFloats(name string) []float64 {
	a := c.attr(name, onnx.AttrFloats)
	if a == nil {
		return nil
	}
	y := make([]float64, len(a.Floats))
	for i, v := range a.Floats {
		y[i] = float64(v)
	}
	return y
}

// AttrString is a text.
func (c *Call) AttrString(name, or string) string {
	if a := c.attr(name, onnx.AttrString); a != nil {
		return string(a.Str)
	}
	return or
}

// AttrStrings is texts, nil if they are not there.
func (c *Call) AttrStrings(name string) []string {
	a := c.attr(name, onnx.AttrStrings)
	if a == nil {
		return nil
	}
	y := make([]string, len(a.Strs))
	for i, s := range a.Strs {
		y[i] = string(s)
	}
	return y
}

// AttrTensor is a tensor; ok is false if it is not there.
func (c *Call) AttrTensor(name string) (t tensor.Tensor, ok bool) {
	a := c.attr(name, onnx.AttrTensor)
	if a == nil || a.Tensor == nil {
		return tensor.Tensor{}, false
	}
	t, err := a.Tensor.Value()
	c.check(err)
	return c.l.tensorHere(t), true
}

// AttrGraph is a graph, which must be there.
func (c *Call) AttrGraph(name string) *onnx.Graph {
	a := c.attr(name, onnx.AttrGraph)
	if a == nil || a.Graph == nil {
		c.Fail("attribute %q, a graph, is missing", name)
	}
	return a.Graph
}

// AttrDType is an element type given by its number; or is taken if the attribute
// is not there.
func (c *Call) AttrDType(name string, or tensor.DType) tensor.DType {
	a := c.attr(name, onnx.AttrInt)
	if a == nil {
		return or
	}
	d, ok := onnx.Elem(a.Int).DType()
	if !ok {
		c.Fail("attribute %q is element type %v, which has no arithmetic here", name, onnx.Elem(a.Int))
	}
	return c.l.typeHere(tensor.Type{DType: d}).DType
}
