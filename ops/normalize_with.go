package ops

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// NormalizeWith is (x-mean)/√(variance+eps)·scale + bias with a mean and a
// variance that are known, as batch normalisation does after training: x
// [… C], all others [C].
func NormalizeWith(x, mean, variance, scale, bias *graph.Node, eps float64) *graph.Node {
	return graph.Apply1(normalizeWith{eps}, x, mean, variance, scale, bias)
}

type normalizeWith struct{ Eps float64 }

func (normalizeWith) Name() string { return "normalize-with" }

// Export implements graph.Exporter.
func (op normalizeWith) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	rank := n.InTypes()[0].Shape.Rank()
	if rank < 2 { // no channels beside examples
		return x.Inline(composed(n, func(v []*graph.Node) []*graph.Node {
			root := Rsqrt(Add(v[2], Like(v[2], op.Eps)))
			return []*graph.Node{Add(Mul(Mul(Sub(v[0], v[1]), root), v[3]), v[4])}
		}), in)
	}
	y := x.Add("BatchNormalization", []string{channelsSecond(x, in[0], rank), in[3], in[4], in[1], in[2]}, graph.Attribute{Name: "epsilon", Value: op.Eps})
	return []string{channelsLast(x, y, rank)}
}

func (op normalizeWith) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 5, floats); err != nil {
		return nil, err
	}
	if in[0].Shape.Rank() == 0 || !(op.Eps >= 0) {
		return nil, fmt.Errorf("want [… C] and eps of at least 0, got %v and %v", in[0], op.Eps)
	}
	want := tensor.Type{DType: in[0].DType, Shape: tensor.Dims(in[0].Shape.Dim(-1))}
	for i, t := range in[1:] {
		if t != want {
			return nil, fmt.Errorf("operand %d is %v, want %v", i+1, t, want)
		}
	}
	return in[:1], nil
}

func (op normalizeWith) Ref(out, in []tensor.Wide) {
	mean, variance, scale, bias := in[1].F, in[2].F, in[3].F, in[4].F
	for i, v := range in[0].F {
		c := i % len(mean)
		out[0].F[i] = (v-mean[c])/math.Sqrt(variance[c]+op.Eps)*scale[c] + bias[c]
	}
}

// line is a = scale/√(variance+eps) and b = bias - mean·a.
func (op normalizeWith) line(in []*graph.Node) (a, b *graph.Node) {
	mean, variance, scale, bias := in[1], in[2], in[3], in[4]
	a = Mul(scale, Rsqrt(Add(variance, Like(variance, op.Eps))))
	return a, Sub(bias, Mul(mean, a))
}

// compose is x·a + b.
func (op normalizeWith) compose(in []*graph.Node) []*graph.Node {
	a, b := op.line(in)
	return []*graph.Node{Add(Mul(in[0], a), b)}
}

// VJP is that of the composed form.
func (op normalizeWith) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return composedVJP(ct, n, op.compose)
}

// Simplify implements graph.Simplifier: weights of what computes x, if all are
// constants; else a product and a sum, which fuse with what comes before and
// after.
func (op normalizeWith) Simplify(n *graph.Inst) []*graph.Node {
	if constants(n.In()[1:]) {
		a, b := op.line(n.In())
		if y := moved(n.In()[0], a, b); y != nil {
			return []*graph.Node{y}
		}
	}
	return op.compose(n.In())
}

// FLOPs implements graph.Costed.
func (normalizeWith) FLOPs(in, _ []tensor.Type) int64 { return 2 * int64(in[0].Shape.Size()) }

func init() {
	c := tensor.F32(3)
	wide := tensor.F32(17)
	graph.Register(graph.Entry{
		Op:  normalizeWith{1e-5},
		Doc: "(x - mean)/√(variance + eps)·scale + bias with known mean and variance",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(4, 3), c, c, c, c}, Low: 0.5, High: 2},
			{In: []tensor.Type{tensor.F32(2, 2, 3, 17), wide, wide, wide, wide}, Low: 0.5, High: 2},
			{In: []tensor.Type{tensor.F32(0, 3), c, c, c, c}, Low: 0.5, High: 2},
		},
	})
}
