package train

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
)

// Fit trains a network and measures the best checkpoint on the test split, or
// where there is none on valid. Whatever is random is a function of the seed and
// of the place in the run, so that a run which was stopped and resumed ends with
// the same bits as one that was not.
//
// It stops early with an error of type [InterruptedError] when ctx ends, after
// the step at work and a checkpoint; [DivergedError] when a number is not
// finite; [StorageError] when a checkpoint cannot be written.
func Fit(ctx context.Context, job Job) (Result, error) {
	job = job.withDefaults()
	if err := job.check(); err != nil {
		return Result{}, err
	}
	if job.Resume {
		if r, err := ReadResult(job.Dir); err == nil {
			return r, nil
		}
	}
	f := &fitter{Job: job, store: store{job.Files, job.Dir}, began: job.Now()}
	pool := exec.NewPool(job.Threads)
	defer pool.Close()
	f.give = func() { pool.Limit(f.Share()) }
	if err := f.build(pool); err != nil {
		return Result{}, err
	}
	if err := f.open(); err != nil {
		return Result{}, err
	}
	defer f.close()
	f.report(EventStart, "")
	for _, text := range f.Notes {
		f.log.Info(noteMessage, "text", text)
		f.report(EventNote, text)
	}
	err := f.loop(ctx)
	f.report(EventEnd, "")
	if err != nil {
		f.log.Error("stopped", "step", f.s.Step, "error", err.Error())
		return Result{}, err
	}
	return f.finish(ctx)
}

// fitter is a training at work.
type fitter struct {
	Job
	store    store
	lock     *lock
	rec      *recorder
	log      *slog.Logger
	closers  []func()
	net      nn.Layer
	step     *stepper
	average  *averager // nil if nothing is averaged
	answers  *Network  // that is validated and kept
	train    *data.Loader
	valid    *data.Loader // nil if there is no such split
	writer   *Continuer   // of samples, once there is one
	keys     rng.Stream
	s        state
	perEpoch int
	total    int

	give   func()    // limits the pool to the run's share
	gave   time.Time // when that was last asked for
	saved  state     // as in the newest checkpoint
	began  time.Time
	before float64 // seconds of earlier sessions
	first  int     // the step that this session began after
}

