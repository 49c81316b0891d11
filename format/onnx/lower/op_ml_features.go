package lower

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	learned("Binarizer", binarizer, 1)
	learned("Scaler", scaler, 1)
	learned("Normalizer", normalizer, 1)
	learned("Imputer", imputer, 1)
	learned("ArrayFeatureExtractor", moves(arrayFeatureExtractor), 1)
	learned("FeatureVectorizer", featureVectorizer, 1)
}

// binarizer is 1 where numbers are above a threshold, else 0.
func binarizer(c *Call) {
	edge := c.AttrFloat("threshold", 0)
	x := c.In(0)
	y := x
	if !x.DType().Float() {
		y = ops.Convert(x, tensor.Float64)
	}
	c.Return(ops.Convert(ops.Gt(y, ops.Like(y, edge)), x.DType()))
}

// scaler is (x-offset)·scale along the last axis.
func scaler(c *Call) {
	x := c.features()
	n := x.Shape().Dim(1)
	y := ops.Mul(ops.Sub(x, c.perFeature(x, "offset", n)), c.perFeature(x, "scale", n))
	c.returnFloats(0, ops.Reshape(y, c.Shape(0)))
}

// normalizer divides each row by its largest number, the sum of its magnitudes, or
// its length, unless that is 0.
func normalizer(c *Call) {
	x := c.features()
	var norm *graph.Node
	switch how := c.AttrString("norm", "MAX"); how {
	case "MAX":
		norm = ops.ReduceMax(x, 1)
	case "L1":
		norm = ops.ReduceSum(ops.Abs(x), 1)
	case "L2":
		norm = ops.Sqrt(ops.ReduceSum(ops.Mul(x, x), 1))
	default:
		c.Fail("attribute \"norm\" is %q, want MAX, L1 or L2", how)
	}
	norm = ops.Reshape(norm, x.Shape().With(1, 1))
	norm = ops.Select(ops.Eq(norm, ops.Like(norm, 0)), ops.Like(norm, 1), norm)
	c.returnFloats(0, ops.Reshape(ops.Div(x, norm), c.Shape(0)))
}

// imputer puts numbers, one for all features or one for each, in the place of what
// stands for a missing one.
func imputer(c *Call) {
	s, d := c.Shape(0), c.Type(0).DType
	if s.Rank() == 0 {
		c.Fail("a number without features")
	}
	var missing, put *graph.Node
	if d.Float() {
		x := c.In(0)
		put = c.perFeature(x, "imputed_value_floats", s.Dim(s.Rank()-1))
		if v := c.AttrFloat("replaced_value_float", 0); math.IsNaN(v) {
			missing = ops.Ne(x, x)
		} else {
			missing = ops.Eq(x, ops.Like(x, v))
		}
	} else {
		list := c.AttrInts("imputed_value_int64s")
		if len(list) != 1 && len(list) != s.Dim(s.Rank()-1) {
			c.Fail("%d numbers to put for features of shape %v", len(list), s)
		}
		whole := func(v ...int) *graph.Node { return ops.Convert(c.Graph().Constant(int64s(v...)), d) }
		put = whole(list...)
		missing = ops.Eq(c.In(0), whole(c.AttrInt("replaced_value_int64", 0)))
	}
	c.Return(ops.Select(missing, stretched(put, s), c.In(0)))
}

// arrayFeatureExtractor takes the elements at places along the last axis.
func arrayFeatureExtractor(c *Call) {
	s := c.Shape(0)
	if s.Rank() == 0 {
		c.Fail("a number without axes")
	}
	n := s.Dim(s.Rank() - 1)
	for _, at := range c.placesIfKnown(1) {
		if at < 0 || at >= n {
			c.Fail("place %d of %d", at, n)
		}
	}
	size := c.Shape(1).Size()
	x := ops.Take(c.In(0), ops.Reshape(c.In(1), tensor.Dims(size)), s.Rank()-1)
	if s.Rank() == 1 {
		x = ops.Reshape(x, tensor.Dims(1, size))
	}
	c.Return(x)
}

// placesIfKnown is operand i, whole numbers, if it is a fact of the model.
func (c *Call) placesIfKnown(i int) []int {
	if _, known := c.Known(i); known {
		return c.Ints(i)
	}
	return nil
}

// featureVectorizer lays features side by side, those of each operand cut or
// padded with zeros to the width that is stated for it.
func featureVectorizer(c *Call) {
	widths := c.AttrInts("inputdimensions")
	if len(widths) != c.NumIn() || len(widths) == 0 {
		c.Fail("%d operands, widths for %d", c.NumIn(), len(widths))
	}
	var parts []*graph.Node
	for i, x := range c.Ins(0) {
		s := x.Shape()
		if s.Rank() == 0 || widths[i] < 0 {
			c.Fail("features of shape %v, %d wide", s, widths[i])
		}
		rows, row := 1, s
		if s.Rank() > 1 {
			rows, row = s.Dim(0), s.Without(0)
		}
		x = ops.Convert(ops.Reshape(x, c.Dims(rows, row.Size())), c.float32Here())
		c.Dims(rows, widths[i])
		if have := x.Shape().Dim(1); have > widths[i] {
			x = part(x, 1, 0, widths[i])
		} else {
			x = ops.Pad(x, 0, []int{0, 0}, []int{0, widths[i] - have}, nil)
		}
		parts = append(parts, x)
	}
	c.Return(ops.Concatenate(1, parts...))
}
