package ops

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// CrossEntropy is the loss of each example, -Σ q·log softmax(logits), in nats:
// logits [N K], labels int32 [N], result [N]. The target q is 1-smoothing at
// the label plus smoothing/K everywhere (Szegedy et al., Rethinking the
// Inception Architecture, 2016, section 7). A label outside [0 K) gives NaN.
func CrossEntropy(logits, labels *graph.Node, smoothing float64) *graph.Node {
	return graph.Apply1(crossEntropy{smoothing}, logits, labels)
}

type crossEntropy struct{ Smoothing float64 }

func (crossEntropy) Name() string { return "cross-entropy" }

// Export implements graph.Exporter.
func (op crossEntropy) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
		return []*graph.Node{Neg(ReduceSum(Mul(op.target(v[0], v[1]), LogSoftmax(v[0], 1)), 1))}
	})
}

// target is q [N K], NaN for labels outside [0 K).
func (op crossEntropy) target(logits, labels *graph.Node) *graph.Node {
	k := float64(logits.Shape().Dim(1))
	hot := Eq(BroadcastInDim(labels, logits.Shape(), 0), Iota(logits.Graph(), tensor.Type{DType: tensor.Int32, Shape: logits.Shape()}, 1))
	q := Select(hot, Like(logits, 1-op.Smoothing+op.Smoothing/k), Like(logits, op.Smoothing/k))
	known := And(Ge(labels, Like(labels, 0)), Lt(labels, Like(labels, k)))
	return Select(BroadcastInDim(known, logits.Shape(), 0), q, Like(logits, math.NaN()))
}

func (op crossEntropy) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := count(in, 2); err != nil {
		return nil, err
	}
	if err := op.fits(in[0], in[1]); err != nil {
		return nil, err
	}
	return []tensor.Type{{DType: in[0].DType, Shape: in[1].Shape}}, nil
}

func (op crossEntropy) fits(logits, labels tensor.Type) error {
	switch s := logits.Shape; {
	case !logits.DType.Float() || s.Rank() != 2 || s.Dim(1) == 0:
		return fmt.Errorf("want floating-point logits [N K], got %v", logits)
	case labels != tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(s.Dim(0))}:
		return fmt.Errorf("want int32 labels [%d], got %v", s.Dim(0), labels)
	case !(op.Smoothing >= 0 && op.Smoothing <= 1):
		return fmt.Errorf("smoothing %v is not in [0 1]", op.Smoothing)
	}
	return nil
}

func (op crossEntropy) Ref(out, in []tensor.Wide) {
	k := in[0].Type.Shape.Dim(1)
	for n, label := range in[1].I {
		row := in[0].F[n*k:][:k]
		if label < 0 || label >= int64(k) {
			out[0].F[n] = math.NaN()
			continue
		}
		top, sum := logSumExp(row, func(i int) int { return i }, k)
		mean := 0.0
		for _, z := range row {
			mean += z / float64(k)
		}
		target := (1-op.Smoothing)*row[label] + op.Smoothing*mean // Σ q·logits
		out[0].F[n] = top + math.Log(sum) - target
	}
}

// VJP: g·(softmax(logits) - q); labels have none.
func (op crossEntropy) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	grad := graph.Apply1(crossEntropyGrad(op), n.In()[0], n.In()[1], ct[0])
	return []*graph.Node{grad, nil}
}

// Kernel implements graph.Kerneled.
func (op crossEntropy) Kernel(in, _ []tensor.Type) *kernel.Code {
	if in[0].DType != tensor.Float32 {
		return nil
	}
	return kernel.CrossEntropy(in[0].Shape.Dim(0), in[0].Shape.Dim(1), float32(op.Smoothing))
}

// FLOPs implements graph.Costed.
func (crossEntropy) FLOPs(in, _ []tensor.Type) int64 { return 4 * int64(in[0].Shape.Size()) }

func init() {
	logits := tensor.F32(4, 5)
	labels := tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(4)}
	graph.Register(graph.Entry{
		Op:    crossEntropy{},
		Doc:   "-Σ q·log softmax(logits), q the smoothed label",
		Large: large(crossEntropy{}, tensor.F32(1<<14, 1024), tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(1 << 14)}),
		Samples: []graph.Sample{
			{In: []tensor.Type{logits, labels}, Low: 0, High: 5},
			{Of: crossEntropy{0.1}, In: []tensor.Type{logits, labels}, Low: 0, High: 5},
			{Of: crossEntropy{0.1}, In: []tensor.Type{tensor.F32(4, 1), labels}, Low: 0, High: 1},
			{In: []tensor.Type{tensor.F32(0, 5), {DType: tensor.Int32, Shape: tensor.Dims(0)}}, Low: 0, High: 5},
		},
	})
}
