package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

const training = "ai.onnx.preview.training"

func init() {
	register(Operator{Domain: training, Name: "Adagrad", Since: []int64{1}, Rule: func(c *Call) { c.updates(3, c.adagrad()) }})
	register(Operator{Domain: training, Name: "Adam", Since: []int64{1}, Rule: func(c *Call) { c.updates(4, c.adam()) }})
	register(Operator{Domain: training, Name: "Momentum", Since: []int64{1}, Rule: func(c *Call) { c.updates(3, c.momentum()) }})
}

// update is a step of an optimizer: from a parameter, its gradient and the state
// of the optimizer for it to the next parameter and state.
type update func(x, grad *graph.Node, state []*graph.Node) []*graph.Node

// updates applies u to each parameter. The operands are the learning rate, the
// count of updates, and then kinds lists of one length: the parameters, their
// gradients, and their states; the results are lists too, without the gradients.
func (c *Call) updates(kinds int, u update) {
	in := c.Ins(2)
	n := len(in) / kinds
	if len(in)%kinds != 0 {
		c.Fail("%d tensors, want %d for each parameter", len(in), kinds)
	}
	out := make([]*graph.Node, n*(kinds-1))
	for i := range n {
		var state []*graph.Node
		for k := 2; k < kinds; k++ {
			state = append(state, in[k*n+i])
		}
		for k, y := range u(in[i], in[n+i], state) {
			out[k*n+i] = y
		}
	}
	c.Return(out...)
}

// rate is f of the learning rate and of the count of updates, computed in float64.
func (c *Call) rate(f func(rate, count *graph.Node) *graph.Node) *graph.Node {
	return f(ops.Convert(c.scalar(0), tensor.Float64), ops.Convert(c.scalar(1), tensor.Float64))
}

// times is x·s for a number s without axes, of another type maybe.
func times(x, s *graph.Node) *graph.Node { return ops.Mul(x, ops.Convert(s, x.DType())) }

// regularized is grad + norm_coefficient·x.
func (c *Call) regularized(x, grad *graph.Node) *graph.Node {
	k := c.AttrFloat("norm_coefficient", 0)
	if k == 0 {
		return grad
	}
	return ops.Add(ops.Scale(x, k), grad)
}

// adagrad is Duchi et al., Adaptive Subgradient Methods, 2011.
func (c *Call) adagrad() update {
	decay, eps := c.AttrFloat("decay_factor", 0), c.AttrFloat("epsilon", float64(float32(1e-6)))
	rate := c.rate(func(rate, count *graph.Node) *graph.Node {
		return ops.Div(rate, ops.Add(ops.Like(count, 1), ops.Scale(count, decay)))
	})
	return func(x, grad *graph.Node, state []*graph.Node) []*graph.Node {
		g := c.regularized(x, grad)
		h := ops.Add(state[0], ops.Mul(g, g))
		root := ops.Add(ops.Sqrt(h), ops.Like(h, eps))
		return []*graph.Node{ops.Sub(x, ops.Div(times(g, rate), root)), h}
	}
}

// adam is Kingma and Ba, Adam, 2015, with the rate corrected in place of the
// averages.
func (c *Call) adam() update {
	alpha, beta := c.AttrFloat("alpha", float64(float32(0.9))), c.AttrFloat("beta", float64(float32(0.999)))
	eps, post := c.AttrFloat("epsilon", float64(float32(1e-6))), c.AttrFloat("norm_coefficient_post", 0)
	rate := c.rate(func(rate, count *graph.Node) *graph.Node {
		rest := func(base float64) *graph.Node {
			return ops.Sub(ops.Like(count, 1), ops.Pow(ops.Like(count, base), count))
		}
		corrected := ops.Div(ops.Mul(rate, ops.Sqrt(rest(beta))), rest(alpha))
		return ops.Select(ops.Gt(count, ops.Like(count, 0)), corrected, rate)
	})
	return func(x, grad *graph.Node, state []*graph.Node) []*graph.Node {
		g := c.regularized(x, grad)
		v := ops.Add(ops.Scale(state[0], alpha), ops.Scale(g, 1-alpha))
		h := ops.Add(ops.Scale(state[1], beta), ops.Scale(ops.Mul(g, g), 1-beta))
		root := ops.Add(ops.Sqrt(h), ops.Like(h, eps))
		next := ops.Sub(x, ops.Div(times(v, rate), root))
		return []*graph.Node{ops.Scale(next, 1-post), v, h}
	}
}

// momentum is gradient descent with momentum, plain or Nesterov's.
func (c *Call) momentum() update {
	alpha, beta, mode := c.needFloat("alpha"), c.needFloat("beta"), c.AttrString("mode", "")
	if mode != "standard" && mode != "nesterov" {
		c.Fail("attribute \"mode\" is %q, want standard or nesterov", mode)
	}
	rate := c.rate(func(rate, _ *graph.Node) *graph.Node { return rate })
	share := c.rate(func(_, count *graph.Node) *graph.Node {
		return ops.Select(ops.Gt(count, ops.Like(count, 0)), ops.Like(count, beta), ops.Like(count, 1))
	})
	return func(x, grad *graph.Node, state []*graph.Node) []*graph.Node {
		g := c.regularized(x, grad)
		v := ops.Add(ops.Scale(state[0], alpha), times(g, share))
		step := v
		if mode == "nesterov" {
			step = ops.Add(g, ops.Scale(v, alpha))
		}
		return []*graph.Node{ops.Sub(x, times(step, rate)), v}
	}
}
