package lower

import (
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// elemHere is the element type e in the graph.
func (c *Call) elemHere(e onnx.Elem) tensor.DType {
	d, ok := e.DType()
	if !ok {
		c.Fail("%v have no arithmetic here", e)
	}
	return c.l.typeHere(tensor.Type{DType: d}).DType
}

// AttrIsInt says whether the attribute is there and a whole number.
func (c *Call) AttrIsInt(name string) bool {
	a, ok := c.n.Attr(name)
	return ok && a.Kind == onnx.AttrInt
}

// numbersLike is numbers as a constant of shape dims and of x's element type, one
// of floats.
func (c *Call) numbersLike(x *graph.Node, numbers []float64, dims ...int) *graph.Node {
	t := tensor.Type{DType: x.DType(), Shape: c.Dims(dims...)}
	if !t.DType.Float() || len(numbers) != t.Shape.Size() {
		c.Fail("%d numbers for constants of %v", len(numbers), t)
	}
	return c.Graph().Constant(tensor.Wide{Type: t, F: numbers}.Narrow())
}
