package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Linear is x·w + bias: x [… In], w [In Out], bias [Out] or nil, result
// [… Out].
func Linear(x, w, bias *graph.Node) *graph.Node {
	if bias == nil {
		return graph.Apply1(linear{}, x, w)
	}
	return graph.Apply1(linear{}, x, w, bias)
}

// linear takes x, w, and the bias if there is one. ReLU, which comes last, is
// what a plan makes it absorb.
type linear struct{ ReLU bool }

func (linear) Name() string { return "linear" }

// Export implements graph.Exporter.
func (op linear) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	if len(in) == 3 && n.InTypes()[0].Shape.Rank() == 2 {
		return []string{rectified(x, op.ReLU, x.Add("Gemm", in))}
	}
	y := x.Add("MatMul", in[:2])
	if len(in) == 3 {
		y = x.Add("Add", []string{y, in[2]})
	}
	return []string{rectified(x, op.ReLU, y)}
}

func (op linear) Infer(in []tensor.Type) ([]tensor.Type, error) {
	bias, err := tailed(in, false)
	if err != nil {
		return nil, err
	}
	x, w := in[0].Shape, in[1].Shape
	switch {
	case x.Rank() < 1 || w.Rank() != 2:
		return nil, fmt.Errorf("want [… In] and weights [In Out], got %v and %v", x, w)
	case x.Dim(-1) != w.Dim(0):
		return nil, fmt.Errorf("%d features against weights for %d", x.Dim(-1), w.Dim(0))
	}
	dims := x.Dims()
	dims[len(dims)-1] = w.Dim(1)
	shape, err := tensor.CheckedDims(dims...)
	if err != nil {
		return nil, err
	}
	out := tensor.Type{DType: in[0].DType, Shape: shape}
	return []tensor.Type{out}, tailFits(in, bias, false, out)
}

// contraction is linear's product as a general one.
func (linear) contraction(x tensor.Shape) dotGeneral {
	return dotGeneral{DotDims{ContractA: List(x.Rank() - 1), ContractB: List(0)}}
}

func (op linear) Ref(out, in []tensor.Wide) {
	op.contraction(in[0].Type.Shape).Ref(out, in)
	refTail(out[0], in, false, op.ReLU)
}

// VJP: g·wᵀ, xᵀ·g, and the sums of g's columns.
func (op linear) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	g := beforeReLU(ct[0], n, op.ReLU)
	cts := op.contraction(n.In()[0].Shape()).VJP([]*graph.Node{g}, n)
	return append(cts, tailVJP(g, n, false)...)
}

// FLOPs implements graph.Costed.
func (op linear) FLOPs(in, out []tensor.Type) int64 {
	return 2*op.MACs(in, out) + int64(len(in)-2)*int64(out[0].Shape.Size())
}

// MACs implements graph.Contracting.
func (linear) MACs(in, out []tensor.Type) int64 {
	return int64(out[0].Shape.Size()) * int64(in[0].Shape.Dim(-1))
}

// Kernel implements graph.Kerneled.
func (op linear) Kernel(in, out []tensor.Type) *kernel.Code {
	if in[0].DType != tensor.Float32 {
		return nil
	}
	k, n := in[1].Shape.Dim(0), in[1].Shape.Dim(1)
	m := product(in[0].Shape.Dims()[:in[0].Shape.Rank()-1])
	return kernel.Gemm(kernel.GemmSpec{
		M: m, N: n, K: k, ARow: k, ACol: 1, BRow: n, BCol: 1, CRow: n,
		Bias: len(in) == 3, Act: act(op.ReLU),
	})
}

// Simplify implements graph.Simplifier: float64 has a product, and no more.
func (op linear) Simplify(n *graph.Inst) []*graph.Node {
	in := n.In()
	if in[0].DType() != tensor.Float64 {
		return nil
	}
	y := graph.Apply1(op.contraction(in[0].Shape()), in[:2]...)
	if len(in) == 3 {
		y = Add(y, in[2])
	}
	if op.ReLU {
		y = ReLU(y)
	}
	return []*graph.Node{y}
}

// Absorb implements graph.Absorber: a ReLU.
func (op linear) Absorb(_, user *graph.Inst) (graph.Op, []*graph.Node, bool) {
	if op.ReLU || !isReLU(user) {
		return nil, nil, false
	}
	return linear{ReLU: true}, nil, true
}

func init() {
	x, w, bias := tensor.F32(3, 4), tensor.F32(4, 5), tensor.F32(5)
	float64s := func(dims ...int) tensor.Type { return tensor.Type{DType: tensor.Float64, Shape: tensor.Dims(dims...)} }
	sample := func(op linear, in ...tensor.Type) graph.Sample {
		return graph.Sample{Of: op, In: in, Low: -1, High: 1}
	}
	graph.Register(graph.Entry{
		Op:    linear{},
		Doc:   "x·w + bias",
		Large: large(linear{}, tensor.F32(1024, 1024), tensor.F32(1024, 1024), tensor.F32(1024)),
		Samples: []graph.Sample{
			sample(linear{}, x, w, bias),
			sample(linear{}, x, w),
			sample(linear{}, tensor.F32(2, 3, 4), w, bias),
			sample(linear{}, tensor.F32(4), w, bias),
			sample(linear{}, tensor.F32(0, 4), w, bias),
			sample(linear{}, tensor.F32(3, 0), tensor.F32(0, 5), bias),
			sample(linear{ReLU: true}, x, w, bias),
			sample(linear{ReLU: true}, x, w),
			sample(linear{ReLU: true}, float64s(3, 4), float64s(4, 5), float64s(5)),
		},
	})
}
