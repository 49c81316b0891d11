package ops

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// crossEntropyGrad takes logits [N K], labels int32 [N] and the cotangent g [N]
// of a cross-entropy to g·(softmax(logits) - q) [N K].
type crossEntropyGrad struct{ Smoothing float64 }

func (crossEntropyGrad) Name() string { return "cross-entropy-grad" }

// Export implements graph.Exporter.
func (op crossEntropyGrad) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
		off := Sub(Softmax(v[0], 1), crossEntropy(op).target(v[0], v[1]))
		return []*graph.Node{Mul(BroadcastInDim(v[2], v[0].Shape(), 0), off)}
	})
}

func (op crossEntropyGrad) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := count(in, 3); err != nil {
		return nil, err
	}
	loss, err := crossEntropy(op).Infer(in[:2])
	if err == nil && in[2] != loss[0] {
		err = fmt.Errorf("the cotangent is %v, want %v", in[2], loss[0])
	}
	return in[:1], err
}

func (op crossEntropyGrad) Ref(out, in []tensor.Wide) {
	k := in[0].Type.Shape.Dim(1)
	for n, label := range in[1].I {
		row, to, g := in[0].F[n*k:][:k], out[0].F[n*k:][:k], in[2].F[n]
		if label < 0 || label >= int64(k) {
			g, label = math.NaN(), 0
		}
		top, sum := logSumExp(row, func(i int) int { return i }, k)
		for i, z := range row {
			to[i] = g * (math.Exp(z-top)/sum - op.Smoothing/float64(k))
		}
		to[label] -= g * (1 - op.Smoothing)
	}
}

// VJP: with p the softmax and u the cotangent, g·p⊙(u - Σ u⊙p) for the logits,
// and Σ u⊙(p - q) for g.
func (op crossEntropyGrad) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	logits, labels, g, u := n.In()[0], n.In()[1], n.In()[2], ct[0]
	rows := along{1}
	p := Softmax(logits, 1)
	each := BroadcastInDim(g, logits.Shape(), 0)
	dlogits := Mul(each, graph.Apply1(softmaxGrad{rows}, u, p))
	off := graph.Apply1(op, logits, labels, Like(g, 1)) // p - q
	return []*graph.Node{dlogits, nil, ReduceSum(Mul(u, off), 1)}
}

// Kernel implements graph.Kerneled.
func (op crossEntropyGrad) Kernel(in, _ []tensor.Type) *kernel.Code {
	if in[0].DType != tensor.Float32 {
		return nil
	}
	return kernel.CrossEntropyGrad(in[0].Shape.Dim(0), in[0].Shape.Dim(1), float32(op.Smoothing), false)
}

// InPlace implements graph.InPlace.
func (crossEntropyGrad) InPlace() [][2]int { return [][2]int{{0, 0}} }

// FLOPs implements graph.Costed.
func (crossEntropyGrad) FLOPs(in, _ []tensor.Type) int64 { return 5 * int64(in[0].Shape.Size()) }

func init() {
	logits, loss := tensor.F32(4, 5), tensor.F32(4)
	labels := tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(4)}
	graph.Register(graph.Entry{
		Op:    crossEntropyGrad{},
		Doc:   "g·(softmax(logits) - q), q the smoothed label",
		Large: large(crossEntropyGrad{}, tensor.F32(1<<14, 1024), tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(1 << 14)}, tensor.F32(1<<14)),
		Samples: []graph.Sample{
			{In: []tensor.Type{logits, labels, loss}, Low: 0, High: 5},
			{Of: crossEntropyGrad{0.1}, In: []tensor.Type{logits, labels, loss}, Low: 0, High: 5},
		},
	})
}
