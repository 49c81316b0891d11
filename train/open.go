package train

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// Run is a run's folder, read. It says all that prediction needs.
type Run struct {
	Dir    string
	Header Header
	Model  zoo.Model
}

// OpenRun reads what a run's folder says of its model and settings. Runs at
// work can be opened too.
func OpenRun(dir string) (*Run, error) {
	h, err := ReadHeader(dir)
	if err != nil {
		return nil, err
	}
	m, err := zoo.ReadModel(filepath.Join(dir, modelTOML))
	if err != nil {
		return nil, &RunError{dir, fmt.Sprintf("model.toml cannot be used: %v", err)}
	}
	if err := m.Input.Load(dir); err != nil {
		return nil, &RunError{dir, err.Error()}
	}
	m.Architecture.Open = besideIn(dir)
	return &Run{dir, h, m}, nil
}

// besideIn reads files of a run's folder, none outside.
func besideIn(dir string) func(name string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil, err
		}
		defer func() { _ = root.Close() }()
		return root.ReadFile(name)
	}
}

// Best is the network of the best checkpoint and the step that it is of. A
// damaged checkpoint is passed over for the newest that is whole, and warn, if
// not nil, is told; without any, the error is of type [RunError].
func (r *Run) Best(warn func(string)) (nn.Layer, int, error) {
	if warn == nil {
		warn = func(string) {}
	}
	s := store{Disk{}, r.Dir}
	order := s.steps()
	if best, ok := s.pointed(bestPointer); ok {
		order = append([]int{best}, slices.DeleteFunc(order, func(n int) bool { return n == best })...)
	} else if len(order) > 0 {
		warn("BEST names no checkpoint; taking the newest")
	}
	net, err := r.Model.Net(rng.New(r.Header.Seed).Split("model"))
	if err != nil {
		return nil, 0, &RunError{r.Dir, err.Error()}
	}
	for _, step := range order {
		c, err := readCheckpoint(s, step)
		if err == nil {
			err = c.fillModel(net)
		}
		if err == nil {
			return net, step, nil
		}
		warn(fmt.Sprintf("checkpoint %s is damaged: %v; trying another", stepName(step), err))
	}
	return nil, 0, &RunError{r.Dir, "has no checkpoint that is whole; train it with --resume"}
}

// Data opens the data that the run was trained on, or other data at path, with
// the labels that the network is asked for. The splits that it has not are cut
// as they were for the run.
func (r *Run) Data(ctx context.Context, path string, roots ...string) (data.Dataset, error) {
	h := r.Header
	if path == "" {
		path = h.Path
	}
	ds, err := data.OpenWith(ctx, h.Dataset, path, h.BadFiles, roots...)
	if err != nil {
		return nil, &DataError{path, err}
	}
	if t, ok := ds.(data.Targets); ok {
		if ds, err = t.Target(r.Model.Output, r.Model.Labels); err != nil {
			return nil, &DataError{path, err}
		}
	}
	if f, ok := ds.(data.Framed); ok {
		if ds, err = f.Frame(r.Model.Input); err != nil {
			return nil, &DataError{path, err}
		}
	}
	return h.Cut(ds)
}

// Cut gives ds the test and valid splits of the run, where it has none of its
// own.
func (h Header) Cut(ds data.Dataset) (data.Dataset, error) {
	draw := rng.New(h.Seed)
	ds, err := data.CutTest(ds, h.Test, draw.Split("test"))
	if err == nil {
		ds, err = data.CutValid(ds, h.Valid, draw.Split("valid"))
	}
	if err != nil {
		return nil, &DataError{h.Path, err}
	}
	return ds, nil
}

// Evaluate runs a network on a split of ds, whose classes must be the
// network's, in any order. An empty split means test, or where there is none
// valid, or train.
func Evaluate(ctx context.Context, p *Predictor, ds data.Dataset, s data.Split) (Evaluation, error) {
	if s == "" {
		s = reported(ds)
	}
	if ds.Len(s) == 0 {
		return Evaluation{}, &DataError{"", fmt.Errorf("the data has no examples in split %s; there is %s", s, strings.Join(filled(ds), ", "))}
	}
	if p.model.Output.Is(data.OutputClass) {
		var err error
		if ds, err = relabel(ds, p.model.Labels); err != nil {
			return Evaluation{}, err
		}
	}
	e, err := p.evaluate(ctx, ds, s, 0)
	if err != nil && !errors.Is(err, context.Canceled) {
		return e, &DataError{"", err}
	}
	return e, err
}

func filled(ds data.Dataset) []string {
	var names []string
	for _, s := range data.Splits {
		if ds.Len(s) > 0 {
			names = append(names, string(s))
		}
	}
	return names
}

// relabeled is a dataset whose labels are numbered as a network's are.
type relabeled struct {
	data.Dataset
	to []int32
}

// relabel numbers the classes of ds as labels has them.
func relabel(ds data.Dataset, labels []string) (data.Dataset, error) {
	classes := ds.Card().Classes
	if slices.Equal(classes, labels) {
		return ds, nil
	}
	r := relabeled{ds, make([]int32, len(classes))}
	for k, c := range classes {
		i := labelOf(c, labels)
		if i < 0 {
			return nil, &DataError{"", fmt.Errorf("the data has a class %q, which is none or several of the network's; it knows %s", c, someOf(labels))}
		}
		r.to[k] = int32(i)
	}
	return r, nil
}

// labelOf is the label that a class of the data is: the same text; else the only
// one whose first name, before a comma, is the same, underscores standing for
// spaces; else the only one for which that holds in any case of letters. -1 for
// none.
func labelOf(class string, labels []string) int {
	if i := slices.Index(labels, class); i >= 0 {
		return i
	}
	same := func(a, b string) bool { return a == b }
	for _, same := range []func(a, b string) bool{same, strings.EqualFold} {
		found := -1
		for i, l := range labels {
			if !same(firstName(l), firstName(class)) {
				continue
			}
			if found >= 0 {
				return -1
			}
			found = i
		}
		if found >= 0 {
			return found
		}
	}
	return -1
}

func firstName(label string) string {
	name, _, _ := strings.Cut(label, ",")
	return strings.TrimSpace(strings.ReplaceAll(name, "_", " "))
}

// someOf lists labels, of many the first few.
func someOf(labels []string) string {
	const most = 12
	if len(labels) <= most {
		return strings.Join(labels, "; ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(labels[:most], "; "), len(labels)-most)
}

// Example implements data.Dataset.
func (r relabeled) Example(s data.Split, i int) (data.Example, error) {
	e, err := data.ExampleOf(r.Dataset, s, i)
	if err != nil {
		return nil, err
	}
	label, err := e.Label()
	if err != nil {
		return nil, err
	}
	e = maps.Clone(e)
	e[data.FieldLabel] = tensor.Scalar(r.to[label])
	return e, nil
}
