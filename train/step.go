package train

import (
	"fmt"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/optim"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// StepProgram is one training step of a network as a program: forward, backward
// and update. Its inputs are, in this order, the trained parameters, the
// buffers, the optimizer's slots, and what is fed; its outputs the next
// parameters, buffers and slots, each in the memory of the old one, and then
// the mean loss, the number of right answers, and the square of the gradient's
// length.
type StepProgram struct {
	Func    *graph.Func
	Options plan.Options
	Params  []nn.Named // trained
	Buffers []nn.Named // that the step updates, then the others
	Slots   []Slot
	Fed     []Field // of the batch: the network's input and the label; then "key", "lr" and "count"
}

// Slot is what the optimizer remembers of one parameter under one name.
type Slot struct {
	Path string // "param.path/momentum"
	Type tensor.Type
	Of   int // the index of the parameter
}

// Field is a tensor that is fed to a step, by name.
type Field struct {
	Name string
	Type tensor.Type
}

// StepOptions says what a step does besides what network and optimizer say. A
// zero field means the value in its comment.
type StepOptions struct {
	Input     string    // "image": the field of a batch that is the network's input
	Objective Objective // Class
}

func (o StepOptions) withDefaults() StepOptions {
	if o.Input == "" {
		o.Input = data.FieldImage
	}
	if o.Objective == nil {
		o.Objective = Class{}
	}
	return o
}

// The types of what is fed to a step besides tensors of the model.
var (
	scalarType = tensor.F32()
	keyType    = tensor.Type{DType: tensor.Uint32, Shape: tensor.Dims(2)}
)

// control is what is fed besides the batch.
var control = []Field{{nn.KeyLabel, keyType}, {"lr", scalarType}, {"count", scalarType}}

// NewStepProgram builds the step of net on batches of the type in, whose first
// axis is the batch.
func NewStepProgram(net nn.Layer, in tensor.Type, opt optim.Optimizer, o StepOptions) (*StepProgram, error) {
	p := &StepProgram{}
	gradient, err := p.gradient(net, in, o.withDefaults())
	if err != nil {
		return nil, err
	}
	update, err := p.update(opt)
	if err != nil {
		return nil, err
	}
	return p, p.join(gradient, update)
}

// gradient is the function from parameters, buffers, batch and key to
// gradients, next buffers, loss and right answers.
func (p *StepProgram) gradient(net nn.Layer, in tensor.Type, o StepOptions) (*graph.Func, error) {
	c := nn.NewCtx(net)
	c.Train = true
	x := c.Graph.Leaf(o.Input, in)
	y := c.In("", net, x)
	label := c.Graph.Leaf(o.Objective.Label(), o.Objective.LabelType(in.Shape.Dim(0), y.Type()))
	loss, right := o.Objective.Loss(y, label)
	p.sort(c)
	leaves := nodes(c, p.Params)
	out := graph.Grad(loss, leaves...)
	for _, b := range p.Buffers {
		for _, u := range c.Updates() {
			if u.Param == b.Param {
				out = append(out, u.Node)
			}
		}
	}
	p.Fed = append([]Field{{o.Input, in}, {o.Objective.Label(), label.Type()}}, control...)
	args := chain(leaves, nodes(c, p.Buffers), []*graph.Node{x, label, c.Key()})
	return graph.NewFunc("gradient", args, append(out, loss, right))
}

// sort divides what the model uses into what is trained and what is not.
func (p *StepProgram) sort(c *nn.Ctx) {
	updated := map[*nn.Param]bool{}
	for _, u := range c.Updates() {
		updated[u.Param] = true
	}
	var rest []nn.Named
	for _, n := range c.Used() {
		switch {
		case !n.Buffer:
			p.Params = append(p.Params, n)
		case updated[n.Param]:
			p.Buffers = append(p.Buffers, n)
		default:
			rest = append(rest, n)
		}
	}
	p.Buffers = append(p.Buffers, rest...)
}

// nodes is the leaves of parameters.
func nodes(c *nn.Ctx, params []nn.Named) []*graph.Node {
	leaves := make([]*graph.Node, len(params))
	for i, n := range params {
		leaves[i] = c.Graph.Leaf(n.Path, n.Value.Type())
	}
	return leaves
}

// update is the function from parameters, slots, gradients, lr and count to the
// next parameters and slots and the square of the gradient's length.
func (p *StepProgram) update(opt optim.Optimizer) (*graph.Func, error) {
	g := graph.New()
	lr, count := g.Leaf("lr", scalarType), g.Leaf("count", scalarType)
	var params, slots, grads, nextParams, nextSlots []*graph.Node
	var length *graph.Node
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
		params, grads, slots = append(params, u.Param), append(grads, u.Grad), append(slots, u.Slots...)
		next, remembered := opt.Update(u)
		nextParams, nextSlots = append(nextParams, next), append(nextSlots, remembered...)
		square := ops.ReduceSum(ops.Mul(u.Grad, u.Grad), everyAxis(t.Shape)...)
		if length == nil {
			length = square
		} else {
			length = ops.Add(length, square)
		}
	}
	if length == nil {
		return nil, fmt.Errorf("train: the model has no parameters")
	}
	in := append(append(append(params, slots...), grads...), lr, count)
	return graph.NewFunc("update", in, append(append(nextParams, nextSlots...), length))
}

// join makes one function of the two.
func (p *StepProgram) join(gradient, update *graph.Func) error {
	g := graph.New()
	var params, buffers, slots, fed []*graph.Node
	for _, n := range p.Params {
		params = append(params, g.Leaf(n.Path, n.Value.Type()))
	}
	for _, n := range p.Buffers {
		buffers = append(buffers, g.Leaf(n.Path, n.Value.Type()))
	}
	for _, s := range p.Slots {
		slots = append(slots, g.Leaf(s.Path, s.Type))
	}
	for _, f := range p.Fed {
		fed = append(fed, g.Leaf(f.Name, f.Type))
	}
	batch, rates := fed[:len(fed)-2], fed[len(fed)-2:]

	fromGradient := g.Inline(gradient, chain(params, buffers, batch)...)
	if g.Err() != nil {
		return g.Err()
	}
	grads, rest := fromGradient[:len(params)], fromGradient[len(params):]
	nextBuffers, told := rest[:len(rest)-2], rest[len(rest)-2:]
	fromUpdate := g.Inline(update, chain(params, slots, grads, rates)...)
	if g.Err() != nil {
		return g.Err()
	}
	next, length := fromUpdate[:len(params)+len(slots)], fromUpdate[len(params)+len(slots):]

	out := chain(next[:len(params)], nextBuffers, next[len(params):], told, length)
	for i := range out[:len(out)-3] {
		input := i
		if i >= len(params)+len(nextBuffers) {
			input += len(buffers) - len(nextBuffers)
		}
		p.Options.Donate = append(p.Options.Donate, [2]int{i, input})
	}
	var err error
	p.Func, err = graph.NewFunc("step", chain(params, buffers, slots, fed), out)
	return err
}

func chain(lists ...[]*graph.Node) []*graph.Node {
	var all []*graph.Node
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}
