package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// Not is logical for bools and bit by bit for integers.
func Not(x *graph.Node) *graph.Node { return graph.Apply1(invert{}, x) }

type invert struct{ unaryRules }

func (invert) Name() string { return "not" }

// Export implements graph.Exporter.
func (invert) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return []string{x.Add(logicName("Not", "BitwiseNot", n), in)}
}

func (invert) Infer(in []tensor.Type) ([]tensor.Type, error) { return same(in, 1, bools|ints) }

func (invert) Ref(out, in []tensor.Wide) {
	if in[0].Type.DType == tensor.Bool {
		each1(out, in, nil, func(x int64) int64 { return 1 - x })
		return
	}
	each1(out, in, nil, func(x int64) int64 { return ^x })
}

// Simplify: not not x is x.
func (invert) Simplify(n *graph.Inst) []*graph.Node {
	if x := n.In()[0]; isOp[invert](x) {
		return x.In()[:1]
	}
	return foldFills(n)
}

// Permute implements graph.Permuter.
func (op invert) Permute([]int, []tensor.Type) (graph.Op, bool) { return op, true }

// Lane implements graph.Elementwise.
func (invert) Lane(e *kernel.Expr, in []kernel.Reg) (kernel.Reg, bool) { return e.Not(in[0]), true }

func init() {
	graph.Register(graph.Entry{
		Op:  invert{},
		Doc: "¬x",
		Samples: []graph.Sample{
			{In: []tensor.Type{{DType: tensor.Bool, Shape: tensor.Dims(33)}}},
			{In: []tensor.Type{{DType: tensor.Int8, Shape: tensor.Dims(9)}}, Low: -128, High: 128},
			{In: []tensor.Type{{DType: tensor.Uint64, Shape: tensor.Dims(9)}}, Low: 0, High: 1 << 64},
		},
	})
}
