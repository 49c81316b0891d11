package train

import (
	"context"

	"github.com/ihae/ihae/optim"
)

// averageStep takes the weights after a step into a running average.
func (f *fitter) averageStep(ctx context.Context) error {
	if f.average == nil || f.average.Kind != AverageEMA {
		return nil
	}
	if err := f.average.take(ctx, f.s.Averaged); err != nil {
		return err
	}
	f.s.Averaged++
	return nil
}

// averageEpoch takes the weights after an epoch into an average of epochs. It is
// never cut short, and does nothing the second time.
func (f *fitter) averageEpoch(ctx context.Context) error {
	if f.average == nil || !f.average.begun(f.s.Step, f.total) || f.s.AveragedAt == f.s.Step {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	if err := f.average.take(ctx, f.s.Averaged); err != nil {
		return err
	}
	if err := f.average.measure(ctx, f.train, f.s.Epoch, f.keys.Split("statistics").At(uint64(f.s.Epoch))); err != nil {
		return err
	}
	f.s.Averaged, f.s.AveragedAt = f.s.Averaged+1, f.s.Step
	return nil
}

// watch shows the schedule the loss of an epoch: of its validation, or where
// there is none of its training.
func (f *fitter) watch(score *Score) {
	a, ok := f.Config.Schedule.(optim.Adaptive)
	if !ok {
		return
	}
	loss := f.s.Running.loss()
	if score != nil {
		loss = float64(score.Loss)
	}
	f.s.Watched = a.Watch(f.s.Watched, loss)
}

// refresh makes what is shown the weights as they are, as long as nothing is
// averaged.
func (f *fitter) refresh() {
	if f.average != nil && f.s.Averaged == 0 {
		f.average.copy()
	}
}
