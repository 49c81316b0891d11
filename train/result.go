package train

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/ihae/ihae/data"
)

// Result is result.json: what a finished run came to.
type Result struct {
	Run      string              `json:"-"`
	Task     string              `json:"task"`
	Split    string              `json:"split"` // test, or valid or train where there is none
	Count    int                 `json:"count"`
	Metrics  map[string]Figure   `json:"metrics"`
	PerClass map[string]PerClass `json:"per_class,omitempty"` // of classes
	Baseline *Baseline           `json:"baseline,omitempty"`
	Step     int                 `json:"step"`  // of the checkpoint measured
	Steps    int                 `json:"steps"` // trained
	Valid    *Score              `json:"valid,omitempty"`
	Stopped  string              `json:"stopped,omitempty"` // why before the planned end
	Seconds  float64             `json:"seconds"`           // of training
}

// ReadResult reads the result of a finished run.
func ReadResult(dir string) (Result, error) {
	r := Result{Run: dir}
	err := readJSON(filepath.Join(dir, resultFile), &r)
	return r, err
}

// Cost is cost.json: what a run took.
type Cost struct {
	StepFLOPs    int64   `json:"step_flops"`    // one training step: forward, backward, update
	ExampleFLOPs int64   `json:"example_flops"` // one prediction
	TrainFLOPs   int64   `json:"train_flops"`   // all steps
	Batch        int     `json:"batch"`
	Parameters   int     `json:"parameters"`
	ArenaBytes   int     `json:"arena_bytes"` // memory of one step's values
	PeakBytes    int64   `json:"peak_bytes"`  // the process's largest resident size
	Seconds      float64 `json:"seconds"`
	Rate         float64 `json:"images_per_second"`
	Threads      int     `json:"threads"`
}

// ReadCost reads what a finished run took.
func ReadCost(dir string) (Cost, error) {
	var c Cost
	err := readJSON(filepath.Join(dir, costFile), &c)
	return c, err
}

// finish measures the best checkpoint and writes what the run came to. The
// result is written last: a run that has one is finished.
func (f *fitter) finish(ctx context.Context) (Result, error) {
	cost, err := f.cost()
	if err != nil {
		return Result{}, err
	}
	step, ok := f.store.pointed(bestPointer)
	if !ok {
		step = f.s.Step
	}
	c, err := readCheckpoint(f.store, step)
	if err == nil {
		err = c.fillModel(f.shown())
	}
	if err != nil {
		return Result{}, err
	}
	split := reported(f.Data)
	e, err := f.answers.evaluate(ctx, f.Data, split, f.Threads)
	if ctx.Err() != nil {
		return Result{}, f.interrupt(ctx)
	}
	if err != nil {
		return Result{}, err
	}
	r := Result{
		Run: f.Dir, Task: f.Header.Task, Split: string(split), Count: e.Count, Metrics: e.Metrics, PerClass: e.PerClass,
		Step: step, Steps: f.s.Step, Valid: f.s.Best, Stopped: f.s.Stopped, Seconds: f.seconds(),
	}
	if f.Baseline != nil {
		b, err := f.Baseline(ctx, f.Data, split)
		if ctx.Err() != nil {
			return Result{}, f.interrupt(ctx)
		}
		if err != nil {
			return Result{}, fmt.Errorf("the baseline: %w", err)
		}
		r.Baseline = &b
	}
	if err := writePredictions(f.Files, f.Dir, e, f.Model); err != nil {
		return r, err
	}
	if err := writeJSON(f.Files, filepath.Join(f.Dir, costFile), cost); err != nil {
		return r, err
	}
	f.log.Info("done", "split", r.Split, "accuracy", float64(r.Metrics["accuracy"]), "step", r.Step)
	return r, writeJSON(f.Files, filepath.Join(f.Dir, resultFile), r)
}

// reported is the split that a run is measured on.
func reported(ds data.Dataset) data.Split {
	for _, s := range []data.Split{data.Test, data.Valid} {
		if ds.Len(s) > 0 {
			return s
		}
	}
	return data.Train
}

func (f *fitter) cost() (Cost, error) {
	stats := f.step.stats()
	one, err := f.answers.program(question{batch: 1})
	if err != nil {
		return Cost{}, err
	}
	c := Cost{
		StepFLOPs: stats.FLOPs, ExampleFLOPs: one.fn.Program().Stats().FLOPs, TrainFLOPs: stats.FLOPs * int64(f.s.Step),
		Batch: f.Config.batchOf(f.Data.Len(data.Train)), ArenaBytes: stats.Arena, PeakBytes: PeakMemory(),
		Seconds: f.seconds(), Rate: f.rate(), Threads: f.Threads,
	}
	for _, p := range f.step.Params {
		c.Parameters += p.Value.Shape().Size()
	}
	return c, nil
}
