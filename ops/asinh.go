package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Asinh is the number whose hyperbolic sine is x.
func Asinh(x *graph.Node) *graph.Node { return graph.Apply1(asinh{}, x) }

type asinh struct{ unaryRules }

func (asinh) Name() string { return "asinh" }

// ONNX implements graph.Named.
func (asinh) ONNX() string { return "Asinh" }

func (asinh) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (asinh) Ref(out, in []tensor.Wide) { each1(out, in, math.Asinh, nil) }

// VJP: g/√(1+x²).
func (asinh) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x := n.In()[0]
	return []*graph.Node{Div(ct[0], Sqrt(Add(Like(x, 1), Mul(x, x))))}
}

// Permute implements graph.Permuter.
func (op asinh) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise: with a = |x| the result is
// log(1+a+a²/(1+√(1+a²))), and log(a)+log(2) where a² is out of range.
func (asinh) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	a, one := e.Abs(in[0]), e.Imm(1)
	s := e.Square(a)
	near := e.Log1p(e.Add(a, e.Div(s, e.Add(one, e.Sqrt(e.Add(one, s))))))
	far := e.Add(e.Log(a), e.Imm(math.Ln2))
	return e.Mul(e.Sign(in[0]), e.Select(e.Lt(a, e.Imm(1e9)), near, far)), true
}

func init() {
	graph.Register(graph.Entry{
		Op:  asinh{},
		Doc: "log(x+√(x²+1))",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -1e-6, High: 1e-6},
			{In: []tensor.Type{tensor.F32(64)}, Low: -1e30, High: 1e30},
		},
	})
}
