package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// SelectAndScatter adds each element of g [N out… C] to the place of the first
// maximum of its window of x [N in… C]: the gradient of [MaxPool].
func SelectAndScatter(x, g *graph.Node, d WindowDims) *graph.Node {
	return graph.Apply1(selectAndScatter{d.full()}, x, g)
}

type selectAndScatter struct{ WindowDims }

func (selectAndScatter) Name() string { return "select-and-scatter" }

// Export implements graph.Exporter: the places are a result of MaxPool.
func (op selectAndScatter) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	t, s := n.InTypes()[0], n.InTypes()[0].Shape
	flat := func(v string) string { return x.Add("Reshape", []string{v, x.Constant(whole([]int{-1}))}) }
	zeros := x.Add("Expand", []string{x.Constant(scalarOf(t.DType, 0)), x.Constant(whole([]int{s.Size()}))})
	operands := []string{zeros, flat(op.places(x, in[0], n)), flat(channelsSecond(x, in[1], s.Rank()))}
	y := x.Add("ScatterElements", operands, graph.Attribute{Name: "reduction", Value: "add"})
	turned := append([]int{s.Dim(0), s.Dim(-1)}, s.Dims()[1:s.Rank()-1]...)
	return []string{channelsLast(x, reshaped(x, y, tensor.Dims(turned...)), s.Rank())}
}

// places is where in all of x, with the channels second, the largest element of each
// window is.
func (d WindowDims) places(x graph.Exchange, v string, n *graph.Inst) string {
	v = channelsSecond(x, v, n.InTypes()[0].Shape.Rank())
	return x.AddMany("MaxPool", []string{v}, 2, d.attributes()...)[1]
}

func (op selectAndScatter) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 2, floats); err != nil {
		return nil, err
	}
	s, err := op.shape(in[0].Shape)
	if err != nil {
		return nil, err
	}
	if want := (tensor.Type{DType: in[0].DType, Shape: s.y}); in[1] != want {
		return nil, fmt.Errorf("the cotangent is %v, want %v", in[1], want)
	}
	return in[:1], nil
}

func (op selectAndScatter) Ref(out, in []tensor.Wide) {
	blank(out)
	s, _ := op.shape(in[0].Type.Shape)
	for o, i := range s.firstMax(in[0].F) {
		if i >= 0 {
			out[0].F[i] += in[1].F[o]
		}
	}
}

// VJP: the cotangents at the chosen places; x only chooses.
func (op selectAndScatter) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{nil, SelectGather(n.In()[0], ct[0], op.WindowDims)}
}

// Kernel implements graph.Kerneled.
func (op selectAndScatter) Kernel(in, _ []tensor.Type) *kernel.Code {
	return op.pool(in[0], kernel.MaxPoolGrad)
}

// FLOPs implements graph.Costed.
func (op selectAndScatter) FLOPs(in, _ []tensor.Type) int64 { return op.flops(in[1].Shape) }

func init() {
	samples := poolSamples(func(d WindowDims) graph.Op { return selectAndScatter{d} })
	for i, s := range samples {
		shape, _ := s.Of.(selectAndScatter).shape(s.In[0].Shape)
		samples[i].In = append(s.In, tensor.Type{DType: tensor.Float32, Shape: shape.y})
	}
	graph.Register(graph.Entry{
		Op:      selectAndScatter{WindowDims{Size: List(2, 2)}.full()},
		Doc:     "adds g of each window to the place of the window's first maximum of x",
		Large:   large(selectAndScatter{WindowDims{Size: List(2, 2)}.full()}, tensor.F32(32, 112, 112, 64), tensor.F32(32, 56, 56, 64)),
		Samples: samples,
	})
}
