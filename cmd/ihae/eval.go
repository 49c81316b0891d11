package main

import (
	"cmp"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/train"
	"github.com/spf13/cobra"

	_ "github.com/ihae/ihae/data/sets" // the datasets that runs name
)

func init() { register(evalCommand) }

func evalCommand(a *app) *cobra.Command {
	var path, split string
	var threads int
	c := &cobra.Command{
		Use:               "eval RUN",
		Short:             "measure a run's best network on a split",
		Args:              exactly(1, "one RUN"),
		ValidArgsFunction: completeRuns,
		RunE: func(c *cobra.Command, args []string) error {
			e, err := a.evaluate(c, args[0], path, split, threads)
			if err != nil {
				return err
			}
			if a.json {
				a.emit(e)
				return nil
			}
			return a.showEvaluation(e)
		},
	}
	c.Flags().StringVar(&path, "data", "", "folder, file or zip with the data (default the run's own)")
	c.Flags().StringVar(&split, "split", "", "train, valid or test (default test, or valid where there is none)")
	c.Flags().IntVar(&threads, "threads", 0, "threads (default all cores)")
	_ = c.RegisterFlagCompletionFunc("split", completeSplits)
	return c
}

func (a *app) evaluate(c *cobra.Command, dir, path, split string, threads int) (train.Evaluation, error) {
	if split != "" {
		if _, err := data.ParseSplit(split); err != nil {
			return train.Evaluation{}, usage("--split: %v", err)
		}
	}
	run, err := train.OpenRun(filepath.Clean(dir))
	if err != nil {
		return train.Evaluation{}, err
	}
	pool, err := a.pool(threads)
	if err != nil {
		return train.Evaluation{}, err
	}
	defer pool.Close()
	p, err := run.Predictor(pool, a.warn)
	if err != nil {
		return train.Evaluation{}, err
	}
	ds, err := run.Data(c.Context(), path, a.roots()...)
	if err != nil {
		return train.Evaluation{}, err
	}
	e, err := train.Evaluate(c.Context(), p, ds, data.Split(split))
	e.Run, e.Task = run.Dir, run.Header.Task
	var refused *train.DataError
	if errors.As(err, &refused) && refused.Path == "" {
		refused.Path = cmp.Or(path, run.Header.Path, run.Header.Dataset)
	}
	return e, err
}

// pool makes the workers that flag and environment ask for.
func (a *app) pool(flag int) (*exec.Pool, error) {
	n, err := a.threads(flag)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		n = cores()
	}
	return exec.NewPool(n), nil
}

// warn tells of what does not stop the work.
func (a *app) warn(text string) { a.notef("warning: %s\n", train.Visible(text)) }

func (a *app) showEvaluation(e train.Evaluation) error {
	a.printf("%s split, %d examples: %s\n", e.Split, e.Count, metricText(e.Metrics))
	if len(e.PerClass) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	row := func(cells ...string) {
		for _, s := range cells {
			_, _ = w.Write([]byte(s + "\t"))
		}
		_, _ = w.Write([]byte("\n"))
	}
	row("class", "examples", "precision", "recall")
	for _, name := range slices.Sorted(maps.Keys(e.PerClass)) {
		k := e.PerClass[name]
		row(train.Visible(name), count(k.Count), train.Percent(float64(k.Precision)), train.Percent(float64(k.Recall)))
	}
	return w.Flush()
}
