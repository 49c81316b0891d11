package train

import (
	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// build makes everything that needs no folder.
func (f *fitter) build(pool *exec.Pool) error {
	root := rng.New(f.Header.Seed)
	f.keys = root.Split("step")
	var err error
	if f.net, err = f.network(root); err != nil {
		return err
	}
	n := f.Data.Len(data.Train)
	batch := f.Config.batchOf(n)
	f.perEpoch, f.total = f.Config.perEpoch(n), f.Config.TotalSteps(n)
	in := f.Model.Input.Type()
	in.Shape = batched(in.Shape, batch)
	if err := f.buildStep(in, root, pool); err != nil {
		return err
	}
	f.answers = NewNetwork(f.shown(), f.Model, pool)
	f.train, err = data.NewLoader(f.Data, data.Train, data.LoaderConfig{
		Batch: batch, Shuffle: true, DropLast: true, Stream: root.Split("data"),
		Input: f.Model.Input, Output: f.Model.Output, Augment: f.Config.Augment, Mix: f.Config.Mix,
		Workers: f.Threads,
	})
	if err == nil && f.Data.Len(data.Valid) > 0 {
		f.valid, err = f.reader(data.Valid)
	}
	return err
}

func (f *fitter) network(root rng.Stream) (nn.Layer, error) {
	net, err := f.Model.Net(root.Split("model"))
	if err != nil {
		return nil, &ConfigError{"architecture", err.Error()}
	}
	return net, nil
}

// buildStep plans the step on batches of type in, and the average.
func (f *fitter) buildStep(in tensor.Type, root rng.Stream, pool *exec.Pool) error {
	o, err := f.Config.Step(f.net)
	if err != nil {
		return err
	}
	o.Input = f.Model.Input.Field()
	p, err := NewStepProgram(f.net, in, f.Config.Optimizer, o)
	if err != nil {
		return err
	}
	if f.step, err = newStepper(p, pool); err != nil || f.Config.Average.Kind == "" {
		return err
	}
	net, err := f.network(root)
	if err != nil {
		return err
	}
	if f.average, err = newAverager(f.Config.Average, net, f.net, p, pool); err != nil {
		return err
	}
	if f.Config.Average.Kind == AverageSWA {
		return f.average.measured(in, o.Frozen, pool)
	}
	return nil
}

// shown is the network that is validated and kept: the average, where there is
// one.
func (f *fitter) shown() nn.Layer {
	if f.average != nil {
		return f.average.net
	}
	return f.net
}

// reader gives a split in its own order.
func (f *fitter) reader(s data.Split) (*data.Loader, error) {
	return data.NewLoader(f.Data, s, data.LoaderConfig{
		Batch: min(evalBatch, f.Data.Len(s)), Input: f.Model.Input, Output: f.Model.Output, Workers: f.Threads,
	})
}
