package train

import (
	"context"
	"fmt"
	"math"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// stepper is a StepProgram with its memory.
type stepper struct {
	*StepProgram
	program *plan.Program
	machine *exec.Machine
	in      []tensor.Tensor
	fed     int // the index of the first fed field among the inputs
	key     []uint32
	lr      []float32
	count   []float32

	slots []tensor.Tensor // in the order of Slots
	sums  []tensor.Tensor // with several pieces: of the gradients
	apply *exec.Machine
	last  []tensor.Tensor // the inputs of apply
}

func newStepper(p *StepProgram, pool *exec.Pool) (*stepper, error) {
	program, err := plan.Compile(p.Func, p.Options)
	if err != nil {
		return nil, err
	}
	if err := exec.Fits(program, pool.Threads()); err != nil {
		return nil, fmt.Errorf("a training step on a batch of %d: %w; --set batch, or --set accumulate, makes pieces", p.Fed[0].Type.Shape.Dim(0), err)
	}
	s := &stepper{StepProgram: p, program: program, machine: exec.NewMachine(program, pool)}
	for _, slot := range p.Slots {
		s.slots = append(s.slots, tensor.New(slot.Type))
	}
	s.in = append(values(p.Params), values(p.Buffers)...)
	key, lr, count := tensor.New(keyType), tensor.New(scalarType), tensor.New(scalarType)
	s.key, s.lr, s.count = tensor.Of[uint32](key), lr.Floats(), count.Floats()
	batch := make([]tensor.Tensor, len(p.Fed)-len(control))
	if p.Pieces == 1 {
		s.in = append(s.in, s.slots...)
		s.fed = len(s.in)
		s.in = append(append(s.in, batch...), key, lr, count)
		return s, nil
	}
	for _, n := range p.Params {
		s.sums = append(s.sums, tensor.New(n.Value.Type()))
	}
	s.in = append(s.in, s.sums...)
	s.fed = len(s.in)
	s.in = append(append(s.in, batch...), key)
	if program, err = plan.Compile(p.Apply, p.ApplyOptions); err != nil {
		return nil, err
	}
	s.apply = exec.NewMachine(program, pool)
	s.last = append(append(append(values(p.Params), s.slots...), s.sums...), lr, count)
	return s, nil
}

// stats is what a step takes, with all its pieces.
func (s *stepper) stats() plan.Stats {
	all := s.program.Stats()
	if s.apply != nil {
		apply := s.apply.Program().Stats()
		all.FLOPs = int64(s.Pieces)*all.FLOPs + apply.FLOPs
		all.Arena += apply.Arena
	}
	return all
}

// values is the tensors of parameters.
func values(list []nn.Named) []tensor.Tensor {
	var ts []tensor.Tensor
	for _, n := range list {
		ts = append(ts, n.Value)
	}
	return ts
}

// stepped is what a step tells.
type stepped struct{ loss, right, length float64 }

// finite says whether the step met no NaN and no infinity.
func (s stepped) finite() bool {
	return !math.IsNaN(s.loss-s.loss) && !math.IsNaN(s.length-s.length)
}

// run does one step on the fields of a batch. What is random in it is drawn from
// draw.
func (s *stepper) run(ctx context.Context, batch map[string]tensor.Tensor, draw rng.Stream, lr float64, count int) (stepped, error) {
	s.lr[0], s.count[0] = float32(lr), float32(count)
	for _, f := range s.batchFields() {
		if batch[f.Name].IsZero() {
			return stepped{}, fmt.Errorf("train: the batches have no field %q", f.Name)
		}
	}
	if s.Pieces > 1 {
		return s.accumulate(ctx, batch, draw)
	}
	for i, f := range s.batchFields() {
		s.in[s.fed+i] = batch[f.Name]
	}
	key := draw.Key()
	copy(s.key, key[:])
	out, err := s.machine.Run(ctx, s.in)
	if err != nil {
		return stepped{}, err
	}
	n := len(out)
	return stepped{scalar(out[n-3]), scalar(out[n-2]), scalar(out[n-1])}, nil
}

func (s *stepper) batchFields() []Field { return s.Fed[:len(s.Fed)-len(control)] }

func scalar(t tensor.Tensor) float64 { return float64(t.Floats()[0]) }

// accumulate does one step in pieces: the gradient of their mean loss.
func (s *stepper) accumulate(ctx context.Context, batch map[string]tensor.Tensor, draw rng.Stream) (stepped, error) {
	for _, sum := range s.sums {
		clear(sum.Bytes())
	}
	var told stepped
	for piece := range s.Pieces {
		for i, f := range s.batchFields() {
			all := batch[f.Name].Bytes()
			n := len(all) / s.Pieces
			var err error
			if s.in[s.fed+i], err = tensor.View(f.Type, all[piece*n:][:n]); err != nil {
				return told, err
			}
		}
		key := draw.At(uint64(piece)).Key()
		copy(s.key, key[:])
		out, err := s.machine.Run(ctx, s.in)
		if err != nil {
			return told, err
		}
		told.loss += scalar(out[len(out)-2]) / float64(s.Pieces)
		told.right += scalar(out[len(out)-1])
	}
	out, err := s.apply.Run(ctx, s.last)
	if err != nil {
		return told, err
	}
	told.length = scalar(out[len(out)-1])
	return told, nil
}

// unsound is the name of the first tensor of the model or of the optimizer that
// has a NaN or an infinity, or empty.
func (s *stepper) unsound() string {
	for _, n := range append(append([]nn.Named{}, s.Params...), s.Buffers...) {
		if !sound(n.Value) {
			return n.Path
		}
	}
	for i, t := range s.slots {
		if !sound(t) {
			return s.Slots[i].Path
		}
	}
	return ""
}

// nodes is the leaves of parameters.
func nodes(c *nn.Ctx, params []nn.Named) []*graph.Node {
	leaves := make([]*graph.Node, len(params))
	for i, n := range params {
		leaves[i] = c.Graph.Leaf(n.Path, n.Value.Type())
	}
	return leaves
}

// batched is the shape of n examples of shape s.
func batched(s tensor.Shape, n int) tensor.Shape {
	return tensor.Dims(append([]int{n}, s.Dims()...)...)
}
