package ops

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Fourier is the discrete Fourier transform along the last axis but one of x
// [… N 2], complex numbers as pairs of their real and imaginary parts:
// y[k] = Σ x[n]·exp(-2πi·kn/N), or with +2πi if inverse. Nothing is divided by N.
func Fourier(x *graph.Node, inverse bool) *graph.Node {
	return graph.Apply1(fourier{inverse}, x)
}

type fourier struct{ Inverse bool }

func (fourier) Name() string { return "fourier" }

// Export implements graph.Exporter. The inverse operator divides by N.
func (op fourier) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	s := n.InTypes()[0].Shape
	if s.Size() == 0 {
		return []string{x.Add("Identity", in)}
	}
	rows := tensor.Dims(product(s.Dims()[:s.Rank()-2]), s.Dim(-2), 2)
	inverse := graph.Attribute{Name: "inverse", Value: 0}
	if op.Inverse {
		inverse.Value = 1
	}
	y := reshaped(x, in[0], rows)
	if x.Opset() >= 20 {
		y = x.Add("DFT", []string{y, "", x.Constant(tensor.Scalar(int64(1)))}, inverse)
	} else {
		y = x.Add("DFT", []string{y}, inverse, graph.Attribute{Name: "axis", Value: 1})
	}
	if op.Inverse {
		y = x.Add("Mul", []string{y, x.Constant(scalarOf(n.InTypes()[0].DType, float64(s.Dim(-2))))})
	}
	return []string{reshaped(x, y, s)}
}

func (fourier) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 1, floats); err != nil {
		return nil, err
	}
	if s := in[0].Shape; s.Rank() < 2 || s.Dim(-1) != 2 || s.Dim(-2) > math.MaxInt32 {
		return nil, fmt.Errorf("%v is no rows of complex numbers, want [… N 2]", s)
	}
	return in, nil
}

func (op fourier) Ref(out, in []tensor.Wide) {
	n := in[0].Type.Shape.Dim(-2)
	if len(in[0].F) == 0 {
		return
	}
	roots := make([][2]float64, n)
	for j := range roots {
		roots[j][1], roots[j][0] = math.Sincos(2 * math.Pi * float64(j) / float64(n))
		if !op.Inverse {
			roots[j][1] = -roots[j][1]
		}
	}
	for at := 0; at < len(in[0].F); at += 2 * n {
		x, y := in[0].F[at:at+2*n], out[0].F[at:at+2*n]
		for k := range n {
			var re, im float64
			for j := range n {
				w := roots[j*k%n]
				re += x[2*j]*w[0] - x[2*j+1]*w[1]
				im += x[2*j]*w[1] + x[2*j+1]*w[0]
			}
			y[2*k], y[2*k+1] = re, im
		}
	}
}

// VJP: the transform of g with the other sign.
func (op fourier) VJP(ct []*graph.Node, _ *graph.Inst) []*graph.Node {
	return []*graph.Node{Fourier(ct[0], !op.Inverse)}
}

// FLOPs implements graph.Costed: 5·N·log₂N for each transform, what one by factors
// of two takes.
func (fourier) FLOPs(in, _ []tensor.Type) int64 {
	return 5 * int64(in[0].Shape.Size()/2) * int64(bits.Len(uint(in[0].Shape.Dim(-2))))
}

// Kernel implements graph.Kerneled.
func (op fourier) Kernel(in, _ []tensor.Type) *kernel.Code {
	s := in[0].Shape
	return kernel.Fourier(product(s.Dims()[:s.Rank()-2]), s.Dim(-2), op.Inverse, in[0].DType)
}

func init() {
	var samples []graph.Sample
	for _, t := range []tensor.Type{
		tensor.F32(2, 8, 2), tensor.F32(3, 30, 2), tensor.F32(2, 3, 12, 2), tensor.F32(37, 2), tensor.F32(2, 97, 2),
		tensor.F32(1, 2), tensor.F32(64, 2), tensor.F32(62, 2), tensor.F32(0, 5, 2), tensor.F32(3, 0, 2),
		{DType: tensor.Float64, Shape: tensor.Dims(2, 45, 2)}, {DType: tensor.Float64, Shape: tensor.Dims(41, 2)},
		{DType: tensor.Float16, Shape: tensor.Dims(2, 6, 2)},
	} {
		for _, inverse := range []bool{false, true} {
			samples = append(samples, graph.Sample{Of: fourier{inverse}, In: []tensor.Type{t}, Low: -1, High: 1})
		}
	}
	graph.Register(graph.Entry{
		Op:      fourier{},
		Doc:     "Σ x[n]·exp(-2πi·kn/N) along the last axis but one, complex numbers as pairs",
		Large:   large(fourier{}, tensor.F32(4096, 1024, 2)),
		Samples: samples,
	})
}
