package ops

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// AdamDims is the settings of [Adam].
type AdamDims struct {
	Beta1, Beta2, Eps float64
	Decay             float64 // of the parameter, times the learning rate
}

// Adam is one update of a parameter by its gradient (Kingma and Ba, Adam, 2015,
// with the decay of Loshchilov and Hutter, 2019): with t the count of updates
// from 1, and lr and count scalars,
//
//	m ← β₁·m + (1-β₁)·g,  v ← β₂·v + (1-β₂)·g²
//	p ← p·(1 - lr·decay) - lr·(m/(1-β₁ᵗ)) / (√(v/(1-β₂ᵗ)) + eps)
//
// It is one node because memory limits it: each of the four arrays is read once.
func Adam(grad, param, m, v, lr, count *graph.Node, d AdamDims) (p, nextM, nextV *graph.Node) {
	r := graph.Apply(adam(d), grad, param, m, v, lr, count)
	return r[0], r[1], r[2]
}

type adam AdamDims

func (adam) Name() string { return "adam" }

// Export implements graph.Exporter.
func (op adam) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
		g, p, lr, count := v[0], v[1], v[4], v[5]
		m := Add(Scale(v[2], op.Beta1), Scale(g, 1-op.Beta1))
		s := Add(Scale(v[3], op.Beta2), Scale(Mul(g, g), 1-op.Beta2))
		unbiased := func(v *graph.Node, beta float64) *graph.Node {
			bias := Sub(Like(count, 1), Pow(Like(count, beta), count))
			return Div(v, BroadcastInDim(bias, v.Shape()))
		}
		kept := Sub(Like(lr, 1), Scale(lr, op.Decay))
		down := Div(unbiased(m, op.Beta1), Add(Sqrt(unbiased(s, op.Beta2)), Like(g, op.Eps)))
		p = Sub(Mul(p, BroadcastInDim(kept, p.Shape())), Mul(BroadcastInDim(lr, p.Shape()), down))
		return []*graph.Node{p, m, s}
	})
}

// Infer implements graph.Op.
func (op adam) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 6, floats); err != nil {
		return nil, err
	}
	for i, t := range in {
		want := in[0]
		if i >= 4 {
			want.Shape = tensor.Dims()
		}
		if t != want {
			return nil, fmt.Errorf("operand %d is %v, want %v", i, t, want)
		}
	}
	if op.Beta1 < 0 || op.Beta1 >= 1 || op.Beta2 < 0 || op.Beta2 >= 1 {
		return nil, fmt.Errorf("β₁ is %v and β₂ %v, want 0 up to 1", op.Beta1, op.Beta2)
	}
	return []tensor.Type{in[0], in[0], in[0]}, nil
}

// Ref implements graph.Op.
func (op adam) Ref(out, in []tensor.Wide) {
	lr, count := in[4].F[0], in[5].F[0]
	bias1, bias2 := 1-math.Pow(op.Beta1, count), 1-math.Pow(op.Beta2, count)
	for i, g := range in[0].F {
		m := op.Beta1*in[2].F[i] + (1-op.Beta1)*g
		v := op.Beta2*in[3].F[i] + (1-op.Beta2)*g*g
		out[0].F[i] = in[1].F[i]*(1-lr*op.Decay) - lr*(m/bias1)/(math.Sqrt(v/bias2)+op.Eps)
		out[1].F[i], out[2].F[i] = m, v
	}
}

// Kernel implements graph.Kerneled.
func (op adam) Kernel(in, _ []tensor.Type) *kernel.Code {
	if in[0].DType != tensor.Float32 {
		return nil
	}
	return kernel.Adam(in[0].Shape.Size(), kernel.AdamSpec(op))
}

// InPlace implements graph.InPlace: every result takes the place of what it
// replaces.
func (adam) InPlace() [][2]int { return [][2]int{{0, 1}, {1, 2}, {2, 3}} }

// FLOPs implements graph.Costed.
func (adam) FLOPs(in, _ []tensor.Type) int64 { return 14 * int64(in[0].Shape.Size()) }

func init() {
	of := func(d tensor.DType, dims ...int) []tensor.Type {
		t := tensor.Type{DType: d, Shape: tensor.Dims(dims...)}
		s := tensor.Type{DType: d}
		return []tensor.Type{t, t, t, t, s, s}
	}
	ranges := [][2]float64{{-1, 1}, {-1, 1}, {-1, 1}, {0, 1}, {0.001, 0.1}, {1, 50}}
	large := graph.Sample{In: of(tensor.Float32, 1<<22), Ranges: ranges}
	graph.Register(graph.Entry{
		Op:  adam{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8},
		Doc: "m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²; p ← p(1-lr·decay) - lr·m̂/(√v̂ + eps)",
		Samples: []graph.Sample{
			{In: of(tensor.Float32, 3, 7), Ranges: ranges},
			{Of: adam{Beta1: 0.5, Beta2: 0.9, Eps: 1e-3, Decay: 0.1}, In: of(tensor.Float32, 100), Ranges: ranges},
			{Of: adam{Beta2: 0.9, Eps: 1e-3}, In: of(tensor.Float64, 5), Ranges: ranges},
			{In: of(tensor.Float32, 0), Ranges: ranges},
		},
		Large: &large,
	})
}
