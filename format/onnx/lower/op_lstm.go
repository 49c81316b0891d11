package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "LSTM", Since: []int64{1, 7, 14, 22}, Rule: lstm})
}

// lstm: the gates are input, output, forget and new content in ONNX, and the output
// gate is the last in package ops. Operand 6 is the first cell state, operand 7 the
// peepholes [directions 3·H] of the input, output and forget gates.
func lstm(c *Call) {
	r := newRecurrence(c, []int{0, 2, 3, 1}, "Sigmoid", "Tanh", "Tanh")
	r.wantState(6, r.x.Shape().Dim(1))
	c.wantShape(7, len(r.backwards()), 3*r.hidden)
	coupled := c.AttrBool("input_forget", false)
	r.run([]int{5, 6}, false, func(d int) cell {
		if r.clip == 0 && !coupled && !c.Has(7) && areActivations(r.acts[d], "Sigmoid", "Tanh", "Tanh") {
			return func(w gateWeights, z *graph.Node, state []*graph.Node) []*graph.Node {
				h, cell := ops.LSTMCell(z, ops.Linear(state[0], w.hidden, nil), state[1])
				return []*graph.Node{h, cell}
			}
		}
		return r.lstmCell(d, coupled)
	})
}

// lstmCell is a step of direction d with all that the attributes may ask for.
func (r *recurrence) lstmCell(d int, coupled bool) cell {
	var peepholes *graph.Node
	if r.Has(7) {
		peepholes = part(r.In(7), 0, d, d+1)
	}
	peep := func(z, c *graph.Node, i int) *graph.Node {
		if peepholes == nil {
			return z
		}
		w := ops.Reshape(part(peepholes, 1, i*r.hidden, (i+1)*r.hidden), tensor.Dims(r.hidden))
		return ops.Add(z, ops.Mul(c, w))
	}
	return func(w gateWeights, z *graph.Node, state []*graph.Node) []*graph.Node {
		z = ops.Add(z, ops.Linear(state[0], w.hidden, nil))
		c := state[1]
		i := r.act(w, 0, peep(r.gate(z, 0), c, 0))
		f := r.act(w, 0, peep(r.gate(z, 1), c, 2))
		if coupled {
			f = ops.Sub(ops.Like(i, 1), i)
		}
		next := ops.Add(ops.Mul(f, c), ops.Mul(i, r.act(w, 1, r.gate(z, 2))))
		o := r.act(w, 0, peep(r.gate(z, 3), next, 1))
		return []*graph.Node{ops.Mul(o, w.acts[2].of(next)), next}
	}
}
