package train

import (
	"context"
	"fmt"
	"math"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/optim"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// StepProgram is one training step of a network as a program: forward, backward
// and update. Its inputs are, in this order, the trained parameters, the
// buffers, the optimizer's slots, and image, label, key, lr and count; its
// outputs the next parameters, buffers and slots, each in the memory of the old
// one, and then the mean loss, the number of right answers, and the square of
// the gradient's length.
type StepProgram struct {
	Func    *graph.Func
	Options plan.Options
	Params  []nn.Named // trained
	Buffers []nn.Named // that the step updates, then the others
	Slots   []Slot
}

// Slot is what the optimizer remembers of one parameter under one name.
type Slot struct {
	Path string // "param.path/momentum"
	Type tensor.Type
	Of   int // the index of the parameter
}

// The types of what is fed to a step besides tensors of the model.
var (
	scalarType = tensor.F32()
	keyType    = tensor.Type{DType: tensor.Uint32, Shape: tensor.Dims(2)}
)

func labelType(batch int) tensor.Type {
	return tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(batch)}
}

// NewStepProgram builds the step of net on batches of images [N H W C].
func NewStepProgram(net nn.Layer, image tensor.Shape, opt optim.Optimizer, smoothing float64) (*StepProgram, error) {
	p := &StepProgram{}
	gradient, err := p.gradient(net, image, smoothing)
	if err != nil {
		return nil, err
	}
	update, err := p.update(opt)
	if err != nil {
		return nil, err
	}
	return p, p.join(gradient, update, image)
}

// gradient is the function from parameters, buffers, image, label and key to
// gradients, next buffers, loss and right answers.
func (p *StepProgram) gradient(net nn.Layer, image tensor.Shape, smoothing float64) (*graph.Func, error) {
	c := nn.NewCtx(net)
	c.Train = true
	g := c.Graph
	x := g.Leaf("image", tensor.Type{DType: tensor.Float32, Shape: image})
	y := g.Leaf("label", labelType(image.Dim(0)))
	logits := c.In("", net, x) // [N K]
	loss := nn.CrossEntropy(logits, y, smoothing)
	right := ops.ReduceSum(ops.Convert(ops.Eq(ops.ArgMax(logits, -1), y), tensor.Float32), 0)
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
	in := append(append(leaves, nodes(c, p.Buffers)...), x, y, c.Key())
	return graph.NewFunc("gradient", in, append(out, loss, right))
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
		square := ops.ReduceSum(ops.Mul(u.Grad, u.Grad), axes(t.Shape)...)
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

func axes(s tensor.Shape) []int {
	list := make([]int, s.Rank())
	for i := range list {
		list[i] = i
	}
	return list
}

// join makes one function of the two.
func (p *StepProgram) join(gradient, update *graph.Func, image tensor.Shape) error {
	g := graph.New()
	leaf := func(label string, t tensor.Type) *graph.Node { return g.Leaf(label, t) }
	var params, buffers, slots []*graph.Node
	for _, n := range p.Params {
		params = append(params, leaf(n.Path, n.Value.Type()))
	}
	for _, n := range p.Buffers {
		buffers = append(buffers, leaf(n.Path, n.Value.Type()))
	}
	for _, s := range p.Slots {
		slots = append(slots, leaf(s.Path, s.Type))
	}
	x := leaf("image", tensor.Type{DType: tensor.Float32, Shape: image})
	y, key := leaf("label", labelType(image.Dim(0))), leaf(nn.KeyLabel, keyType)
	lr, count := leaf("lr", scalarType), leaf("count", scalarType)

	fromGradient := g.Inline(gradient, chain(params, buffers, []*graph.Node{x, y, key})...)
	if g.Err() != nil {
		return g.Err()
	}
	grads, rest := fromGradient[:len(params)], fromGradient[len(params):]
	nextBuffers, loss, right := rest[:len(rest)-2], rest[len(rest)-2], rest[len(rest)-1]
	fromUpdate := g.Inline(update, chain(params, slots, grads, []*graph.Node{lr, count})...)
	if g.Err() != nil {
		return g.Err()
	}
	nextParams, rest := fromUpdate[:len(params)], fromUpdate[len(params):]
	nextSlots, length := rest[:len(slots)], rest[len(slots)]

	in := chain(params, buffers, slots, []*graph.Node{x, y, key, lr, count})
	out := chain(nextParams, nextBuffers, nextSlots, []*graph.Node{loss, right, length})
	for i := range out[:len(out)-3] {
		input := i
		if i >= len(params)+len(nextBuffers) {
			input += len(buffers) - len(nextBuffers)
		}
		p.Options.Donate = append(p.Options.Donate, [2]int{i, input})
	}
	var err error
	p.Func, err = graph.NewFunc("step", in, out)
	return err
}

func chain(lists ...[]*graph.Node) []*graph.Node {
	var all []*graph.Node
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// stepper is a StepProgram with its memory.
type stepper struct {
	*StepProgram
	program *plan.Program
	machine *exec.Machine
	in      []tensor.Tensor
	fed     int // the index of image among the inputs
	key     []uint32
	lr      []float32
	count   []float32
}

func newStepper(p *StepProgram, pool *exec.Pool) (*stepper, error) {
	program, err := plan.Compile(p.Func, p.Options)
	if err != nil {
		return nil, err
	}
	s := &stepper{StepProgram: p, program: program, machine: exec.NewMachine(program, pool)}
	for _, n := range append(append([]nn.Named{}, p.Params...), p.Buffers...) {
		s.in = append(s.in, n.Value)
	}
	for _, slot := range p.Slots {
		s.in = append(s.in, tensor.New(slot.Type))
	}
	s.fed = len(s.in)
	key, lr, count := tensor.New(keyType), tensor.New(scalarType), tensor.New(scalarType)
	s.key, s.lr, s.count = tensor.Of[uint32](key), lr.Floats(), count.Floats()
	s.in = append(s.in, tensor.Tensor{}, tensor.Tensor{}, key, lr, count)
	return s, nil
}

// slots is the optimizer's memory, in the order of Slots.
func (s *stepper) slots() []tensor.Tensor { return s.in[s.fed-len(s.Slots) : s.fed] }

// stepped is what a step tells.
type stepped struct{ loss, right, length float64 }

// finite says whether the step met no NaN and no infinity.
func (s stepped) finite() bool {
	return !math.IsNaN(s.loss-s.loss) && !math.IsNaN(s.length-s.length)
}

// run does one step.
func (s *stepper) run(ctx context.Context, image, label tensor.Tensor, key [2]uint32, lr float64, count int) (stepped, error) {
	s.in[s.fed], s.in[s.fed+1] = image, label
	copy(s.key, key[:])
	s.lr[0], s.count[0] = float32(lr), float32(count)
	out, err := s.machine.Run(ctx, s.in)
	if err != nil {
		return stepped{}, err
	}
	n := len(out)
	return stepped{
		loss:   float64(out[n-3].Floats()[0]),
		right:  float64(out[n-2].Floats()[0]),
		length: float64(out[n-1].Floats()[0]),
	}, nil
}

// label is the name of input i.
func (s *stepper) label(i int) string {
	return s.Func.In[i].Op().(graph.Leaf).Label
}

// batched is the shape of n examples of shape s.
func batched(s tensor.Shape, n int) tensor.Shape {
	return tensor.Dims(append([]int{n}, s.Dims()...)...)
}
