package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// SelectGather takes from u [N in… C], for each window, the element at the
// place of the first maximum of x [N in… C]: the transpose of
// [SelectAndScatter]. A window of padding alone gives 0.
func SelectGather(x, u *graph.Node, d WindowDims) *graph.Node {
	return graph.Apply1(selectGather{d.full()}, x, u)
}

type selectGather struct{ WindowDims }

func (selectGather) Name() string { return "select-gather" }

// Export implements graph.Exporter: the places are a result of MaxPool.
func (op selectGather) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	rank := n.InTypes()[0].Shape.Rank()
	places := op.places(x, in[0], n)
	flat := x.Add("Reshape", []string{channelsSecond(x, in[1], rank), x.Constant(whole([]int{-1}))})
	return []string{channelsLast(x, x.Add("Gather", []string{flat, places}), rank)}
}

func (op selectGather) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 2, floats); err != nil {
		return nil, err
	}
	if in[0] != in[1] {
		return nil, fmt.Errorf("operands are %v and %v, want one type", in[0], in[1])
	}
	return op.infer(in[:1], floats)
}

func (op selectGather) Ref(out, in []tensor.Wide) {
	blank(out)
	s, _ := op.shape(in[0].Type.Shape)
	for o, i := range s.firstMax(in[0].F) {
		if i >= 0 {
			out[0].F[o] = in[1].F[i]
		}
	}
}

// VJP: the cotangent goes to the chosen places; x only chooses.
func (op selectGather) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{nil, SelectAndScatter(n.In()[0], ct[0], op.WindowDims)}
}

// Kernel implements graph.Kerneled.
func (op selectGather) Kernel(in, _ []tensor.Type) *kernel.Code {
	return op.pool(in[0], kernel.SelectGather)
}

// FLOPs implements graph.Costed.
func (op selectGather) FLOPs(_, out []tensor.Type) int64 { return op.flops(out[0].Shape) }

func init() {
	samples := poolSamples(func(d WindowDims) graph.Op { return selectGather{d} })
	for i, s := range samples {
		samples[i].In = append(s.In, s.In[0])
	}
	graph.Register(graph.Entry{
		Op:      selectGather{WindowDims{Size: List(2, 2)}.full()},
		Doc:     "takes u at the place of each window's first maximum of x",
		Large:   large(selectGather{WindowDims{Size: List(2, 2)}.full()}, tensor.F32(32, 112, 112, 64), tensor.F32(32, 112, 112, 64)),
		Samples: samples,
	})
}
