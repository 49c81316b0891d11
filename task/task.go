// Package task binds a dataset, an architecture and a way of training into
// something that can be run by name. Each file registers one task.
package task

import (
	"context"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/internal/registry"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
	"github.com/ihae/ihae/zoo"

	_ "github.com/ihae/ihae/data/sets" // the datasets that tasks name
)

// Spec is what a task's file registers. A task on somebody's own data has an
// Adapt, and its other fields say what is without data: what `ihae tasks` shows.
type Spec struct {
	Name   string
	Doc    string
	Data   string         // a registered dataset
	Arch   string         // a registered architecture
	Net    map[string]any // its settings, where they are not its own defaults
	Input  data.Input
	Output data.Output // classes
	Recipe Recipe
	Extra  []Setting // of the task itself; Adapt reads them
	Floor  float64   // the accuracy that a run with the recipe must reach

	// Adapt, if there is one, fits architecture, input, output and recipe to the
	// data, after it is opened and before settings are read. See [Setup].
	Adapt func(u *Setup) error
}

var specs = registry.New[Spec]("task")

// Register makes a task known. Call it from init.
func Register(s Spec) { specs.Set(s.Name, s) }

// Names lists the registered tasks.
func Names() []string { return specs.Names() }

// Lookup finds a task; the error suggests or lists what there is.
func Lookup(name string) (Spec, error) {
	s, err := specs.Get(name)
	if err == nil {
		return s, nil
	}
	if near := Nearest(name, Names()); near != "" {
		return s, &train.ConfigError{Key: "task", Reason: fmt.Sprintf("there is no %q; did you mean %s?", name, near)}
	}
	return s, &train.ConfigError{Key: "task", Reason: err.Error()}
}

// Settings is all that --set takes for the task: how it trains, and the
// architecture's own settings.
func (s Spec) Settings() []Setting {
	list := append(s.Recipe.settings(), s.Extra...)
	e, err := zoo.Lookup(s.Arch)
	if err != nil {
		return list
	}
	defaults, err := e.Settings.With(s.Net)
	if err != nil {
		return list
	}
	for _, key := range slices.Sorted(maps.Keys(defaults)) {
		list = append(list, Setting{
			Key: key, Doc: "of the architecture " + s.Arch, Default: defaults[key],
			Low: math.Inf(-1), High: math.Inf(1),
		})
	}
	return list
}

// Options is what a run of a task is asked for. The zero value is the recipe on
// the task's own data with seed 0.
type Options struct {
	Dir            string         // the run's folder, new or empty
	Data           string         // a path in place of the task's own data
	Roots          []string       // folders to look for the task's own data in
	BadFiles       data.OnBadFile // an error
	Seed           uint64
	Threads        int         // all cores
	Share          func() int  // how many of Threads to use now; all
	Set            []string    // key=value
	From           string      // a run to take the first weights from
	Pretrained     *Pretrained // the model that the task finetune goes on with
	train.Reporter             // nothing is shown
}

// Job opens the data and makes the job of a new run.
func (s Spec) Job(ctx context.Context, o Options) (train.Job, error) {
	path, err := absolute(o.Data)
	if err != nil {
		return train.Job{}, err
	}
	h := train.Header{Task: s.Name, Dataset: s.Data, Path: path, BadFiles: o.BadFiles, Seed: o.Seed}
	u, err := s.setup(ctx, &h, o.Set, o)
	if err != nil {
		return train.Job{}, err
	}
	values, origin, err := Parse(u.Settings(), o.Set)
	if err != nil {
		return train.Job{}, err
	}
	h.Settings, h.Origin = values, origin
	if err := h.StartFrom(o.From); err != nil {
		return train.Job{}, err
	}
	return u.job(h, values, o)
}