// loop trains until the last step, or until patience ends.
func (f *fitter) loop(ctx context.Context) error {
	for {
		var err error
		switch {
		case ctx.Err() != nil:
			return f.interrupt(ctx)
		case f.s.Batch == f.perEpoch:
			err = f.endEpoch(ctx)
		case f.s.Step >= f.total && f.s.Batch > 0 && f.unmeasured():
			err = f.measure(ctx)
		case f.s.Step >= f.total || f.s.Stopped != "":
			return f.save()
		default:
			err = f.epoch(ctx)
		}
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return f.interrupt(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// interrupt saves and says that ctx ended.
func (f *fitter) interrupt(ctx context.Context) error {
	if err := f.save(); err != nil {
		return err
	}
	return &InterruptedError{f.Dir, f.s.Step, f.total, context.Cause(ctx)}
}

// epoch trains from where the epoch stands to its end, to the last step, or
// until ctx ends.
func (f *fitter) epoch(ctx context.Context) error {
	// A step is never cut short: it writes the parameters in their place.
	whole := context.WithoutCancel(ctx)
	for b, err := range f.train.Batches(ctx, f.s.Epoch, f.s.Batch) {
		if err != nil {
			return badData(err)
		}
		if err := f.advance(whole, b); err != nil {
			return err
		}
		every := f.Config.CheckpointEvery
		if every > 0 && f.s.Step%every == 0 && f.s.Batch < f.perEpoch {
			if err := f.save(); err != nil {
				return err
			}
		}
		if ctx.Err() != nil || f.s.Step >= f.total || f.s.Batch >= f.perEpoch {
			return nil
		}
	}
	return nil
}

// advance does one step.
func (f *fitter) advance(ctx context.Context, b data.Batch) error {
	f.share()
	at := f.s.Step
	out, err := f.step.run(ctx, b.Fields, f.keys.At(uint64(at)), f.lr(at), at+1)
	if err != nil {
		return err
	}
	if !out.finite() {
		return f.diverged(at+1, "the loss or its gradient")
	}
	if f.s.Batch == 0 {
		f.s.Running = tally{}
	}
	if err := f.averageStep(ctx); err != nil {
		return err
	}
	f.s.Step++
	f.s.Batch++
	f.s.Running.add(out.loss, out.right, b.Count)
	f.s.Recent.add(out.loss, out.right, b.Count)
	if f.s.Step%f.recordEvery() == 0 || f.s.Batch == f.perEpoch || f.s.Step == f.total {
		f.record("train", f.s.Recent.loss(), f.accuracy(f.s.Recent))
		f.s.Recent = tally{}
	}
	f.report(EventStep, "")
	return nil
}

// share gives way to what runs beside this training.
func (f *fitter) share() {
	if now := f.Now(); f.Share != nil && now.Sub(f.gave) >= time.Second {
		f.gave = now
		f.give()
	}
}

// lr is the learning rate of a step, from 0.
func (f *fitter) lr(step int) float64 {
	if a := f.Config.Average; a.begun(max(step, 0), f.total) {
		return f.Config.LR * a.Rate
	}
	return f.Config.LR * f.Config.Schedule.At(max(step, 0), f.total) * f.s.Watched.Rate()
}

// recordEvery spreads about two hundred records over a run.
func (f *fitter) recordEvery() int { return max(1, f.total/200) }

func (f *fitter) diverged(step int, what string) error {
	return &DivergedError{Run: f.Dir, Step: step, What: what, Last: f.saved.Step}
}

// endEpoch validates, and turns to the next epoch.
func (f *fitter) endEpoch(ctx context.Context) error {
	if err := f.averageEpoch(ctx); err != nil {
		return err
	}
	score, err := f.validate(ctx)
	if err != nil {
		return err
	}
	best := f.judge(score)
	f.watch(score)
	f.s.Epoch++
	f.s.Batch = 0
	every := f.Config.CheckpointEvery
	if best || every == 0 || f.s.Step%every == 0 {
		if err := f.save(); err != nil {
			return err
		}
	}
	f.report(EventEpoch, "")
	return nil
}

// unmeasured says whether the newest step has not been validated.
func (f *fitter) unmeasured() bool {
	return f.valid != nil && (f.s.Valid == nil || f.s.Valid.Step != f.s.Step)
}

// measure validates in the middle of an epoch, after the last step.
func (f *fitter) measure(ctx context.Context) error {
	score, err := f.validate(ctx)
	if err != nil {
		return err
	}
	f.judge(score)
	return f.save()
}

// validate is the score of the network as it is, nil without a valid split.
func (f *fitter) validate(ctx context.Context) (*Score, error) {
	if f.valid == nil {
		return nil, nil
	}
	f.refresh()
	e, err := f.answers.judge(ctx, f.valid)
	if err != nil {
		return nil, badData(err)
	}
	f.sample(ctx)
	score := &Score{Step: f.s.Step, Epoch: f.s.Epoch + 1, Loss: e.Metrics["loss"], Accuracy: Figure(math.NaN())}
	if f.Model.Output.Is(data.OutputClass) { // others are chosen by their loss
		score.Accuracy = e.Metrics["accuracy"]
	}
	return score, nil
}

// judge takes a score into account and says whether it is the best.
func (f *fitter) judge(score *Score) bool {
	if score == nil {
		return false
	}
	best := f.s.validated(*score, f.Config.MinDelta)
	f.record("valid", float64(score.Loss), float64(score.Accuracy))
	if p := f.Config.Patience; p > 0 && f.s.Stale >= p {
		f.s.Stopped = fmt.Sprintf("no better validation for %d epochs", p)
	}
	return best
}

// badData marks an error of a loader that is not the end of a context.
func badData(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &DataError{Err: err}
}
