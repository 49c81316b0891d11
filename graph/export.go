package graph

import "github.com/ihae/ihae/tensor"

// Exchange is a model under construction in the operators of ONNX, the format in
// which programs exchange networks. A value is known by its name. The first
// mistake sticks.
type Exchange interface {
	// Opset is the version of the operators that are written.
	Opset() int
	// Add appends an operator with one result and returns the result's name.
	Add(op string, in []string, attrs ...Attribute) string
	// AddMany appends an operator with several results.
	AddMany(op string, in []string, results int, attrs ...Attribute) []string
	// Constant is a value that the model holds.
	Constant(t tensor.Tensor) string
	// Body is a graph for an attribute of control flow. Its inputs are named by
	// in; where in is nil it has none. Write gives its results.
	Body(name string, in []tensor.Type, write func(x Exchange, in []string) []string) Attribute
	// Unsupported records that what an operation does has no operators, and gives
	// as many results to go on with.
	Unsupported(what string, results int) []string
	// Inline writes what f computes from in.
	Inline(f *Func, in []string) []string
}

// Attribute is a setting of an operator of ONNX. Value is an int, float64,
// string, []int, []float64, tensor.DType, or what Exchange.Body made.
type Attribute struct {
	Name  string
	Value any
}

// Exporter is an Op that ONNX has operators for.
type Exporter interface {
	Op
	// Export writes n's results from its operands, whose names are in. The types
	// of both are n's.
	Export(x Exchange, in []string, n *Inst) []string
}

// Named is an Op that is one operator of ONNX with the same operands, one result
// and no attributes.
type Named interface {
	Op
	// ONNX is the operator's name.
	ONNX() string
}

// ONNX implements Named.
func (sum) ONNX() string { return "Add" }
