package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Reshape gives x another shape of as many elements, in row-major order.
func Reshape(x *graph.Node, shape tensor.Shape) *graph.Node {
	if x.Shape() == shape {
		return x
	}
	return graph.Apply1(reshape{shape}, x)
}

type reshape struct{ Shape tensor.Shape }

func (reshape) Name() string { return "reshape" }

// Export implements graph.Exporter.
func (op reshape) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{reshaped(x, in[0], op.Shape)}
}

func (op reshape) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := of(in, 1, anything); err != nil {
		return nil, err
	}
	if in[0].Shape.Size() != op.Shape.Size() {
		return nil, fmt.Errorf("%v has %d elements, %v has %d", in[0].Shape, in[0].Shape.Size(), op.Shape, op.Shape.Size())
	}
	return []tensor.Type{{DType: in[0].DType, Shape: op.Shape}}, nil
}

func (reshape) Ref(out, in []tensor.Wide) {
	copy(out[0].F, in[0].F)
	copy(out[0].I, in[0].I)
}

// VJP: g in x's shape.
func (reshape) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return []*graph.Node{Reshape(ct[0], n.In()[0].Shape())}
}

// Aliases implements graph.Aliasing.
func (reshape) Aliases() bool { return true }

// Simplify: a reshaped reshape is one, and reshaped constants are constants.
func (op reshape) Simplify(n *graph.Inst) []*graph.Node {
	x, y := n.In()[0], n.Out()[0]
	switch v, ok := fillOf(x); {
	case ok:
		return []*graph.Node{Like(y, v)}
	case x.Shape() == op.Shape:
		return []*graph.Node{x}
	case isOp[reshape](x):
		return []*graph.Node{Reshape(x.In()[0], op.Shape)}
	}
	return nil
}

func init() {
	graph.Register(graph.Entry{
		Op:  reshape{tensor.Dims(5, 6)},
		Doc: "x in another shape of as many elements",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(2, 3, 5)}, Low: -3, High: 3},
			{In: []tensor.Type{{DType: tensor.Bool, Shape: tensor.Dims(30)}}},
			{Of: reshape{tensor.Dims()}, In: []tensor.Type{tensor.F32(1, 1)}, Low: -3, High: 3},
			{Of: reshape{tensor.Dims(0, 9)}, In: []tensor.Type{tensor.F32(3, 0)}, Low: -3, High: 3},
		},
	})
}
