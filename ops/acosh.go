package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Acosh is the number from 0 up whose hyperbolic cosine is x; NaN where x < 1.
func Acosh(x *graph.Node) *graph.Node { return graph.Apply1(acosh{}, x) }

type acosh struct{ unaryRules }

func (acosh) Name() string { return "acosh" }

// ONNX implements graph.Named.
func (acosh) ONNX() string { return "Acosh" }

func (acosh) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (acosh) Ref(out, in []tensor.Wide) { each1(out, in, math.Acosh, nil) }

// VJP: g/√(x²-1).
func (acosh) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x := n.In()[0]
	one := Like(x, 1)
	return []*graph.Node{Div(ct[0], Mul(Sqrt(Sub(x, one)), Sqrt(Add(x, one))))}
}

// Permute implements graph.Permuter.
func (op acosh) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise: with t = x-1 the result is
// log(1+t+√(t·(t+2))), and log(x)+log(2) where t² is out of range.
func (acosh) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	t := e.Sub(in[0], e.Imm(1))
	near := e.Log1p(e.Add(t, e.Sqrt(e.Mul(t, e.Add(t, e.Imm(2))))))
	far := e.Add(e.Log(in[0]), e.Imm(math.Ln2))
	return e.Select(e.Lt(in[0], e.Imm(1e9)), near, far), true
}

func init() {
	graph.Register(graph.Entry{
		Op:  acosh{},
		Doc: "log(x+√(x²-1))",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: 1.5, High: 9},
			{In: []tensor.Type{{DType: tensor.Float64, Shape: tensor.Dims(7)}}, Low: 1.5, High: 9},
			{In: []tensor.Type{tensor.F32(0, 3)}, Low: 2, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: 1, High: 1.0001, Rough: true},
			{In: []tensor.Type{tensor.F32(64)}, Low: 1, High: 1e30, Rough: true},
		},
	})
}
