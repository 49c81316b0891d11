package train

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/optim"
)

// update is the function from parameters, slots, gradients, lr and count to the
// next parameters and slots and the square of the gradient's length. With
// several pieces, it takes the sums of gradients over them.
func (p *StepProgram) update(opt optim.Optimizer, o StepOptions) (*graph.Func, error) {
	if len(p.Params) == 0 {
		return nil, fmt.Errorf("train: the model has no parameters to train")
	}
	g := graph.New()
	lr, count := g.Leaf("lr", scalarType), g.Leaf("count", scalarType)
	var steps []optim.Step
	var params, slots, sums, grads []*graph.Node
	for i, n := range p.Params {
		t := n.Value.Type()
		u := optim.Step{
			Param: g.Leaf(n.Path, t), Grad: g.Leaf("gradient of "+n.Path, t),
			LR: lr, Count: count, Decay: !n.NoDecay,
		}
		for _, name := range opt.Slots(t) {
			s := Slot{n.Path + "/" + name, t, i}
			p.Slots = append(p.Slots, s)
			u.Slots = append(u.Slots, g.Leaf(s.Path, t))
		}
		params, sums, slots = append(params, u.Param), append(sums, u.Grad), append(slots, u.Slots...)
		u.Grad = scaled(u.Grad, 1/float64(p.Pieces))
		steps, grads = append(steps, u), append(grads, u.Grad)
	}
	length := squares(grads)
	bound := o.bound(length)
	var nextParams, nextSlots []*graph.Node
	for _, u := range steps {
		u.Grad = bound(u.Grad)
		next, remembered := opt.Update(u)
		nextParams, nextSlots = append(nextParams, next), append(nextSlots, remembered...)
	}
	in := chain(params, slots, sums, []*graph.Node{lr, count})
	return graph.NewFunc("update", in, chain(nextParams, nextSlots, []*graph.Node{length}))
}

func scaled(x *graph.Node, factor float64) *graph.Node {
	if factor == 1 {
		return x
	}
	return ops.Scale(x, factor)
}

// squares is the sum of all squares.
func squares(list []*graph.Node) *graph.Node {
	var sum *graph.Node
	for _, x := range list {
		square := ops.ReduceSum(ops.Mul(x, x), everyAxis(x.Shape())...)
		if sum == nil {
			sum = square
		} else {
			sum = ops.Add(sum, square)
		}
	}
	return sum
}

// bound clips a gradient: first all together, so that they are no longer than
// ClipNorm (Pascanu et al., "On the Difficulty of Training Recurrent Neural
// Networks", ICML 2013, algorithm 1), then each component.
func (o StepOptions) bound(length *graph.Node) func(*graph.Node) *graph.Node {
	var share *graph.Node
	if o.ClipNorm > 0 {
		norm := ops.Sqrt(length)
		share = ops.Div(ops.Like(norm, o.ClipNorm), ops.Add(norm, ops.Like(norm, 1e-6)))
		share = ops.Min(share, ops.Like(share, 1))
	}
	return func(grad *graph.Node) *graph.Node {
		if share != nil {
			grad = ops.Mul(grad, share)
		}
		if o.ClipValue > 0 {
			grad = ops.Clamp(grad, -o.ClipValue, o.ClipValue)
		}
		return grad
	}
}
