package train

import (
	"fmt"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/optim"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// StepProgram is one training step of a network as a program: forward, backward
// and update. Its inputs are, in this order, the trained parameters, the
// buffers, the optimizer's slots, and what is fed; its outputs the next
// parameters, buffers and slots, each in the memory of the old one, and then
// the mean loss, the number of right answers, and the square of the gradient's
// length, before any clipping.
//
// With several pieces a batch, the step is two programs. Func, run for each
// piece, has the sums of gradients in the place of the slots, and the next
// buffers, the next sums, loss and right answers as outputs. Apply, run after
// the last, goes from parameters, slots, sums, lr and count to the next
// parameters and slots and the square of the gradient's length.
type StepProgram struct {
	Func    *graph.Func
	Options plan.Options
	Params  []nn.Named // trained
	Buffers []nn.Named // that the step updates, then the others, and what is frozen
	Updated int        // how many of Buffers the step updates
	Slots   []Slot
	Fed     []Field // of the batch: the network's input and the labels; then "key", "lr" and "count"

	Pieces       int         // of a batch
	Apply        *graph.Func // nil with one piece
	ApplyOptions plan.Options
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
	Input      string                 // "image": the field of a batch that is the network's input
	Objective  Objective              // Class
	Mixed      bool                   // false: examples have one label; true: two, see [Mixing]
	ClipNorm   float64                // 0: no bound on the length of the whole gradient
	ClipValue  float64                // 0: no bound on each component, after ClipNorm
	Accumulate int                    // 1: the pieces that a batch is worked off in; they divide it, and a batch norm sees each by itself
	Frozen     func(path string) bool // nothing: parameters and buffers that keep their value
	Spare      bool                   // false; true: keep less for the backward pass, see plan.Options
}

func (o StepOptions) withDefaults() StepOptions {
	if o.Input == "" {
		o.Input = data.FieldImage
	}
	if o.Objective == nil {
		o.Objective = Class{}
	}
	if o.Frozen == nil {
		o.Frozen = func(string) bool { return false }
	}
	o.Accumulate = max(o.Accumulate, 1)
	return o
}

// loss is what the objective says of the output, and the labels it asks for.
func (o StepOptions) loss(batch int, out *graph.Node) (loss, right *graph.Node, labels []*graph.Node, err error) {
	g, t := out.Graph(), o.Objective.LabelType(batch, out.Type())
	label := g.Leaf(o.Objective.Label(), t)
	if !o.Mixed {
		loss, right = o.Objective.Loss(out, label)
		return loss, right, []*graph.Node{label}, nil
	}
	m, ok := o.Objective.(Mixing)
	if !ok {
		return nil, nil, nil, &ConfigError{"objective", o.Objective.Name() + " has no examples with two labels"}
	}
	other := g.Leaf(FieldOther, t)
	share := g.Leaf(FieldShare, tensor.F32(batch))
	loss, right = m.MixedLoss(out, label, other, share)
	return loss, right, []*graph.Node{label, other, share}, nil
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
	o = o.withDefaults()
	p := &StepProgram{Pieces: o.Accumulate, Options: plan.Options{Spare: o.Spare}}
	n := in.Shape.Dim(0)
	if n%p.Pieces != 0 {
		return nil, &ConfigError{"accumulate", fmt.Sprintf("%d pieces do not divide a batch of %d", p.Pieces, n)}
	}
	in.Shape = in.Shape.With(0, n/p.Pieces)
	gradient, err := p.gradient(net, in, o)
	if err != nil {
		return nil, err
	}
	update, err := p.update(opt, o)
	if err != nil {
		return nil, err
	}
	if p.Pieces == 1 {
		return p, p.join(gradient, update)
	}
	return p, p.part(gradient, update)
}

// gradient is the function from parameters, buffers, batch and key to
// gradients, next buffers, loss and right answers.
func (p *StepProgram) gradient(net nn.Layer, in tensor.Type, o StepOptions) (*graph.Func, error) {
	c := nn.NewCtx(net)
	c.Train, c.Frozen = true, o.Frozen
	x := c.Graph.Leaf(o.Input, in)
	y := c.In("", net, x)
	loss, right, labels, err := o.loss(in.Shape.Dim(0), y)
	if err != nil {
		return nil, err
	}
	p.sort(c)
	leaves := nodes(c, p.Params)
	out := append(graph.Grad(loss, leaves...), p.updates(c)...)
	p.Fed = []Field{{o.Input, in}}
	for _, l := range labels {
		p.Fed = append(p.Fed, Field{l.Op().(graph.Leaf).Label, l.Type()})
	}
	p.Fed = append(p.Fed, control...)
	args := chain(leaves, nodes(c, p.Buffers), []*graph.Node{x}, labels, []*graph.Node{c.Key()})
	return graph.NewFunc("gradient", args, append(out, loss, right))
}

// updates is the next values of the buffers that the step updates.
func (p *StepProgram) updates(c *nn.Ctx) []*graph.Node {
	var next []*graph.Node
	for _, b := range p.Buffers {
		for _, u := range c.Updates() {
			if u.Param == b.Param {
				next = append(next, u.Node)
			}
		}
	}
	return next
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
		case c.Fixed(n.Param):
			rest = append(rest, n)
		case !n.Buffer:
			p.Params = append(p.Params, n)
		case updated[n.Param]:
			p.Buffers = append(p.Buffers, n)
		default:
			rest = append(rest, n)
		}
	}
	p.Updated = len(p.Buffers)
	p.Buffers = append(p.Buffers, rest...)
}

func chain(lists ...[]*graph.Node) []*graph.Node {
	var all []*graph.Node
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}
