// Package conformance runs the test cases that the ONNX project publishes for
// those who implement the format: a folder a case, with a model and sets of
// inputs and expected outputs.
package conformance

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
)

// The groups of cases that are run. A group "light" holds networks without
// inputs of their own.
var groups = []string{"node", "simple", "pytorch-converted", "pytorch-operator", lightGroup}

const lightGroup = "light"

// Case is one test case.
type Case struct {
	Group, Name string
	dir         string // of a case of the group light, the model's file
}

// String is group/name.
func (c Case) String() string { return c.Group + "/" + c.Name }

// Find lists the cases in a tree that holds the groups, at its root or in data.
func Find(tree fs.FS) ([]Case, error) {
	var all []Case
	for _, root := range []string{".", "data"} {
		for _, g := range groups {
			entries, err := fs.ReadDir(tree, path.Join(root, g))
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, err
			}
			for _, e := range entries {
				name, file := strings.CutSuffix(e.Name(), ".onnx")
				if e.IsDir() || file && g == lightGroup {
					all = append(all, Case{g, name, path.Join(root, g, e.Name())})
				}
			}
		}
		if len(all) > 0 {
			return all, nil
		}
	}
	return nil, fmt.Errorf("no test cases here: want the folder %s, or data/%s", groups[0], groups[0])
}

// Failure is a case that does not pass, and why.
type Failure struct {
	Case   string `json:"case"`
	Reason string `json:"reason"`
}

// Result counts cases. A skipped case is one that has nothing to compare with.
type Result struct {
	Passed   int       `json:"passed"`
	Failed   int       `json:"failed"`
	Skipped  int       `json:"skipped"`
	Failures []Failure `json:"failures"`
}

// errSkipped is the outcome of a case without expected outputs.
var errSkipped = errors.New("has no expected outputs")

// Run runs cases one after the other. done is told of each; it may be nil.
func Run(ctx context.Context, tree fs.FS, cases []Case, pool *exec.Pool, done func(Case, error)) (Result, error) {
	r := Result{Failures: []Failure{}}
	for _, c := range cases {
		err := c.Run(ctx, tree, pool)
		if ctx.Err() != nil {
			return r, context.Cause(ctx)
		}
		switch {
		case err == nil:
			r.Passed++
		case errors.Is(err, errSkipped):
			r.Skipped++
		default:
			r.Failed++
			r.Failures = append(r.Failures, Failure{c.String(), err.Error()})
		}
		if done != nil {
			done(c, err)
		}
	}
	return r, nil
}

// Model reads the model of a case.
func (c Case) Model(tree fs.FS) (*onnx.Model, error) {
	name := c.dir
	if c.Group != lightGroup {
		name = path.Join(c.dir, "model.onnx")
	}
	file, err := fs.ReadFile(tree, name)
	if err != nil {
		return nil, err
	}
	return onnx.Read(file, onnx.Limits{})
}

// Run runs a case. The error says what differs.
func (c Case) Run(ctx context.Context, tree fs.FS, pool *exec.Pool) error {
	if c.Group == lightGroup {
		return c.runLight(ctx, tree, pool)
	}
	m, err := c.Model(tree)
	if err != nil {
		return err
	}
	s, err := lower.NewSession(m, lower.Options{Pool: pool})
	if err != nil {
		return err
	}
	defer s.Close()
	sets, err := fs.Glob(tree, path.Join(c.dir, "test_data_set_*"))
	if err != nil {
		return err
	}
	if len(sets) == 0 {
		return errSkipped
	}
	slices.Sort(sets)
	for _, set := range sets {
		if err := c.runSet(ctx, tree, s, set); err != nil {
			return err
		}
	}
	return nil
}

func (c Case) runSet(ctx context.Context, tree fs.FS, s *lower.Session, set string) error {
	g := s.Model().Graph
	in := map[string]lower.Host{}
	k := 0
	for _, p := range g.Inputs {
		if g.Init(p.Name) != nil {
			continue
		}
		h, given, err := load(tree, fmt.Sprintf("%s/input_%d.pb", set, k), p.Type)
		if err != nil {
			return err
		}
		if given {
			in[p.Name] = h
		}
		k++
	}
	out, err := s.RunHosts(ctx, in)
	if err != nil {
		return err
	}
	for i, p := range g.Outputs {
		want, given, err := load(tree, fmt.Sprintf("%s/output_%d.pb", set, i), p.Type)
		if err != nil {
			return err
		}
		if !given {
			continue
		}
		if err := Compare(out[p.Name], want, DefaultTolerance); err != nil {
			return fmt.Errorf("output %q: %w", p.Name, err)
		}
	}
	return nil
}

// load reads a value; given is false if there is no such file.
func load(tree fs.FS, name string, t *onnx.Type) (h lower.Host, given bool, err error) {
	b, err := fs.ReadFile(tree, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return lower.Host{}, false, nil
	case err != nil:
		return lower.Host{}, false, err
	}
	if len(b) == 0 && t != nil && t.Kind == onnx.OptionalType {
		return lower.Host{Kind: lower.KindOptional}, true, nil
	}
	d, err := onnx.ReadData(b, t)
	if err != nil {
		return lower.Host{}, false, fmt.Errorf("%s: %w", name, err)
	}
	h, err = hostOf(d)
	return h, true, err
}

func hostOf(d *onnx.Data) (lower.Host, error) {
	if d.Kind == onnx.TensorType {
		if d.Tensor.Elem == onnx.ElemString {
			dims := make([]int, len(d.Tensor.Dims))
			for i, v := range d.Tensor.Dims {
				dims[i] = int(v)
			}
			return lower.StringsHost(d.Tensor.Strings(), dims...), nil
		}
		t, err := d.Tensor.Value()
		return lower.TensorHost(t), err
	}
	h := lower.Host{Kind: lower.KindSequence}
	if d.Kind == onnx.OptionalType {
		h.Kind = lower.KindOptional
	}
	for _, x := range d.Items {
		item, err := hostOf(x)
		if err != nil {
			return lower.Host{}, err
		}
		h.Items = append(h.Items, item)
	}
	return h, nil
}
