package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Concatenate joins tensors along an axis, which may count from the last; all
// other axes have equal sizes. There must be at least one tensor.
func Concatenate(axis int, xs ...*graph.Node) *graph.Node {
	return graph.Apply1(concatenate{xs[0].Shape().Axis(axis)}, xs...)
}

type concatenate struct{ Axis int }

func (concatenate) Name() string { return "concatenate" }

// Export implements graph.Exporter.
func (op concatenate) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{x.Add("Concat", in, graph.Attribute{Name: "axis", Value: op.Axis})}
}

func (op concatenate) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if len(in) == 0 {
		return nil, fmt.Errorf("want at least one operand")
	}
	if err := of(in, len(in), anything); err != nil {
		return nil, err
	}
	shape, total := in[0].Shape, 0
	if op.Axis < 0 || op.Axis >= shape.Rank() {
		return nil, fmt.Errorf("axis %d of %v", op.Axis, shape)
	}
	for i, t := range in {
		if t.DType != in[0].DType || t.Shape.Rank() != shape.Rank() || t.Shape.With(op.Axis, shape.Dim(op.Axis)) != shape {
			return nil, fmt.Errorf("operand %d differs from the first off axis %d", i, op.Axis)
		}
		if total += t.Shape.Dim(op.Axis); total > most {
			return nil, fmt.Errorf("axis %d becomes too large", op.Axis)
		}
	}
	shape, err := tensor.CheckedDims(shape.With(op.Axis, total).Dims()...)
	if err != nil {
		return nil, err
	}
	return []tensor.Type{{DType: in[0].DType, Shape: shape}}, nil
}

// rows is how many pieces along the outer axes there are, and how many elements
// one has in a tensor of shape s.
func (op concatenate) rows(s tensor.Shape) (outer, row int) {
	outer, row = 1, 1
	for i := range s.Rank() {
		if i < op.Axis {
			outer *= s.Dim(i)
		} else {
			row *= s.Dim(i)
		}
	}
	return outer, row
}

func (op concatenate) Ref(out, in []tensor.Wide) {
	outer, width := op.rows(out[0].Type.Shape)
	at := 0
	for _, x := range in {
		_, row := op.rows(x.Type.Shape)
		for i := range outer {
			if x.F != nil {
				copy(out[0].F[i*width+at:][:row], x.F[i*row:])
			} else {
				copy(out[0].I[i*width+at:][:row], x.I[i*row:])
			}
		}
		at += row
	}
}

// VJP: each operand gets its part of g.
func (op concatenate) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	out, at := make([]*graph.Node, len(n.In())), 0
	for i, x := range n.In() {
		start, limit := make([]int, x.Shape().Rank()), x.Shape().Dims()
		start[op.Axis] = at
		at += limit[op.Axis]
		limit[op.Axis] = at
		out[i] = Slice(ct[0], start, limit, nil)
	}
	return out
}

// Simplify: one tensor is itself.
func (op concatenate) Simplify(n *graph.Inst) []*graph.Node {
	if len(n.In()) == 1 {
		return n.In()
	}
	return nil
}

// Permute implements graph.Permuter.
func (op concatenate) Permute(perm []int, in []tensor.Type) (graph.Op, bool) {
	if len(perm) != in[0].Shape.Rank() {
		return nil, false
	}
	return concatenate{perm[op.Axis]}, true
}

// Kernel implements graph.Kerneled.
func (op concatenate) Kernel(in, out []tensor.Type) *kernel.Code {
	outer, _ := op.rows(out[0].Shape)
	sizes := make([]int, len(in))
	for i, t := range in {
		_, sizes[i] = op.rows(t.Shape)
	}
	return kernel.Concat(out[0].DType.Size(), outer, sizes)
}

func init() {
	graph.Register(graph.Entry{
		Op:  concatenate{1},
		Doc: "tensors joined along an axis",
		Samples: []graph.Sample{
			{In: []tensor.Type{tensor.F32(3, 2), tensor.F32(3, 5), tensor.F32(3, 0)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(0, 2), tensor.F32(0, 2)}, Low: -3, High: 3},
			{In: []tensor.Type{tensor.F32(2, 3, 4)}, Low: -3, High: 3},
			{Of: concatenate{0}, In: []tensor.Type{tensor.F32(1, 33), tensor.F32(2, 33)}, Low: -3, High: 3},
			{Of: concatenate{2}, In: []tensor.Type{
				{DType: tensor.Int16, Shape: tensor.Dims(2, 2, 1)}, {DType: tensor.Int16, Shape: tensor.Dims(2, 2, 3)},
			}, Low: -9, High: 9},
		},
	})
}
