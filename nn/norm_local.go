package nn

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// LocalNorm divides each channel by a power of the squares of its neighbours:
// y[c] = x[c]/(Bias + Alpha·Σ x[j]²)^Beta, with j from c-(Size-1)/2 to c+Size/2 as
// far as there are channels. Krizhevsky, Sutskever and Hinton, "ImageNet
// Classification with Deep Convolutional Neural Networks", NIPS 2012, section 3.3;
// Caffe, PyTorch and ONNX call Alpha what is Size·Alpha here.
type LocalNorm struct {
	Size              int // channels
	Alpha, Beta, Bias float64
}

// Forward implements Layer: [N … C] → [N … C].
func (l LocalNorm) Forward(_ *Ctx, x *graph.Node) *graph.Node {
	s := x.Shape()
	places := s.Size() / max(s.Dim(-1), 1)
	squares := ops.Reshape(ops.Mul(x, x), tensor.Dims(places, s.Dim(-1), 1))
	sum := ops.SumPool(squares, ops.WindowDims{
		Size: ops.List(l.Size), Stride: ops.List(1), PadLow: ops.List((l.Size - 1) / 2), PadHigh: ops.List(l.Size / 2),
	})
	base := plus(ops.Scale(ops.Reshape(sum, s), l.Alpha), l.Bias)
	return ops.Mul(x, ops.Pow(base, ops.Like(base, -l.Beta)))
}

func init() {
	Register(Spec{
		Name: "local-norm",
		Doc:  "each channel divided by a power of its neighbours' squares",
		Cite: "Krizhevsky, Sutskever and Hinton, 2012",
		New:  func(rng.Stream) Layer { return LocalNorm{Size: 3, Alpha: 0.5, Beta: 0.75, Bias: 2} },
		In:   tensor.F32(2, 2, 2, 5),
		Out:  tensor.F32(2, 2, 2, 5),
	})
}
