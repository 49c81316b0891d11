package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// The constants of SELU: with them activations of mean 0 and variance 1 keep
// both (Klambauer et al., Self-Normalizing Neural Networks, 2017, equation 14).
const (
	seluAlpha  = 1.6732632423543772848170429916717
	seluLambda = 1.0507009873554804934193349852946
)

// SELU is λx where x > 0, and λα(eˣ-1) elsewhere.
func SELU(x *graph.Node) *graph.Node { return graph.Apply1(selu{}, x) }

type selu struct{ unaryRules }

func (selu) Name() string { return "selu" }

// ONNX implements graph.Named.
func (selu) ONNX() string { return "Selu" }

func (selu) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, floats) }

func (selu) Ref(out, in []tensor.Wide) {
	each1(out, in, func(x float64) float64 {
		if x > 0 {
			return seluLambda * x
		}
		return seluLambda * seluAlpha * math.Expm1(x)
	}, nil)
}

// VJP: λg where x > 0, g·(y+λα) elsewhere.
func (selu) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x, y := n.In()[0], n.Out()[0]
	low := Mul(ct[0], Add(y, Like(y, seluLambda*seluAlpha)))
	return []*graph.Node{Select(Gt(x, Like(x, 0)), Scale(ct[0], seluLambda), low)}
}

// Permute implements graph.Permuter.
func (op selu) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (selu) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	x := in[0]
	low := e.Mul(e.Imm(seluLambda*seluAlpha), e.Expm1(e.Min(x, e.Imm(0))))
	return e.Select(e.Gt(x, e.Imm(0)), e.Mul(x, e.Imm(seluLambda)), low), true
}

func init() {
	graph.Register(graph.Entry{
		Op:  selu{},
		Doc: "λx where x > 0, λα(exp(x)-1) elsewhere",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(64)}, Low: -99, High: 99},
			{In: []tensor.Type{tensor.F32(0, 5)}, Low: -3, High: 3},
		},
	})
}
