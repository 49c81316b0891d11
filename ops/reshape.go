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
