package main

import (
	"cmp"
	"context"
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
	var path, split, spec string
	var threads int
	c := &cobra.Command{
		Use:   "eval RUN|MODEL",
		Short: "measure a run's best network, or a model made elsewhere, on a split",
		Long: `Measure a run's best network on a split of its data, or of other data. A model
made elsewhere is measured on --data, a folder of images with a sub-folder for
each class, named as the model's labels are (the first name of a label is
enough). How it is fed is found out as ihae predict --help says.`,
		Args:              exactly(1, "one RUN or MODEL"),
		ValidArgsFunction: completeRuns,
		RunE: func(c *cobra.Command, args []string) error {
			e, err := a.evaluate(c, args[0], path, split, spec, threads)
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
	c.Flags().StringVar(&spec, "input-spec", "", "file in the form of model.toml that says how the MODEL is fed")
	_ = c.RegisterFlagCompletionFunc("split", completeSplits)
	return c
}

func (a *app) evaluate(c *cobra.Command, dir, path, split, spec string, threads int) (train.Evaluation, error) {
	if split != "" {
		if _, err := data.ParseSplit(split); err != nil {
			return train.Evaluation{}, usage("--split: %v", err)
		}
	}
	pool, err := a.pool(threads)
	if err != nil {
		return train.Evaluation{}, err
	}
	defer pool.Close()
	if !isRun(dir) {
		return a.evaluateModel(c.Context(), dir, path, split, spec, pool)
	}
	run, err := train.OpenRun(filepath.Clean(dir))
	if err != nil {
		return train.Evaluation{}, err
	}
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

// evaluateModel measures a model made elsewhere on a folder of images.
func (a *app) evaluateModel(ctx context.Context, path, dir, split, spec string, pool *exec.Pool) (train.Evaluation, error) {
	if dir == "" {
		return train.Evaluation{}, usage("--data PATH is missing: a model made elsewhere has no data of its own")
	}
	p, done, err := a.predictorOf(path, spec, pool, 0)
	if err != nil {
		return train.Evaluation{}, err
	}
	defer done()
	if !p.Model().Input.Is(data.KindImage) {
		return train.Evaluation{}, &inputError{path, errors.New("takes no images; eval has only folders of images for models made elsewhere")}
	}
	ds, err := data.OpenWith(ctx, "images", dir, data.BadFileError, a.roots()...)
	if err != nil {
		return train.Evaluation{}, &train.DataError{Path: dir, Err: err}
	}
	e, err := train.Evaluate(ctx, p, data.Fitted(ds, p.Model().Input), data.Split(split))
	e.Run = path
	var refused *train.DataError
	if errors.As(err, &refused) && refused.Path == "" {
		refused.Path = dir
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
		if k.Count == 0 {
			continue // of the many classes that a model knows, the data has some
		}
		row(train.Visible(name), count(k.Count), train.Percent(float64(k.Precision)), train.Percent(float64(k.Recall)))
	}
	return w.Flush()
}
