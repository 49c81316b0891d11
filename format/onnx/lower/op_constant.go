package lower

import (
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "Constant", Since: []int64{1, 9, 11, 12, 13, 19, 21, 23, 24, 25}, Rule: constant})
	register(Operator{Name: "Identity", Since: []int64{1, 13, 14, 16, 19, 21, 23, 24, 25}, Rule: func(c *Call) { c.ReturnIn(0, 0) }})
}

// constant gives what the one attribute of the node holds.
func constant(c *Call) {
	if len(c.n.Attrs) == 0 {
		c.Fail("has no value")
	}
	switch a := c.n.Attrs[0]; a.Name {
	case "value", "sparse_value":
		if a.Tensor != nil && a.Tensor.Elem == onnx.ElemString {
			c.ReturnKnown(0, StringsHost(a.Tensor.Strings(), ints(a.Tensor.Dims)...))
			return
		}
		t, ok := c.AttrTensor(a.Name)
		if !ok {
			c.Fail("attribute %q holds no tensor", a.Name)
		}
		c.ReturnTensor(0, t)
	case "value_int":
		c.ReturnTensor(0, tensor.Scalar(a.Int))
	case "value_ints":
		c.ReturnTensor(0, tensor.From(tensor.Dims(len(a.Ints)), append([]int64{}, a.Ints...)))
	case "value_float":
		c.ReturnTensor(0, c.l.tensorHere(tensor.Scalar(a.Float)))
	case "value_floats":
		c.ReturnTensor(0, c.l.tensorHere(tensor.From(tensor.Dims(len(a.Floats)), append([]float32{}, a.Floats...))))
	case "value_string":
		c.ReturnKnown(0, StringsHost([]string{string(a.Str)}))
	case "value_strings":
		c.ReturnKnown(0, StringsHost(c.AttrStrings(a.Name), len(a.Strs)))
	default:
		c.Fail("attribute %q is no value", a.Name)
	}
}
