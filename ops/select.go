package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Select is a where cond is true and b elsewhere.
func Select(cond, a, b *graph.Node) *graph.Node {
	return graph.Apply1(choose{}, Broadcast(cond, a, b)...)
}

type choose struct{}

func (choose) Name() string { return "select" }

// ONNX implements graph.Named.
func (choose) ONNX() string { return "Where" }

func (choose) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := count(in, 3); err != nil {
		return nil, err
	}
	if in[0].DType != tensor.Bool {
		return nil, fmt.Errorf("the condition has %v elements, want bool", in[0].DType)
	}
	if in[0].Shape != in[1].Shape {
		return nil, fmt.Errorf("the condition has shape %v, the first choice %v, which do not broadcast", in[0].Shape, in[1].Shape)
	}
	return same(in[1:], 2, anything)
}

func (choose) Ref(out, in []tensor.Wide) {
	for j, c := range in[0].I {
		from := in[2-c]
		if out[0].F != nil {
			out[0].F[j] = from.F[j]
		} else {
			out[0].I[j] = from.I[j]
		}
	}
}

// VJP: (nothing, g where cond, g elsewhere).
func (choose) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	c, zero := n.In()[0], Like(ct[0], 0)
	return []*graph.Node{nil, Select(c, ct[0], zero), Select(c, zero, ct[0])}
}

// InPlace implements graph.InPlace.
func (choose) InPlace() [][2]int { return [][2]int{{0, 1}, {0, 2}} }

// Simplify: a constant condition chooses, and one choice is none.
func (choose) Simplify(n *graph.Inst) []*graph.Node {
	c, a, b := n.In()[0], n.In()[1], n.In()[2]
	switch {
	case a == b, isFill(c, 1):
		return []*graph.Node{a}
	case isFill(c, 0):
		return []*graph.Node{b}
	case isOp[invert](c):
		return []*graph.Node{Select(c.In()[0], b, a)}
	}
	return nil
}

// Permute implements graph.Permuter.
func (op choose) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (choose) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) {
	return e.Select(in[0], in[1], in[2]), true
}

// Kernel implements graph.Kerneled, for what loops do not take.
func (choose) Kernel(in, _ []tensor.Type) *kernel.Code {
	return kernel.Choose(in[1].DType.Size(), in[1].Shape.Size())
}

func init() {
	of := func(d tensor.DType, dims ...int) []tensor.Type {
		shape := tensor.Dims(dims...)
		t := tensor.Type{DType: d, Shape: shape}
		return []tensor.Type{{DType: tensor.Bool, Shape: shape}, t, t}
	}
	graph.Register(graph.Entry{
		Op:  choose{},
		Doc: "a where cond, b elsewhere",
		Samples: []graph.Sample{
			{In: of(tensor.Float32, 3, 5), Low: -3, High: 3},
			{In: of(tensor.Float32, 0, 5), Low: -3, High: 3},
			{In: of(tensor.Int64, 9), Low: -1 << 62, High: 1 << 62},
			{In: of(tensor.Bool, 33)},
		},
	})
}
