package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
)

func init() {
	register(Operator{Name: "GRU", Since: []int64{1, 3, 7, 14, 22}, Rule: gru})
}

// gru: the gates are update, reset and new content in ONNX, and the reset gate is
// the first in package ops.
func gru(c *Call) {
	r := newRecurrence(c, []int{1, 0, 2}, "Sigmoid", "Tanh")
	behind := c.AttrBool("linear_before_reset", false)
	r.run([]int{5}, behind, func(d int) cell {
		switch {
		case behind && r.clip == 0 && areActivations(r.acts[d], "Sigmoid", "Tanh"):
			return func(w gateWeights, z *graph.Node, state []*graph.Node) []*graph.Node {
				return []*graph.Node{ops.GRUCell(z, ops.Linear(state[0], w.hidden, w.hiddenBias), state[0])}
			}
		case behind:
			return r.resetBehind
		}
		return r.resetBefore
	})
}

// resetBehind is a step with the reset gate behind the product with the hidden state.
func (r *recurrence) resetBehind(w gateWeights, z *graph.Node, state []*graph.Node) []*graph.Node {
	h := state[0]
	u := ops.Linear(h, w.hidden, w.hiddenBias)
	sum := func(i int) *graph.Node { return ops.Add(r.gate(z, i), r.gate(u, i)) }
	reset, update := r.act(w, 0, sum(0)), r.act(w, 0, sum(1))
	content := r.act(w, 1, ops.Add(r.gate(z, 2), ops.Mul(reset, r.gate(u, 2))))
	return blend(update, h, content)
}

// resetBefore is a step with the reset gate before that product, as Cho et al. have
// it.
func (r *recurrence) resetBefore(w gateWeights, z *graph.Node, state []*graph.Node) []*graph.Node {
	h := state[0]
	u := ops.Linear(h, part(w.hidden, 1, 0, 2*r.hidden), nil)
	sum := func(i int) *graph.Node { return ops.Add(r.gate(z, i), r.gate(u, i)) }
	reset, update := r.act(w, 0, sum(0)), r.act(w, 0, sum(1))
	product := ops.Linear(ops.Mul(reset, h), part(w.hidden, 1, 2*r.hidden, 3*r.hidden), nil)
	return blend(update, h, r.act(w, 1, ops.Add(r.gate(z, 2), product)))
}

// blend is content + update·(h - content).
func blend(update, h, content *graph.Node) []*graph.Node {
	return []*graph.Node{ops.Add(content, ops.Mul(update, ops.Sub(h, content)))}
}