// Resume makes the job that goes on with the run in o.Dir, from what the run
// recorded; of o, only Data, Roots, Threads and Reporter count besides.
func Resume(ctx context.Context, o Options) (train.Job, error) {
	h, err := train.ReadHeader(o.Dir)
	if err != nil {
		return train.Job{}, err
	}
	s, err := Lookup(h.Task)
	if err != nil {
		return train.Job{}, err
	}
	other := func(err error) error {
		return fmt.Errorf("%s: the task has other settings than the run: %w; start a new run", filepath.Join(o.Dir, "config.toml"), err)
	}
	if s.Name == Finetune {
		if o.Pretrained, err = keptModel(o.Dir); err != nil {
			return train.Job{}, err
		}
	}
	set := assignments(h.Settings)
	if err := s.possible(set); err != nil {
		return train.Job{}, other(err)
	}
	u, err := s.setup(ctx, &h, set, o)
	if err != nil {
		return train.Job{}, err
	}
	values, _, err := Parse(u.Settings(), set)
	if err != nil {
		return train.Job{}, other(err)
	}
	job, err := u.job(h, values, o)
	job.Resume = true
	return job, err
}

// job is the training that values ask for.
func (u *Setup) job(h train.Header, values Values, o Options) (train.Job, error) {
	classes := u.Dataset.Card().Classes
	switch {
	case !u.Output.Is(data.OutputClass):
		classes = nil
	case len(classes) < 2:
		return train.Job{}, &train.DataError{Path: o.Data, Err: fmt.Errorf("there are %d classes; a classifier needs two", len(classes))}
	}
	var err error
	if u.Output.Is(data.OutputClass) {
		if u.Dataset, err = values.sampled(u.Dataset); err != nil {
			return train.Job{}, err
		}
	}
	config, err := values.config(u.Output, u.Dataset.Len(data.Train))
	if err != nil {
		return train.Job{}, err
	}
	if config.Objective, err = values.balanced(config.Objective, u.Dataset); err != nil {
		return train.Job{}, err
	}
	m := u.model(values, classes)
	m.Architecture.Open = u.beside
	return train.Job{
		Dir: o.Dir, Header: h, Data: u.Dataset, Config: config, Threads: o.Threads, Share: o.Share, Reporter: o.Reporter,
		Model: m, Notes: u.Notes, Beside: u.Files, Baseline: u.Baseline,
	}, nil
}

// beside reads a file that the run keeps beside its model.toml.
func (u *Setup) beside(name string) ([]byte, error) {
	b, ok := u.Files[name]
	if !ok {
		return nil, fmt.Errorf("no file %s is kept beside model.toml", name)
	}
	return b, nil
}

// model describes the network that values ask for.
func (s Spec) model(values Values, classes []string) zoo.Model {
	net := zoo.Settings{}
	if e, err := zoo.Lookup(s.Arch); err == nil {
		for key := range e.Settings {
			net[key] = values[key]
		}
	}
	return zoo.Model{
		Task: s.Name, Architecture: zoo.Architecture{Name: s.Arch, Settings: net},
		Labels: classes, Input: s.Input, Output: s.Output,
	}
}

// Step is the program of one training step on the task's own classes. It needs
// no data.
func (s Spec) Step(set []string) (*train.StepProgram, error) {
	values, _, err := Parse(s.Settings(), set)
	if err != nil {
		return nil, err
	}
	e, err := data.Lookup(s.Data)
	if err != nil {
		return nil, err
	}
	config, err := values.config(s.Output, values.Int(KeyBatch))
	if err != nil {
		return nil, err
	}
	classes := e.Classes
	if len(classes) == 0 && s.Output.Is(data.OutputClass) {
		classes = []string{"no", "yes"} // as few as a classifier can have
	}
	m := s.model(values, classes)
	net, err := m.Net(rng.New(0))
	if err != nil {
		return nil, &train.ConfigError{Key: "architecture", Reason: err.Error()}
	}
	in := m.Input.Type()
	in.Shape = tensor.Dims(append([]int{config.Batch}, in.Shape.Dims()...)...) // [N H W C]
	options, err := config.Step(net)
	if err != nil {
		return nil, err
	}
	options.Input = m.Input.Field()
	return train.NewStepProgram(net, in, config.Optimizer, options)
}

// Run trains the task and measures it.
func (s Spec) Run(ctx context.Context, o Options) (train.Result, error) {
	job, err := s.Job(ctx, o)
	if err != nil {
		return train.Result{}, err
	}
	return train.Fit(ctx, job)
}
