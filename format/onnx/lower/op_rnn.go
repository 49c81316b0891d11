package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
)

func init() {
	register(Operator{Name: "RNN", Since: []int64{1, 7, 14, 22}, Rule: rnn})
}

// rnn is an Elman network: h = f(x·W + h·R + bias).
func rnn(c *Call) {
	r := newRecurrence(c, []int{0}, "Tanh")
	r.run([]int{5}, false, func(int) cell {
		return func(w gateWeights, z *graph.Node, state []*graph.Node) []*graph.Node {
			return []*graph.Node{r.act(w, 0, ops.Add(z, ops.Linear(state[0], w.hidden, nil)))}
		}
	})
}
