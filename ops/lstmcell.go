package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// LSTMCell is what a long short-term memory does in one step with the sums that
// go into its gates: x [N 4H] of the input, with the bias, and u [N 4H] of the
// last hidden state; c [N H] is the last cell state. The columns are the input
// gate, the forget gate, the new content and the output gate, the order of
// PyTorch:
//
//	i, f, o = σ(xᵢ + uᵢ), σ(x_f + u_f), σ(xₒ + uₒ)   g = tanh(x_g + u_g)
//	cell = f·c + i·g                                hidden = o·tanh(cell)
//
// It gives hidden and cell, [N H]: Hochreiter and Schmidhuber, "Long Short-Term
// Memory", 1997, with the forget gate of Gers, Schmidhuber and Cummins, "Learning
// to Forget", 2000.
func LSTMCell(x, u, c *graph.Node) (hidden, cell *graph.Node) {
	out := graph.Apply(lstmCell{}, x, u, c)
	return out[0], out[1]
}

// lstmCell has a third result, the gates [N 4H], which its gradient is made of,
// unless it is Bare.
type lstmCell struct{ Bare bool }

var lstmForward = cell{[]int{4, 4, 1}, []int{1, 1, 4}, func(in [][]*graph.Node) [][]*graph.Node {
	z := make([]*graph.Node, 4)
	for k := range z {
		z[k] = Add(in[0][k], in[1][k])
	}
	i, f, g, o := Logistic(z[0]), Logistic(z[1]), Tanh(z[2]), Logistic(z[3])
	c := Add(Mul(f, in[2][0]), Mul(i, g))
	return [][]*graph.Node{{Mul(o, Tanh(c))}, {c}, {i, f, g, o}}
}}

var lstmBare = lstmForward.first(2)

func (op lstmCell) cell() *cell {
	if op.Bare {
		return &lstmBare
	}
	return &lstmForward
}

func (lstmCell) Name() string { return "lstm-cell" }

// Export implements graph.Exporter.
func (op lstmCell) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return x.Inline(op.cell().body("cell", n.InTypes()), in)
}

func (op lstmCell) Infer(in []tensor.Type) ([]tensor.Type, error) { return op.cell().types(in) }

func (op lstmCell) Ref(out, in []tensor.Wide) { op.cell().ref(out, in) }

// Prune implements graph.Pruner: without gradient the gates are not needed.
func (op lstmCell) Prune(n *graph.Inst, used []bool) (graph.Op, []*graph.Node, []int, bool) {
	if op.Bare || used[2] {
		return nil, nil, nil, false
	}
	return lstmCell{Bare: true}, n.In(), []int{0, 1, -1}, true
}

// Keeps implements graph.Keeper: the gates are stored.
func (lstmCell) Keeps() []bool { return []bool{false, false, true} }

// FLOPs implements graph.Costed.
func (op lstmCell) FLOPs(in, _ []tensor.Type) int64 { return op.cell().flops(in) }

// Kernel implements graph.Kerneled.
func (op lstmCell) Kernel(in, _ []tensor.Type) *kernel.Code { return op.cell().kernel(in) }

// InPlace implements graph.InPlace: the cell state.
func (lstmCell) InPlace() [][2]int { return [][2]int{{1, 2}} }

// VJP implements graph.Differentiable: the sums' cotangents are one, since only
// their sum counts.
func (op lstmCell) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	if op.Bare {
		ct, n = append(ct[:2:2], nil), graph.Apply(lstmCell{}, n.In()...)[0].Inst()
	}
	if ct[2] != nil {
		return lstmForward.vjp("lstm-cell", ct, n)
	}
	dh, dc := orZero(ct[0], n.Out()[0]), orZero(ct[1], n.Out()[1])
	out := graph.Apply(lstmCellGrad{}, n.Out()[2], n.In()[2], dh, dc)
	return []*graph.Node{out[0], out[0], out[1]}
}

// orZero is the cotangent of n, or zeros.
func orZero(ct, n *graph.Node) *graph.Node {
	if ct == nil {
		return Like(n, 0)
	}
	return ct
}

// lstmCellGrad takes the gates [N 4H], the last cell state and the cotangents of
// hidden and cell, and gives those of the sums [N 4H] and of the last cell state.
type lstmCellGrad struct{}

var lstmBackward = cell{[]int{4, 1, 1, 1}, []int{4, 1}, func(in [][]*graph.Node) [][]*graph.Node {
	i, f, g, o := in[0][0], in[0][1], in[0][2], in[0][3]
	c, dh, dc := in[1][0], in[2][0], in[3][0]
	t := Tanh(Add(Mul(f, c), Mul(i, g)))
	do := Mul(dh, o)
	d := Add(dc, Sub(do, Mul(do, Mul(t, t))))
	di, df := Mul(d, i), Mul(d, f)
	return [][]*graph.Node{{
		slope(Mul(di, g), i),
		slope(Mul(df, c), f),
		Sub(di, Mul(di, Mul(g, g))),
		slope(Mul(do, t), o),
	}, {df}}
}}

// slope is g·(1-y).
func slope(g, y *graph.Node) *graph.Node { return Sub(g, Mul(g, y)) }

func (lstmCellGrad) Name() string { return "lstm-cell-grad" }

// Export implements graph.Exporter.
func (lstmCellGrad) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return x.Inline(lstmBackward.body("cell", n.InTypes()), in)
}

func (lstmCellGrad) Infer(in []tensor.Type) ([]tensor.Type, error) { return lstmBackward.types(in) }

func (lstmCellGrad) Ref(out, in []tensor.Wide) { lstmBackward.ref(out, in) }

// FLOPs implements graph.Costed.
func (lstmCellGrad) FLOPs(in, _ []tensor.Type) int64 { return lstmBackward.flops(in) }

// Kernel implements graph.Kerneled.
func (lstmCellGrad) Kernel(in, _ []tensor.Type) *kernel.Code { return lstmBackward.kernel(in) }

// InPlace implements graph.InPlace.
func (lstmCellGrad) InPlace() [][2]int { return [][2]int{{1, 3}, {0, 0}} }

// VJP implements graph.Differentiable.
func (lstmCellGrad) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return lstmBackward.vjp("lstm-cell-grad", ct, n)
}

// misfit says that operand i of a cell does not fit the others.
func misfit(i int, t tensor.Type) error {
	return fmt.Errorf("operand %d is %v, want a matrix of as many rows as the others and whole groups of columns", i, t)
}

func init() {
	z, h := tensor.F32(3, 20), tensor.F32(3, 5)
	wide, narrow := tensor.F32(5, 4*1100), tensor.F32(5, 1100)
	of := func(in ...tensor.Type) graph.Sample { return graph.Sample{In: in, Low: -2, High: 2} }
	none := tensor.F32(3, 0)
	bare := of(z, z, h)
	bare.Of = lstmCell{Bare: true}
	graph.Register(graph.Entry{
		Op: lstmCell{}, Doc: "c = f·c + i·g, h = o·tanh(c) from the sums of the gates",
		Samples: []graph.Sample{of(z, z, h), of(wide, wide, narrow), of(none, none, none), bare},
	})
	graph.Register(graph.Entry{
		Op: lstmCellGrad{}, Doc: "the cotangents of an LSTM cell's sums and state",
		Samples: []graph.Sample{of(z, h, h, h), of(wide, narrow, narrow, narrow)},
	})
}
