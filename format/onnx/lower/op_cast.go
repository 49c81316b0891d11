package lower

import (
	"strings"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "Cast", Since: []int64{1, 6, 9, 13, 19, 21, 23, 24, 25, 28}, Rule: cast})
	register(Operator{Name: "CastLike", Since: []int64{15, 19, 21, 23, 24, 25}, Rule: castLike})
	register(Operator{Name: "BitCast", Since: []int64{26}, Rule: bitCast})
}

func cast(c *Call) {
	if c.castElem() == onnx.ElemString {
		c.castToTexts()
		return
	}
	c.castTo(c.elemHere(c.castElem()))
}

func castLike(c *Call) {
	if c.Kind(1) == KindStrings {
		c.castToTexts()
		return
	}
	c.castTo(c.Type(1).DType)
}

// castElem is the element type that the attribute to names: by its number, or in
// opset 1 by the name that the format's definition has for it.
func (c *Call) castElem() onnx.Elem {
	if c.Opset() >= 6 || c.AttrIsInt("to") {
		return onnx.Elem(c.AttrInt("to", 0))
	}
	name := strings.ToLower(c.AttrString("to", ""))
	switch name {
	case "float":
		name = "float32"
	case "double":
		name = "float64"
	}
	for e := onnx.Elem(1); e < elemTypes; e++ {
		if e.String() == name {
			return e
		}
	}
	return onnx.ElemNone
}

// elemTypes is above the number of any element type.
const elemTypes = 64

func (c *Call) castTo(d tensor.DType) {
	if c.Kind(0) == KindStrings {
		c.Host(textsToNumbers(d), 0)
		return
	}
	how, ok := roundings[c.AttrString("round_mode", "up")]
	if !ok {
		c.Fail("attribute \"round_mode\" is %q, want up, down or nearest", c.AttrString("round_mode", ""))
	}
	c.Return(converted(c.In(0), d, c.AttrBool("saturate", true), how))
}

func (c *Call) castToTexts() {
	if c.Kind(0) == KindStrings {
		c.ReturnIn(0, 0)
		return
	}
	c.Host(numbersToTexts, 0)
}

var roundings = map[string]tensor.Rounding{"up": tensor.Up, "down": tensor.Down, "nearest": tensor.Nearest}

// converted is x as elements of d, by the rules of the operator Cast: floats of 8
// bits stay within their range if saturate, and how is for scales alone.
func converted(x *graph.Node, d tensor.DType, saturate bool, how tensor.Rounding) *graph.Node {
	switch {
	case x.DType() == d:
		return x
	case d.Bits() < 8 && !d.Float() && x.DType().Float():
		return ops.Convert(ops.Convert(x, tensor.Int32), d) // its low bits stay
	case d.Bits() != 8 || !d.Float():
		return ops.Convert(x, d)
	}
	if !x.DType().Float() || x.DType().Storage() {
		x = ops.Convert(x, tensor.Float32)
	}
	low, high := d.Range()
	if d == tensor.Float8E8M0 {
		x = ops.Convert(x, tensor.Float64)
		if !saturate {
			// Beyond the range there is NaN, which the rounding makes of 0.
			x = ops.Select(ops.Lt(x, ops.Like(x, low)), ops.Like(x, 0), x)
			return ops.RoundScale(x, how)
		}
		return ops.RoundScale(ops.Clamp(x, low, high), how)
	}
	if saturate {
		x = ops.Clamp(x, low, high)
	}
	return ops.Convert(x, d)
}

// bitCast sees bits as those of another type. The few types that share a byte with
// bits that mean nothing are integers: their bits stay in a conversion.
func bitCast(c *Call) {
	e := onnx.Elem(c.AttrInt("to", 0))
	to, ok := e.DType()
	if !ok {
		c.Fail("attribute \"to\" is element type %v, which has no arithmetic here", e)
	}
	x := c.In(0)
	if d := x.DType(); d == c.l.o.floats && d.Bits() > 32 && to.Bits() == 32 {
		x = ops.Convert(x, tensor.Float32) // which it is in the model
	}
	from := x.DType()
	if from.Bits() != to.Bits() {
		c.Fail("elements of %d bits, %v, seen as %v of %d", from.Bits(), from, to, to.Bits())
	}
	switch whole := !from.Float() && !to.Float(); {
	case whole && (to.Bits() < 8 || from == tensor.Bool || to == tensor.Bool):
		x = ops.Convert(x, to)
	default:
		x = ops.Bitcast(x, to)
	}
	c.Return(ops.Convert(x, c.elemHere(e)))
}
