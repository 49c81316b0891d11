package ops

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// RMSNormalize is x/√(mean(x²)+eps)·scale with the mean over the last axis: x
// [… C], scale [C]. Zhang and Sennrich, Root Mean Square Layer Normalization,
// 2019, equation 4.
func RMSNormalize(x, scale *graph.Node, eps float64) *graph.Node {
	return graph.Apply1(rmsNormalize{eps}, x, scale)
}

type rmsNormalize struct{ Eps float64 }

func (rmsNormalize) Name() string { return "rms-normalize" }

// Export implements graph.Exporter: an operator from opset 23 on.
func (op rmsNormalize) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	if x.Opset() >= 23 && n.InTypes()[0].Shape.Size() > 0 {
		return []string{x.Add("RMSNormalization", in, graph.Attribute{Name: "epsilon", Value: op.Eps})}
	}
	return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
		rank := v[0].Shape().Rank()
		square := Mean(Mul(v[0], v[0]), rank-1)
		root := Rsqrt(Add(square, Like(square, op.Eps)))
		return []*graph.Node{Mul(Mul(v[0], BroadcastInDim(root, v[0].Shape(), numbered(0, rank-1)...)), v[1])}
	})
}

func (op rmsNormalize) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 2, floats); err != nil {
		return nil, err
	}
	if in[0].Shape.Rank() == 0 || !(op.Eps >= 0) {
		return nil, fmt.Errorf("want x [… C] and eps of at least 0, got %v and %v", in[0], op.Eps)
	}
	if want := (tensor.Type{DType: in[0].DType, Shape: tensor.Dims(in[0].Shape.Dim(-1))}); in[1] != want {
		return nil, fmt.Errorf("the scale is %v, want %v", in[1], want)
	}
	return in[:1], nil
}

func (op rmsNormalize) Ref(out, in []tensor.Wide) {
	x, scale, y := in[0].F, in[1].F, out[0].F
	for c := len(scale); len(x) > 0; x, y = x[c:], y[c:] {
		square := 0.0
		for _, v := range x[:c] {
			square += v * v / float64(c)
		}
		for i, v := range x[:c] {
			y[i] = v / math.Sqrt(square+op.Eps) * scale[i]
		}
	}
}

// VJP: with r = 1/√(mean(x²)+eps) and d = g·scale, r·(d - x·r²·mean(d·x)) for x
// and Σ g·x·r for scale.
func (op rmsNormalize) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x, scale, g := n.In()[0], n.In()[1], ct[0]
	s, last := x.Shape(), x.Shape().Rank()-1
	rows := reduction{List(last)}
	mean := func(v *graph.Node) *graph.Node {
		return Scale(graph.Apply1(reduceSum{rows}, v), 1/float64(max(s.Dim(last), 1)))
	}
	square := mean(Mul(x, x))
	r := Rsqrt(Add(square, Like(square, op.Eps)))
	d := Mul(g, stretch(scale, s))
	slope := Mul(mean(Mul(d, x)), Mul(r, r))
	dx := Mul(Sub(d, Mul(x, rows.spread(slope, s))), rows.spread(r, s))
	over := reduction{List(numbered(0, last)...)}
	return []*graph.Node{dx, graph.Apply1(reduceSum{over}, Mul(Mul(g, x), rows.spread(r, s)))}
}

// Kernel implements graph.Kerneled.
func (op rmsNormalize) Kernel(in, _ []tensor.Type) *kernel.Code {
	c := in[1].Shape.Size()
	if in[0].DType != tensor.Float32 || c == 0 {
		return nil
	}
	return kernel.RMSNorm(in[0].Shape.Size()/c, c, float32(op.Eps))
}

// InPlace implements graph.InPlace.
func (rmsNormalize) InPlace() [][2]int { return [][2]int{{0, 0}} }

// FLOPs implements graph.Costed.
func (rmsNormalize) FLOPs(in, _ []tensor.Type) int64 { return 4 * int64(in[0].Shape.Size()) }

func init() {
	sample := func(d tensor.DType, dims ...int) graph.Sample {
		s := tensor.Dims(dims...)
		return graph.Sample{
			In:  []tensor.Type{{DType: d, Shape: s}, {DType: d, Shape: tensor.Dims(s.Dim(-1))}},
			Low: -1, High: 2,
		}
	}
	graph.Register(graph.Entry{
		Op:  rmsNormalize{1e-5},
		Doc: "x/√(mean(x²) + eps)·scale over the last axis",
		Samples: []graph.Sample{
			sample(tensor.Float32, 4, 5), sample(tensor.Float32, 2, 3, 17), sample(tensor.Float32, 6),
			sample(tensor.Float32, 2, 1500), sample(tensor.Float32, 0, 3), sample(tensor.Float32, 3, 0), sample(tensor.Float64, 2, 3),
		},
	})
}
