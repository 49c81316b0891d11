package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/tensor"
)

// GRUCell is what a gated recurrent unit does in one step with the sums that go
// into its gates: x [N 3H] of the input and u [N 3H] of the last hidden state
// h [N H], each with its bias. The columns are the reset gate, the update gate
// and the new content, the order of PyTorch:
//
//	r, z = σ(x_r + u_r), σ(x_z + u_z)   n = tanh(x_n + r·u_n)   hidden = n + z·(h - n)
//
// It gives hidden, [N H]: Cho et al., "Learning Phrase Representations using RNN
// Encoder-Decoder", 2014, with the reset gate behind the product.
func GRUCell(x, u, h *graph.Node) *graph.Node { return graph.Apply(gruCell{}, x, u, h)[0] }

// gruCell has a second result: r, z, n and u_n [N 4H], what its gradient is made
// of, unless it is Bare.
type gruCell struct{ Bare bool }

var gruForward = cell{[]int{3, 3, 1}, []int{1, 4}, func(in [][]*graph.Node) [][]*graph.Node {
	x, u, h := in[0], in[1], in[2][0]
	r, z := Logistic(Add(x[0], u[0])), Logistic(Add(x[1], u[1]))
	n := Tanh(Add(x[2], Mul(r, u[2])))
	return [][]*graph.Node{{Add(n, Mul(z, Sub(h, n)))}, {r, z, n, u[2]}}
}}

var gruBare = gruForward.first(1)

func (op gruCell) cell() *cell {
	if op.Bare {
		return &gruBare
	}
	return &gruForward
}

func (gruCell) Name() string { return "gru-cell" }

// Export implements graph.Exporter.
func (op gruCell) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return x.Inline(op.cell().body("cell", n.InTypes()), in)
}

func (op gruCell) Infer(in []tensor.Type) ([]tensor.Type, error) { return op.cell().types(in) }

func (op gruCell) Ref(out, in []tensor.Wide) { op.cell().ref(out, in) }

// Prune implements graph.Pruner: without gradient the gates are not needed.
func (op gruCell) Prune(n *graph.Inst, used []bool) (graph.Op, []*graph.Node, []int, bool) {
	if op.Bare || used[1] {
		return nil, nil, nil, false
	}
	return gruCell{Bare: true}, n.In(), []int{0, -1}, true
}

// Keeps implements graph.Keeper: the gates are stored.
func (gruCell) Keeps() []bool { return []bool{false, true} }

// FLOPs implements graph.Costed.
func (op gruCell) FLOPs(in, _ []tensor.Type) int64 { return op.cell().flops(in) }

// Kernel implements graph.Kerneled.
func (op gruCell) Kernel(in, _ []tensor.Type) *kernel.Code { return op.cell().kernel(in) }

// InPlace implements graph.InPlace: the hidden state.
func (gruCell) InPlace() [][2]int { return [][2]int{{0, 2}} }

// VJP implements graph.Differentiable.
func (op gruCell) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	if op.Bare {
		ct, n = append(ct[:1:1], nil), graph.Apply(gruCell{}, n.In()...)[0].Inst()
	}
	if ct[1] != nil {
		return gruForward.vjp("gru-cell", ct, n)
	}
	return graph.Apply(gruCellGrad{}, n.Out()[1], n.In()[2], ct[0])[:3]
}

// gruCellGrad takes r, z, n and u_n [N 4H], the last hidden state and the
// cotangent of hidden, and gives those of both sums [N 3H] and of the last state.
type gruCellGrad struct{}

var gruBackward = cell{[]int{4, 1, 1}, []int{3, 3, 1}, func(in [][]*graph.Node) [][]*graph.Node {
	r, z, n, u := in[0][0], in[0][1], in[0][2], in[0][3]
	h, g := in[1][0], in[2][0]
	last := Mul(g, z)
	dn := Sub(g, last)
	dn = Sub(dn, Mul(dn, Mul(n, n)))
	du := Mul(dn, r)
	dr, dz := slope(Mul(du, u), r), slope(Mul(last, Sub(h, n)), z)
	return [][]*graph.Node{{dr, dz, dn}, {dr, dz, du}, {last}}
}}

func (gruCellGrad) Name() string { return "gru-cell-grad" }

// Export implements graph.Exporter.
func (gruCellGrad) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	return x.Inline(gruBackward.body("cell", n.InTypes()), in)
}

func (gruCellGrad) Infer(in []tensor.Type) ([]tensor.Type, error) { return gruBackward.types(in) }

func (gruCellGrad) Ref(out, in []tensor.Wide) { gruBackward.ref(out, in) }

// FLOPs implements graph.Costed.
func (gruCellGrad) FLOPs(in, _ []tensor.Type) int64 { return gruBackward.flops(in) }

// Kernel implements graph.Kerneled.
func (gruCellGrad) Kernel(in, _ []tensor.Type) *kernel.Code { return gruBackward.kernel(in) }

// InPlace implements graph.InPlace.
func (gruCellGrad) InPlace() [][2]int { return [][2]int{{2, 2}} }

// VJP implements graph.Differentiable.
func (gruCellGrad) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node {
	return gruBackward.vjp("gru-cell-grad", ct, n)
}

func init() {
	x, h, all := tensor.F32(3, 15), tensor.F32(3, 5), tensor.F32(3, 20)
	of := func(in ...tensor.Type) graph.Sample { return graph.Sample{In: in, Low: -2, High: 2} }
	wide, narrow := tensor.F32(5, 3*1100), tensor.F32(5, 1100)
	bare := of(x, x, h)
	bare.Of = gruCell{Bare: true}
	graph.Register(graph.Entry{
		Op: gruCell{}, Doc: "n + z·(h - n) from the sums of the gates",
		Samples: []graph.Sample{of(x, x, h), of(wide, wide, narrow), bare},
	})
	graph.Register(graph.Entry{
		Op: gruCellGrad{}, Doc: "the cotangents of a GRU cell's sums and state",
		Samples: []graph.Sample{of(all, h, h), of(tensor.F32(5, 4400), narrow, narrow)},
	})
}
