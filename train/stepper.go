package train

import (
	"context"
	"math"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/plan"
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
	s.in = append(append(s.in, make([]tensor.Tensor, len(p.Fed)-len(control))...), key, lr, count)
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

// run does one step on the fields of a batch.
func (s *stepper) run(ctx context.Context, batch map[string]tensor.Tensor, key [2]uint32, lr float64, count int) (stepped, error) {
	for i, f := range s.Fed[:len(s.Fed)-len(control)] {
		s.in[s.fed+i] = batch[f.Name]
	}
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
