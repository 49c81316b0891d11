package train

import (
	"context"
	"fmt"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// The kinds of [Average].
const (
	AverageEMA = "ema"
	AverageSWA = "swa"
)

// Average says which mean of the weights over a run stands for the network: it
// is what is validated, measured and kept as a checkpoint's model, while
// training goes on with the weights themselves. A zero field means the value in
// its comment.
//
// The kind "ema" takes a running mean after each step: Polyak and Juditsky,
// "Acceleration of Stochastic Approximation by Averaging", 1992. Its decay
// begins low, (1+n)/(10+n) after n steps, so that the first weights are soon
// forgotten. Buffers, such as a batch norm's, are averaged like weights.
//
// The kind "swa" holds the learning rate, from Start on, and takes the plain
// mean of the weights at the end of each epoch: Izmailov et al., "Averaging
// Weights Leads to Wider Optima and Better Generalization", UAI 2018. Averaged
// weights give other activations than those that were averaged, so buffers are
// computed anew, by up to a hundred training batches.
type Average struct {
	Kind  string  // no average
	Decay float64 // 0.999: of ema
	Start float64 // 0.75: of swa, the share of the run after which it begins
	Rate  float64 // 0.25: of swa, the learning rate from then on, in units of the highest
}

func (a Average) withDefaults() Average {
	if a.Decay == 0 {
		a.Decay = 0.999
	}
	if a.Start == 0 {
		a.Start = 0.75
	}
	if a.Rate == 0 {
		a.Rate = 0.25
	}
	return a
}

func (a Average) check() error {
	switch {
	case a.Kind != "" && a.Kind != AverageEMA && a.Kind != AverageSWA:
		return &ConfigError{"average", fmt.Sprintf("want %s or %s, got %q", AverageEMA, AverageSWA, a.Kind)}
	case !(a.Decay > 0 && a.Decay < 1):
		return &ConfigError{"average.decay", fmt.Sprintf("want more than 0 and less than 1, got %v", a.Decay)}
	case !(a.Start > 0 && a.Start < 1):
		return &ConfigError{"average.start", fmt.Sprintf("want more than 0 and less than 1, got %v", a.Start)}
	case !(a.Rate > 0):
		return &ConfigError{"average.rate", fmt.Sprintf("want more than 0, got %v", a.Rate)}
	}
	return nil
}

// begun says whether swa is at work at a step, from 0, of total.
func (a Average) begun(step, total int) bool {
	return a.Kind == AverageSWA && float64(step) >= a.Start*float64(total)
}

// share is how much the newest weights count that are taken after n others.
func (a Average) share(n int) float64 {
	if a.Kind == AverageSWA {
		return 1 / float64(n+1)
	}
	return 1 - min(a.Decay, float64(1+n)/float64(10+n))
}

// averager keeps the averages, in a network of their own.
type averager struct {
	Average
	net     nn.Layer // the averages
	of      nn.Layer // what is averaged
	machine *exec.Machine
	in      []tensor.Tensor // averages, newest, share
	share1  []float32

	statistics *exec.Machine // nil if there are no buffers to compute
	feeds      []tensor.Tensor
	key        []uint32
	batch      string // the field that is fed
}

// newAverager averages what step trains of a network into net, which is built
// alike.
func newAverager(a Average, net, of nn.Layer, step *StepProgram, pool *exec.Pool) (*averager, error) {
	v := &averager{Average: a, net: net, of: of, batch: step.Fed[0].Name}
	list := step.Params
	if a.Kind == AverageEMA {
		list = append(append([]nn.Named{}, list...), step.Buffers[:step.Updated]...)
	}
	mine := map[string]tensor.Tensor{}
	for _, p := range nn.Params(net) {
		mine[p.Path] = p.Value
	}
	f, options, err := averaging(list)
	if err != nil {
		return nil, err
	}
	program, err := plan.Compile(f, options)
	if err != nil {
		return nil, err
	}
	v.machine = exec.NewMachine(program, pool)
	for _, p := range list {
		v.in = append(v.in, mine[p.Path])
	}
	share := tensor.New(scalarType)
	v.share1 = share.Floats()
	v.in = append(append(v.in, values(list)...), share)
	return v, nil
}

// averaging is the function from averages, newest values and share to the next
// averages, each in the memory of the old one.
func averaging(list []nn.Named) (*graph.Func, plan.Options, error) {
	g := graph.New()
	share := g.Leaf("share", scalarType)
	var means, newest, next []*graph.Node
	for i, p := range list {
		t := p.Value.Type()
		means = append(means, g.Leaf("mean of "+p.Path, t))
		newest = append(newest, g.Leaf(p.Path, t))
		next = append(next, ops.Add(means[i], ops.Mul(ops.Sub(newest[i], means[i]), share)))
	}
	f, err := graph.NewFunc("average", chain(means, newest, []*graph.Node{share}), next)
	return f, plan.Options{Donate: donate(len(list), 0, 0, 0)}, err
}

// take takes the weights as they are into the average of n earlier ones.
func (v *averager) take(ctx context.Context, n int) error {
	if n == 0 {
		v.copy()
		return nil
	}
	v.share1[0] = float32(v.share(n))
	_, err := v.machine.Run(ctx, v.in)
	return err
}

// copy makes the averages the weights as they are.
func (v *averager) copy() {
	from := nn.Params(v.of)
	for i, p := range nn.Params(v.net) {
		copy(p.Value.Bytes(), from[i].Value.Bytes())
	}
}
