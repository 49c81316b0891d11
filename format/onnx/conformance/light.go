package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/tensor"
)

// runLight runs a whole network whose weights are made by its graph, on the
// input 0, 1/n … (n-1)/n.
func (c Case) runLight(ctx context.Context, tree fs.FS, pool *exec.Pool) error {
	m, err := c.Model(tree)
	if err != nil {
		return err
	}
	types, err := lower.InputTypes(m, nil)
	if err != nil {
		return err
	}
	in := map[string]tensor.Tensor{}
	for name, t := range types {
		in[name] = ramp(t)
	}
	s, err := lower.NewSession(m, lower.Options{Pool: pool})
	if err != nil {
		return err
	}
	defer s.Close()
	out, err := s.Run(ctx, in)
	if err != nil {
		return err
	}
	tol, err := c.lightTolerance(tree)
	if err != nil {
		return err
	}
	for i, p := range m.Graph.Outputs {
		want, given, err := load(tree, fmt.Sprintf("%s_output_%d.pb", strings.TrimSuffix(c.dir, ".onnx"), i), p.Type)
		switch {
		case err != nil:
			return err
		case !given:
			return errSkipped
		}
		if err := Compare(lower.TensorHost(out[p.Name]), want, tol); err != nil {
			return fmt.Errorf("output %q: %w", p.Name, err)
		}
	}
	return nil
}

func ramp(t tensor.Type) tensor.Tensor {
	w := tensor.NewWide(t)
	for i := range w.F {
		w.F[i] = float64(i) / float64(len(w.F))
	}
	return w.Narrow()
}

// lightTolerance is the tolerance stated for the network in the group real.
func (c Case) lightTolerance(tree fs.FS) (Tolerance, error) {
	tol := DefaultTolerance
	file := path.Join(path.Dir(path.Dir(c.dir)), "real", "test_"+strings.TrimPrefix(c.Name, "light_"), "data.json")
	b, err := fs.ReadFile(tree, file)
	if errors.Is(err, fs.ErrNotExist) {
		return tol, nil
	}
	if err != nil {
		return tol, err
	}
	stated := struct{ Atol, Rtol *float64 }{&tol.Abs, &tol.Rel}
	if err := json.Unmarshal(b, &stated); err != nil {
		return tol, fmt.Errorf("%s: %w", file, err)
	}
	return tol, nil
}
