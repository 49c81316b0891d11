package ops

import (
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Inverse is the inverses of the matrices in the last two axes of x [… N N]; NaN
// everywhere where there is none.
func Inverse(x *graph.Node) *graph.Node { return graph.Apply1(inversion{}, x) }

type inversion struct{}

func (inversion) Name() string { return "inverse" }

// mostMinors is the largest matrix that is written as its minors.
const mostMinors = 16

// Export implements graph.Exporter after Cramer: the transposed cofactors divided by the
// determinant. ONNX has no other operator for matrices to begin with.
func (inversion) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	size := n.InTypes()[0].Shape.Dim(-1)
	if size > mostMinors {
		return x.Unsupported("inverse of matrices of more than 16 rows", 1)
	}
	return inlined(x, in, n, func(v []*graph.Node) []*graph.Node {
		y := v[0]
		det := Det(y)
		kept := numbered(0, det.Shape().Rank())
		if size == 1 || y.Shape().Size() == 0 {
			y = Div(Like(y, 1), y)
		} else {
			y = Div(flipped(cofactors(y)), BroadcastInDim(det, y.Shape(), kept...))
		}
		singular := BroadcastInDim(Eq(det, Like(det, 0)), y.Shape(), kept...)
		return []*graph.Node{Select(singular, Like(y, math.NaN()), y)}
	})
}

// cofactors is, for each place of the matrices x [… N N], the determinant of what is
// left without its row and column, with the sign of a chessboard.
func cofactors(x *graph.Node) *graph.Node {
	rank, n := x.Shape().Rank(), x.Shape().Dim(-1)
	others, sign := tensor.NewWide(tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(n, n-1)}), tensor.NewWide(tensor.Type{DType: x.DType(), Shape: tensor.Dims(n, n)})
	for i := range n {
		for j := range n {
			sign.F[i*n+j] = 1 - 2*float64((i+j)%2)
			switch {
			case j < i:
				others.I[i*(n-1)+j] = int64(j)
			case j > i:
				others.I[i*(n-1)+j-1] = int64(j)
			}
		}
	}
	ids := x.Graph().Constant(others.Narrow())
	x = Take(Take(x, ids, rank-2), ids, rank)                                      // [… row N-1 column N-1]
	x = Transpose(x, append(numbered(0, rank-2), rank-2, rank, rank-1, rank+1)...) // [… row column N-1 N-1]
	y := Det(x)
	return Mul(y, BroadcastInDim(y.Graph().Constant(sign.Narrow()), y.Shape(), rank-2, rank-1))
}

func (inversion) Infer(in []tensor.Type) ([]tensor.Type, error) { return in, square(in) }

func (inversion) Ref(out, in []tensor.Wide) {
	n := in[0].Type.Shape.Dim(-1)
	m := make([]float64, 2*n*n) // [x 1]
	for at := 0; at < len(in[0].F); at += n * n {
		clear(m)
		for r := range n {
			copy(m[2*n*r:], in[0].F[at+n*r:][:n])
			m[2*n*r+n+r] = 1
		}
		singular := eliminate(m, n, 2*n) == 0
		for r := range n {
			for c := range n {
				out[0].F[at+n*r+c] = m[2*n*r+n+c]
				if singular {
					out[0].F[at+n*r+c] = math.NaN()
				}
			}
		}
	}
}

// VJP: -yᵀ·g·yᵀ.
func (inversion) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	t := flipped(n.Out()[0])
	return []*graph.Node{Neg(MatMul(MatMul(t, ct[0]), t))}
}

// FLOPs implements graph.Costed.
func (inversion) FLOPs(in, _ []tensor.Type) int64 {
	return int64(in[0].Shape.Size()) * int64(4*in[0].Shape.Dim(-1))
}

func init() {
	graph.Register(graph.Entry{
		Op:      inversion{},
		Doc:     "inverses of the matrices in the last two axes",
		Large:   large(inversion{}, tensor.F32(1<<15, 8, 8)),
		Samples: matrixSamples(),
	})
}
