package main

import (
	"context"
	"os"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/optim"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
	"github.com/ihae/ihae/zoo"
)

// network is a network whose train step is timed.
type network struct {
	name  string
	arch  string
	image tensor.Shape // [N H W C]
	opt   optim.Optimizer
}

var networks = []network{
	{"objects", "resnet", tensor.Dims(128, 32, 32, 3), optim.SGD{Momentum: 0.9, Nesterov: true, WeightDecay: 5e-4}},
	{"digits", "digits-cnn", tensor.Dims(64, 28, 28, 1), optim.AdamW{WeightDecay: 0.01}},
	{"mlp", "mlp", tensor.Dims(64, 28, 28, 1), optim.AdamW{WeightDecay: 0.01}},
}

func init() {
	for _, n := range networks {
		add(n.name, func(b *bench) error { return n.time(b.pool, b.seconds) })
	}
}

// step is a compiled train step with everything it is fed.
type step struct {
	machine *exec.Machine
	in      []tensor.Tensor
}

// net draws the network's weights.
func (n network) net(r rng.Stream) (nn.Layer, error) {
	e, err := zoo.Lookup(n.arch)
	if err != nil {
		return nil, err
	}
	return e.Build(r, zoo.Image(tensor.Dims(n.image.Dims()[1:]...)), 10, e.Settings)
}

// compile makes the program of the train step: graph, gradient, update, plan.
func (n network) compile(net nn.Layer) (*train.StepProgram, *plan.Program, error) {
	p, err := train.NewStepProgram(net, tensor.Type{DType: tensor.Float32, Shape: n.image}, n.opt, train.StepOptions{})
	if err != nil {
		return nil, nil, err
	}
	program, err := plan.Compile(p.Func, p.Options)
	return p, program, err
}

func (n network) build(pool *exec.Pool) (step, error) {
	r := rng.New(0)
	net, err := n.net(r)
	if err != nil {
		return step{}, err
	}
	p, program, err := n.compile(net)
	if err != nil {
		return step{}, err
	}
	s := step{machine: exec.NewMachine(program, pool)}
	for _, leaf := range p.Params {
		s.in = append(s.in, leaf.Value)
	}
	for _, leaf := range p.Buffers {
		s.in = append(s.in, leaf.Value)
	}
	for _, slot := range p.Slots {
		s.in = append(s.in, tensor.New(slot.Type))
	}
	x := tensor.New(tensor.F32(n.image.Dims()...))
	draw := r.Split("batch").Rand()
	for i := range x.Floats() {
		x.Floats()[i] = float32(draw.NormFloat64())
	}
	y := tensor.New(tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(n.image.Dim(0))})
	for i := range tensor.Of[int32](y) {
		tensor.Of[int32](y)[i] = int32(draw.IntN(10))
	}
	key := tensor.From(tensor.Dims(2), []uint32{1, 2})
	s.in = append(s.in, x, y, key, tensor.Scalar[float32](0.01), tensor.Scalar[float32](1))
	return s, nil
}

func (s step) run() error {
	_, err := s.machine.Run(context.Background(), s.in)
	return err
}

func (n network) time(pool *exec.Pool, seconds float64) error {
	net, err := n.net(rng.New(0))
	if err != nil {
		return err
	}
	build, err := best(seconds/4, func() error { _, _, err := n.compile(net); return err })
	if err != nil {
		return err
	}
	if err := show(line{Bench: n.name + "-build", Ms: build * 1e3}); err != nil {
		return err
	}
	s, err := n.build(pool)
	if err != nil {
		return err
	}
	t, err := best(seconds, s.run)
	if err != nil {
		return err
	}
	return show(line{Bench: n.name + "-step", Ms: t * 1e3, PerSecond: float64(n.image.Dim(0)) / t})
}

func (n network) memory(pool *exec.Pool) error {
	before := train.PeakMemory()
	s, err := n.build(pool)
	if err != nil {
		return err
	}
	for range 20 {
		if err := s.run(); err != nil {
			return err
		}
	}
	return show(line{Bench: n.name + "-memory", Bytes: train.PeakMemory() - before})
}

func (n network) profile(pool *exec.Pool, seconds float64) error {
	s, err := n.build(pool)
	if err != nil {
		return err
	}
	s.machine.Count()
	if _, err := best(seconds, s.run); err != nil {
		return err
	}
	return s.machine.Profile().Dump(os.Stdout)
}
