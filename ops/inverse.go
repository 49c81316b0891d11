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
		Samples: matrixSamples(),
	})
}
