package main

import (
	"context"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/metric"
	"github.com/ihae/ihae/task"
	"github.com/ihae/ihae/train"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func init() { register(trainCommand) }

// trainFlags is what the train command is asked for.
type trainFlags struct {
	resume, from  string
	data, out     string
	seed          int64
	threads       int
	epochs, steps string
	set           []string
	badFiles      string
	sweepFlags
}

func trainCommand(a *app) *cobra.Command {
	var f trainFlags
	c := &cobra.Command{
		Use:   "train TASK | --resume RUN",
		Short: "train a task, or go on with a run",
		Long: `Train a task, or go on with a run that was stopped.

Everything goes into the run's folder: settings, metrics, checkpoints, and the
report of the result. Ctrl-C saves before it ends; --resume then goes on to the
same bits as if nothing had happened. ` + "`ihae tasks TASK`" + ` lists what --set takes.

--sweep tries several values of a setting, or several seeds, and chooses by
validation; the test split is measured once, for the chosen run.`,
		Example: `  ihae train digits
  ihae train objects --seed 1 --set lr=0.05 --set augment.cutout=8
  ihae train faces --sweep lr=0.001,0.005 --sweep epochs=20,40
  ihae train faces --sweep lr=0.0001..0.1 --trials 10
  ihae train faces --from runs/faces/faces-cnn-1 --set freeze=blocks
  ihae train --resume runs/objects/resnet-1`,
		ValidArgsFunction: completeTasks,
		RunE: func(c *cobra.Command, args []string) error {
			if len(f.axes) > 0 {
				return a.sweep(c.Context(), &f, args)
			}
			job, err := f.job(c, a, args)
			if r, none := train.ReadResult(filepath.Clean(f.resume)); f.resume != "" && none == nil && is[*train.DataError](err) {
				return a.showResult(r) // what is finished needs its data no more
			}
			if err != nil {
				return err
			}
			result, err := a.fit(c.Context(), job)
			if err != nil {
				return err
			}
			return a.showResult(result)
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.resume, "resume", "", "go on with the run in this folder")
	fl.StringVar(&f.from, "from", "", "start from the weights of the run in this folder, where they fit")
	f.common(c, "folder, file or zip with the data, in place of the task's own", "TASK")
	f.sweepFlags.add(c)
	_ = c.RegisterFlagCompletionFunc("resume", completeRuns)
	_ = c.RegisterFlagCompletionFunc("from", completeRuns)
	_ = c.RegisterFlagCompletionFunc("set", completeSettings)
	return c
}

// common adds the flags of every command that trains: data says what --data is,
// task what the runs' folders are called after.
func (f *trainFlags) common(c *cobra.Command, data, task string) {
	fl := c.Flags()
	fl.StringVar(&f.data, "data", "", data)
	onBadFile(c, &f.badFiles)
	fl.StringVar(&f.out, "out", "", "the run's folder, new or empty (default ./runs/"+task+"/NAME-N)")
	fl.Int64Var(&f.seed, "seed", 0, "seed of everything random")
	fl.IntVar(&f.threads, "threads", 0, "threads (default all cores); the result does not depend on it")
	fl.StringVar(&f.epochs, "epochs", "", "`N` passes over the training split, as --set epochs=N")
	fl.StringVar(&f.steps, "steps", "", "`N` training steps, in place of epochs")
	fl.StringArrayVar(&f.set, "set", nil, "`key=value`, can be repeated; see ihae tasks "+task)
}

// job is the training that the flags ask for, its folder made.
func (f *trainFlags) job(c *cobra.Command, a *app, args []string) (train.Job, error) {
	o, err := f.options(a)
	if err != nil {
		return train.Job{}, err
	}
	if f.resume != "" {
		return f.resumed(c, args, o)
	}
	if len(args) != 1 {
		return train.Job{}, usage("train wants one TASK, or --resume RUN; there is %s", strings.Join(task.Names(), ", "))
	}
	spec, err := task.Lookup(args[0])
	if err != nil {
		return train.Job{}, err
	}
	job, err := spec.Job(c.Context(), o)
	if err != nil {
		return job, err
	}
	if f.data != "" && spec.Adapt == nil { // else the task has looked itself
		if err := a.warnOfLeaks(c.Context(), job.Data); err != nil {
			return job, err
		}
	}
	if job.Dir == "" {
		job.Dir, err = train.NewFolder(filepath.Join("runs", spec.Name), spec.Arch)
	}
	return job, err
}

// warnOfLeaks looks for examples that make the result of somebody's own data
// look better than it is.
func (a *app) warnOfLeaks(ctx context.Context, ds data.Dataset) error {
	r, err := data.Check(ctx, ds)
	if err != nil {
		return err
	}
	for _, text := range r.Warnings() {
		if a.json {
			train.NewLines(a.out, 0).Report(train.Progress{Event: train.EventWarning, Text: text})
		} else {
			a.warn(text)
		}
	}
	return nil
}

// options turns flags and environment into what a task is asked for.
func (f *trainFlags) options(a *app) (task.Options, error) {
	threads, err := a.threads(f.threads)
	if err != nil {
		return task.Options{}, err
	}
	if f.seed < 0 {
		return task.Options{}, usage("--seed %d: want 0 to %d", f.seed, int64(math.MaxInt64))
	}
	if f.epochs != "" && f.steps != "" {
		return task.Options{}, usage("--epochs and --steps cannot both be given")
	}
	bad, err := data.ParseOnBadFile(f.badFiles)
	if err != nil {
		return task.Options{}, usage("--on-bad-file: %v", err)
	}
	set := f.set
	if f.epochs != "" {
		set = append(set, task.KeyEpochs+"="+f.epochs)
	}
	if f.steps != "" {
		if n, err := strconv.Atoi(f.steps); err != nil || n < 1 {
			return task.Options{}, usage("--steps %s: want a whole number of at least 1", f.steps)
		}
		set = append(set, task.KeySteps+"="+f.steps)
	}
	return task.Options{
		Dir: f.out, Data: f.data, Roots: a.roots(), Seed: uint64(f.seed), Threads: threads,
		BadFiles: bad, Set: set, From: f.from, Reporter: a.reporter(),
	}, nil
}

// resumed is the job that goes on with a run. What a run is made of cannot
// change on the way.
func (f *trainFlags) resumed(c *cobra.Command, args []string, o task.Options) (train.Job, error) {
	if len(args) > 0 {
		return train.Job{}, usage("--resume knows its task; leave out %q", args[0])
	}
	for _, name := range []string{"out", "from", "seed", "epochs", "steps", "set", "on-bad-file"} {
		if c.Flags().Changed(name) {
			return train.Job{}, usage("--%s cannot change in a run that goes on; start a new run with it", name)
		}
	}
	o.Dir = filepath.Clean(f.resume)
	return task.Resume(c.Context(), o)
}

// threads is the number of threads from the flag, the environment, or 0.
func (a *app) threads(flag int) (int, error) {
	name, text := "--threads", strconv.Itoa(flag)
	if env := a.env("IHAE_THREADS"); flag == 0 && env != "" {
		name, text = "IHAE_THREADS", env
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 4096 {
		return 0, usage("%s=%s: want 1 to 4096", name, text)
	}
	return n, nil
}

// roots is the folders to look for data in.
func (a *app) roots() []string {
	var roots []string
	if dir := a.env("IHAE_DATA"); dir != "" {
		roots = append(roots, dir)
	}
	if home, err := os.UserHomeDir(); err == nil {
		roots = append(roots, filepath.Join(home, ".ihae", "data"))
	}
	return append(roots, "data", debianData)
}

// reporter shows progress as the streams allow.
func (a *app) reporter() train.Reporter {
	switch {
	case a.json:
		return train.NewLines(a.out, time.Second)
	case a.quiet:
		return nil
	}
	if width, ok := terminal(a.err); ok && a.env("TERM") != "dumb" {
		return train.NewLive(a.err, width, !a.noColor && a.env("NO_COLOR") == "")
	}
	return train.NewPlain(a.err, 5*time.Second)
}

// terminal is the width of the terminal that w is, or ok false.
func terminal(w io.Writer) (width int, ok bool) {
	f, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		width = 80
	}
	return width, true
}

// doneLine is the last line of a training with --json.
type doneLine struct {
	Event   string                  `json:"event"`
	Run     string                  `json:"run"`
	Split   string                  `json:"split"`
	Count   int                     `json:"count"`
	Step    int                     `json:"step"`
	Seconds float64                 `json:"seconds"`
	Metrics map[string]train.Figure `json:"metrics"`

	Baseline *train.Baseline `json:"baseline,omitempty"`
}

// showResult prints what a run came to.
func (a *app) showResult(r train.Result) error {
	if a.json {
		a.emit(doneLine{"done", r.Run, r.Split, r.Count, r.Step, r.Seconds, r.Metrics, r.Baseline})
		return nil
	}
	if r.Stopped != "" {
		a.printf("stopped early: %s\n", r.Stopped)
	}
	a.printf("run: %s\n", r.Run)
	a.printf("%s split, %d examples: %s\n", r.Split, r.Count, metricText(r.Metrics))
	if b := r.Baseline; b != nil {
		a.printf("for comparison, %s: %s\n", b.Name, metricText(b.Metrics))
	}
	return nil
}

// metricText writes metrics for people, accuracy last.
func metricText(metrics map[string]train.Figure) string {
	var parts []string
	for _, name := range []string{"loss", "auc", "top5", "perplexity", "mae", "rmse", "r2", "accuracy"} {
		if v, ok := metrics[name]; ok {
			parts = append(parts, name+" "+metric.Text(name, float64(v)))
		}
	}
	return strings.Join(parts, ", ")
}
