package torch7

import (
	"math"

	"github.com/ihae/ihae/format/onnx"
)

// activations is the classes that work on each element, or along the planes, and
// keep the shape.
var activations = map[string]bool{}

// Modules that keep the shape.
func init() {
	list := map[string]func(s *site, x string, rank int) string{
		"Tanh": unary("Tanh"), "Sigmoid": unary("Sigmoid"), "Abs": unary("Abs"), "Exp": unary("Exp"), "Log": unary("Log"), "SoftSign": unary("Softsign"),
		"ReLU": threshold, "Threshold": threshold, "ReLU6": clip(0, 6), "HardTanh": clip(-1, 1), "Clamp": clip(-1, 1),
		"Square": square, "Sqrt": root, "Power": power, "ELU": slope("Elu", "alpha", 1), "LeakyReLU": slope("LeakyRelu", "negval", 0.01),
		"PReLU": prelu, "RReLU": rrelu, "SoftPlus": softPlus, "LogSigmoid": logSigmoid, "TanhShrink": tanhShrink,
		"SoftShrink": shrink(1), "HardShrink": shrink(0),
		"SoftMax": softMax("Softmax"), "SpatialSoftMax": overPlanes("Softmax"),
		"LogSoftMax": softMax("LogSoftmax"), "SpatialLogSoftMax": overPlanes("LogSoftmax"), "SoftMin": softMin,
		"MulConstant": withConstant("Mul"), "AddConstant": withConstant("Add"), "Mul": mulScalar,
		"Dropout": dropout, "SpatialDropout": dropout,
	}
	for class, f := range list {
		activations[class] = true
		layers[class] = layer{build: func(s *site, x value) value {
			if !s.one(x) {
				return x
			}
			return tensorValue(f(s, x.name, x.rank), x.rank)
		}}
	}
	same := layer{build: func(_ *site, x value) value { return x }}
	define(map[string]layer{"Identity": same, "Copy": same, "Contiguous": same})
}

func unary(op string) func(*site, string, int) string {
	return func(s *site, x string, _ int) string { return s.add(op, []string{x}) }
}

// overPlanes works along the axis behind that of the examples. A matrix that is a
// single example is to nn a list of vectors, and it works along those.
func overPlanes(op string) func(*site, string, int) string {
	return func(s *site, x string, rank int) string {
		axis := int64(1)
		if s.t.single && rank == 3 {
			axis = 2
		}
		return s.add(op, []string{x}, onnx.Int("axis", axis))
	}
}

// softMax works along the planes; that of cudnn over all of an example (its mode
// is CUDNN_SOFTMAX_MODE_INSTANCE).
func softMax(op string) func(*site, string, int) string {
	return func(s *site, x string, rank int) string {
		if !s.ofCudnn() || rank == 2 {
			return overPlanes(op)(s, x, rank)
		}
		flat := s.part("flat", "Flatten", []string{x}, onnx.Int("axis", 1))
		over := s.part("over", op, []string{flat}, onnx.Int("axis", 1))
		return s.add("Reshape", []string{over, s.part("shape", "Shape", []string{x})})
	}
}

// threshold: x where it is above the threshold, else val.
func threshold(s *site, x string, _ int) string {
	at, v := s.number("threshold", 0), s.number("val", 0)
	if at == 0 && v == 0 {
		return s.add("Relu", []string{x})
	}
	above := s.part("above", "Greater", []string{x, s.constant("threshold", at)})
	return s.add("Where", []string{above, x, s.constant("val", v)})
}

func clip(low, high float64) func(*site, string, int) string {
	return func(s *site, x string, _ int) string {
		return s.add("Clip", []string{x, s.constant("min_val", s.number("min_val", low)), s.constant("max_val", s.number("max_val", high))})
	}
}

func square(s *site, x string, _ int) string { return s.add("Mul", []string{x, x}) }

