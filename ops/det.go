package ops

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Det is the determinant of the matrices in the last two axes of x [… N N], which
// the result does not have. Its gradient wants matrices that can be inverted.
func Det(x *graph.Node) *graph.Node { return graph.Apply1(det{}, x) }

type det struct{}

func (det) Name() string { return "det" }

// ONNX implements graph.Named.
func (det) ONNX() string { return "Det" }

func (det) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := square(in); err != nil {
		return nil, err
	}
	s := in[0].Shape
	return []tensor.Type{{DType: in[0].DType, Shape: s.Without(s.Rank() - 1).Without(s.Rank() - 2)}}, nil
}

// square asks for one operand of square matrices of floats.
func square(in []tensor.Type) error {
	if err := of(in, 1, floats); err != nil {
		return err
	}
	if s := in[0].Shape; s.Rank() < 2 || s.Dim(-1) != s.Dim(-2) {
		return fmt.Errorf("%v is no square matrices, want [… N N]", s)
	}
	return nil
}

func (det) Ref(out, in []tensor.Wide) {
	n := in[0].Type.Shape.Dim(-1)
	m := make([]float64, n*n)
	for i := range out[0].F {
		copy(m, in[0].F[i*n*n:])
		out[0].F[i] = eliminate(m, n, n)
	}
}

// eliminate brings the first n columns of n rows of m to the unit matrix by
// operations on rows (Gauss and Jordan, the largest pivot first), and returns the
// determinant that they had. Where that is 0 the columns stay as they are.
func eliminate(m []float64, n, width int) (det float64) {
	row := func(i int) []float64 { return m[i*width : (i+1)*width] }
	det = 1
	for c := range n {
		pivot := c
		for r := c + 1; r < n; r++ {
			if math.Abs(row(r)[c]) > math.Abs(row(pivot)[c]) {
				pivot = r
			}
		}
		p, q := row(c), row(pivot)
		if pivot != c {
			det = -det
			for j := range p {
				p[j], q[j] = q[j], p[j]
			}
		}
		scale := p[c]
		if det *= scale; scale == 0 {
			return det
		}
		for j := range p {
			p[j] /= scale
		}
		for r := range n {
			if f := row(r)[c]; r != c && f != 0 {
				for j, v := range p {
					row(r)[j] -= f * v
				}
			}
		}
	}
	return det
}

// VJP: g·det·(x⁻¹)ᵀ, after Jacobi.
func (det) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	x, y := n.In()[0], n.Out()[0]
	g := BroadcastInDim(Mul(ct[0], y), x.Shape(), numbered(0, y.Shape().Rank())...)
	return []*graph.Node{Mul(g, flipped(Inverse(x)))}
}

// flipped transposes the matrices in the last two axes.
func flipped(x *graph.Node) *graph.Node {
	rank := x.Shape().Rank()
	return Transpose(x, append(numbered(0, rank-2), rank-1, rank-2)...)
}

// FLOPs implements graph.Costed.
func (det) FLOPs(in, _ []tensor.Type) int64 {
	return int64(in[0].Shape.Size()) * int64(2*in[0].Shape.Dim(-1))
}

func init() {
	graph.Register(graph.Entry{
		Op:      det{},
		Doc:     "determinants of the matrices in the last two axes",
		Large:   large(det{}, tensor.F32(1<<15, 8, 8)),
		Samples: matrixSamples(),
	})
}

// matrixSamples are matrices, of which some make large steps of differences
// useless because they are nearly singular.
func matrixSamples() []graph.Sample {
	var samples []graph.Sample
	for _, t := range []tensor.Type{
		tensor.F32(2, 2), tensor.F32(3, 3), tensor.F32(2, 3, 3), tensor.F32(1, 1), tensor.F32(0, 2, 2),
		{DType: tensor.Float64, Shape: tensor.Dims(4, 4)}, {DType: tensor.Float16, Shape: tensor.Dims(2, 2)},
	} {
		samples = append(samples, graph.Sample{In: []tensor.Type{t}, Low: -2, High: 2})
	}
	return samples
}
