package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Iota counts along an axis: each element is its place there. Integers wrap
// around.
func Iota(g *graph.Graph, t tensor.Type, axis int) *graph.Node {
	return g.Source(counting{t, t.Shape.Axis(axis)})[0]
}

type counting struct {
	Of   tensor.Type
	Axis int
}

func (counting) Name() string { return "iota" }

// Export implements graph.Exporter.
func (op counting) Export(x graph.Exchange, _ []string, _ *graph.Inst) []string {
	line := op.Of
	for i := range line.Shape.Rank() {
		if i != op.Axis {
			line.Shape = line.Shape.With(i, 1)
		}
	}
	w := tensor.NewWide(line)
	counting{line, op.Axis}.Ref([]tensor.Wide{w}, nil)
	w.Wrap()
	return []string{x.Add("Expand", []string{x.Constant(w.Narrow()), x.Constant(whole(op.Of.Shape.Dims()))})}
}

func (op counting) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if err := count(in, 0); err != nil {
		return nil, err
	}
	if !numbers.has(op.Of.DType) {
		return nil, fmt.Errorf("cannot count in %v", op.Of.DType)
	}
	if op.Axis < 0 || op.Axis >= op.Of.Shape.Rank() {
		return nil, fmt.Errorf("axis %d of %v", op.Axis, op.Of.Shape)
	}
	return []tensor.Type{op.Of}, nil
}

func (op counting) Ref(out, _ []tensor.Wide) {
	p := place{shape: op.Of.Shape}
	for j := range op.Of.Shape.Size() {
		if at := p.at[op.Axis]; out[0].F != nil {
			out[0].F[j] = float64(at)
		} else {
			out[0].I[j] = int64(at)
		}
		p.next()
	}
}

// VJP: there is nothing to differentiate by.
func (counting) VJP(_ []*graph.Node, _ *graph.Inst) []*graph.Node { return nil }

// Kernel implements graph.Kerneled.
func (op counting) Kernel(_, _ []tensor.Type) *kernel.Code {
	outer, axis, inner := split(op.Of.Shape, op.Axis)
	return kernel.Iota(outer, axis, inner, op.Of.DType)
}

func init() {
	t := tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(3, 5)}
	graph.Register(graph.Entry{
		Op:  counting{t, 1},
		Doc: "the place of each element along an axis",
		Samples: []graph.Sample{
			{}, {Of: counting{t, 0}}, {Of: counting{tensor.F32(2, 0, 3), 2}}, {Of: counting{tensor.F32(2, 4, 3), 1}},
		},
	})
}