func root(s *site, x string, _ int) string {
	if eps := s.number("eps", 0); eps != 0 {
		x = s.part("eps", "Add", []string{x, s.constant("eps", eps)})
	}
	return s.add("Sqrt", []string{x})
}

func power(s *site, x string, _ int) string {
	return s.add("Pow", []string{x, s.constant("pow", s.number("pow", 1))})
}

// slope is an activation with one number.
func slope(op, field string, otherwise float64) func(*site, string, int) string {
	return func(s *site, x string, _ int) string {
		return s.add(op, []string{x}, onnx.Float("alpha", float32(s.number(field, otherwise))))
	}
}

// prelu has one slope, or one for each plane.
func prelu(s *site, x string, rank int) string {
	n := s.length("weight")
	if n <= 1 {
		return s.add("PRelu", []string{x, s.needed("weight", 1)})
	}
	return s.add("PRelu", []string{x, s.needed("weight", overRank(s, n, rank)...)})
}

// overRank is the shape of one number for each plane, against a tensor of that
// rank.
func overRank(s *site, n, rank int) []int {
	if rank < 2 {
		s.fail("it cannot be told how many axes its input has")
		return []int{n}
	}
	dims := make([]int, rank-1)
	for i := range dims {
		dims[i] = 1
	}
	dims[0] = n
	return dims
}

// rrelu has, after training, the middle of its slopes.
func rrelu(s *site, x string, _ int) string {
	middle := (s.number("lower", 1.0/8) + s.number("upper", 1.0/3)) / 2
	return s.add("LeakyRelu", []string{x}, onnx.Float("alpha", float32(middle)))
}

// softPlus: log(1 + exp(beta·x)) / beta.
func softPlus(s *site, x string, _ int) string {
	beta := s.number("beta", 1)
	if beta == 1 {
		return s.add("Softplus", []string{x})
	}
	by := s.constant("beta", beta)
	return s.add("Div", []string{s.part("softplus", "Softplus", []string{s.part("scaled", "Mul", []string{x, by})}), by})
}

func logSigmoid(s *site, x string, _ int) string {
	return s.add("Neg", []string{s.part("softplus", "Softplus", []string{s.part("negative", "Neg", []string{x})})})
}

func tanhShrink(s *site, x string, _ int) string {
	return s.add("Sub", []string{x, s.part("tanh", "Tanh", []string{x})})
}

// shrink: 0 from -lambda to lambda; outside x, nearer to 0 by share·lambda.
func shrink(share float64) func(*site, string, int) string {
	return func(s *site, x string, _ int) string {
		l := s.number("lambda", 0.5)
		return s.add("Shrink", []string{x}, onnx.Float("lambd", float32(l)), onnx.Float("bias", float32(share*l)))
	}
}

func softMin(s *site, x string, rank int) string {
	return overPlanes("Softmax")(s, s.part("negative", "Neg", []string{x}), rank)
}

// withConstant has a number, or a vector for the last axis.
func withConstant(op string) func(*site, string, int) string {
	return func(s *site, x string, _ int) string {
		if n := s.length("constant_scalar"); n > 0 {
			return s.add(op, []string{x, s.needed("constant_scalar", n)})
		}
		v := s.number("constant_scalar", math.NaN())
		if v != v {
			s.fail("there is no number in field constant_scalar")
		}
		return s.add(op, []string{x, s.constant("constant_scalar", v)})
	}
}

func mulScalar(s *site, x string, _ int) string {
	return s.add("Mul", []string{x, s.needed("weight", 1)})
}

// dropout after training keeps x, or, where training does not scale (spatially,
// and before version 2), makes it smaller.
func dropout(s *site, x string, _ int) string {
	p := s.number("p", 0.5)
	if p == 0 || s.flag("v2", false) && bare(s.m.Class) == "Dropout" {
		return x
	}
	return s.add("Mul", []string{x, s.constant("keep", 1-p)})
}
