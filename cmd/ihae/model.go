package main

import (
	"errors"
	"os"
	"runtime/debug"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format"
	"github.com/ihae/ihae/train"
	"github.com/ihae/ihae/zoo"
)

// What commands have in common that take a model made elsewhere in place of a
// run.

// isRun says whether path is a run's folder; anything else is taken for a model.
func isRun(path string) bool {
	info, err := os.Stat(path)
	return err != nil || info.IsDir() && format.Detect(path) == ""
}

// model is a model made elsewhere, and how it is fed.
type model struct {
	path string
	file *format.File
	desc zoo.Described
}

// openModel opens the model at path and describes it by the file spec, or as it
// can be found out; a guess is told.
func (a *app) openModel(path, spec string) (*model, error) {
	f, err := openGraph(path)
	if err != nil {
		return nil, err
	}
	d, err := zoo.Describe(f.Model, path, spec)
	if err != nil {
		_ = f.Close()
		return nil, refusedFile(path, err)
	}
	if d.Origin == zoo.FromGuess {
		a.warn(path + ": " + d.Note)
	} else {
		a.notef("%s: %s\n", train.Visible(path), train.Visible(d.Note))
	}
	return &model{path, f, d}, nil
}

// errWeights is for files of weights where a model is wanted.
var errWeights = errors.New("holds weights without a graph; bring them into a network with ihae import --network NAME")

// openGraph opens a file that must hold a graph.
func openGraph(path string) (*format.File, error) {
	f, err := format.Open(path)
	if err != nil {
		return nil, refusedFile(path, err)
	}
	if f.Model == nil {
		_ = f.Close()
		return nil, &inputError{path, errWeights}
	}
	return f, nil
}

// Close gives back the model's file.
func (m *model) Close() { _ = m.file.Close() }

// predictor makes the model ready to answer for n inputs at a time, 0 for who knows.
// Weights are copied into the program one after the other, while little else takes
// memory.
func (m *model) predictor(pool *exec.Pool, n int) (*train.Predictor, error) {
	net, err := zoo.NewImported(m.file.Model, false)
	if err != nil {
		return nil, refusedFile(m.path, err)
	}
	p := train.NewPredictor(net, m.desc.Model, pool)
	if n == 0 {
		return p, nil
	}
	defer debug.SetGCPercent(debug.SetGCPercent(25))
	if err := p.Prepare(n); err != nil {
		return nil, refusedFile(m.path, err)
	}
	m.file.Model.Forget()
	return p, nil
}

// predictorOf is the network of a run's folder, or of a model made elsewhere that
// is to answer for n inputs at a time, and what gives it back.
func (a *app) predictorOf(path, spec string, pool *exec.Pool, n int) (*train.Predictor, func(), error) {
	if isRun(path) {
		if spec != "" {
			return nil, nil, usage("--input-spec is for models made elsewhere; %s is a run, whose model.toml says it", path)
		}
		run, err := train.OpenRun(path)
		if err != nil {
			return nil, nil, err
		}
		p, err := run.Predictor(pool, a.warn)
		return p, func() {}, err
	}
	m, err := a.openModel(path, spec)
	if err != nil {
		return nil, nil, err
	}
	p, err := m.predictor(pool, n)
	if err != nil {
		m.Close()
		return nil, nil, err
	}
	return p, m.Close, nil
}
