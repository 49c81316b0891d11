package train

import (
	"context"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// statisticBatches is how many batches buffers are computed from at most. With a
// batch norm's usual momentum, what was before counts 0.9¹⁰⁰ after it.
const statisticBatches = 100

// measured prepares to compute the buffers of the averages on batches of type
// in. There is nothing to do for a network without such buffers.
func (v *averager) measured(in tensor.Type, frozen func(string) bool, pool *exec.Pool) error {
	c := nn.NewCtx(v.net)
	c.Train, c.Frozen = true, frozen
	x := c.Graph.Leaf(v.batch, in)
	c.In("", v.net, x)
	var p StepProgram
	p.sort(c)
	if p.Updated == 0 {
		return c.Graph.Err()
	}
	args := chain(nodes(c, p.Params), nodes(c, p.Buffers), []*graph.Node{x, c.Key()})
	f, err := graph.NewFunc("statistics", args, p.updates(c))
	if err != nil {
		return err
	}
	var options plan.Options
	for i := range p.Updated {
		options.Donate = append(options.Donate, [2]int{i, len(p.Params) + i})
	}
	program, err := plan.Compile(f, options)
	if err != nil {
		return err
	}
	v.statistics = exec.NewMachine(program, pool)
	key := tensor.New(keyType)
	v.key = tensor.Of[uint32](key)
	v.feeds = append(append(values(p.Params), values(p.Buffers)...), tensor.Tensor{}, key)
	return nil
}

// measure computes the buffers of the averages, beginning with those of the
// weights that were averaged last.
func (v *averager) measure(ctx context.Context, l *data.Loader, epoch int, draw rng.Stream) error {
	if v.statistics == nil {
		return nil
	}
	from := nn.Params(v.of)
	for i, p := range nn.Params(v.net) {
		if p.Buffer {
			copy(p.Value.Bytes(), from[i].Value.Bytes())
		}
	}
	n := 0
	for b, err := range l.Batches(ctx, epoch, 0) {
		if err != nil {
			return badData(err)
		}
		v.feeds[len(v.feeds)-2] = b.Fields[v.batch]
		key := draw.At(uint64(n)).Key()
		copy(v.key, key[:])
		if _, err := v.statistics.Run(ctx, v.feeds); err != nil {
			return err
		}
		if n++; n == statisticBatches {
			break
		}
	}
	return nil
}
