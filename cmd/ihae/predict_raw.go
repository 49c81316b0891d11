package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ihae/ihae/format/npz"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
)

// predictRaw feeds a model tensors and gives its outputs as they are.
func (a *app) predictRaw(ctx context.Context, args []string, f predictFlags) error {
	if len(args) != 1 {
		return usage("with --input, predict wants one MODEL and no FILE")
	}
	if f.spec != "" {
		return usage("--input-spec says how files become inputs; with --input they are tensors already")
	}
	file, err := openGraph(args[0])
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	in, err := readInputs(file.Model, f.inputs)
	if err != nil {
		return err
	}
	pool, err := a.pool(f.threads)
	if err != nil {
		return err
	}
	defer pool.Close()
	s, err := lower.NewSession(file.Model, lower.Options{Pool: pool, Outputs: f.outputs})
	if err != nil {
		return refusedFile(args[0], err)
	}
	out, err := s.Run(ctx, in)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return refusedFile(args[0], err)
	}
	names := f.outputs
	if names == nil {
		for _, p := range file.Model.Graph.Outputs {
			names = append(names, p.Name)
		}
	}
	return a.showTensors(names, out, f.out)
}

// readInputs reads the tensors for the inputs of m.
func readInputs(m *onnx.Model, list []string) (map[string]tensor.Tensor, error) {
	in := map[string]tensor.Tensor{}
	for _, s := range list {
		name, path, ok := strings.Cut(s, "=")
		if !ok {
			return nil, usage("--input %s: want NAME=FILE", s)
		}
		t, err := readTensor(path, name)
		if err != nil {
			return nil, refusedFile(path, err)
		}
		for _, p := range m.Graph.Inputs {
			if p.Name == name {
				t = fitted(t, p.Type)
			}
		}
		in[name] = t
	}
	return in, nil
}

// readTensor reads a tensor by the ending of its file: .npy; .npz, of which the
// array of that name or the only one is taken; .pb, a TensorProto.
func readTensor(path, name string) (tensor.Tensor, error) {
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".npy":
		return npz.OpenArray(path, npz.Limits{})
	case ".npz":
		arrays, err := npz.Open(path, npz.Limits{})
		if err != nil {
			return tensor.Tensor{}, err
		}
		i := slices.IndexFunc(arrays, func(n npz.Named) bool { return n.Name == name })
		if i < 0 && len(arrays) == 1 {
			i = 0
		}
		if i < 0 {
			return tensor.Tensor{}, fmt.Errorf("has no array %q", name)
		}
		return arrays[i].Tensor, nil
	case ".pb":
		b, err := os.ReadFile(path)
		if err != nil {
			return tensor.Tensor{}, err
		}
		d, err := onnx.ReadData(b, nil)
		if err != nil {
			return tensor.Tensor{}, err
		}
		return d.Tensor.Value()
	default:
		return tensor.Tensor{}, fmt.Errorf("ends in %q; tensors are read from .npy, .npz and .pb", ext)
	}
}

// fitted is t with the element type that an input wants, where nothing is lost:
// NumPy's numbers are float64 and int64 unless somebody says otherwise.
func fitted(t tensor.Tensor, want *onnx.Type) tensor.Tensor {
	if want == nil || want.Kind != onnx.TensorType {
		return t
	}
	d, ok := want.Elem.DType()
	if !ok || d == t.DType() || d.Float() != t.DType().Float() {
		return t
	}
	w := tensor.Widen(t)
	w.Type.DType = d
	return w.Narrow()
}

// showTensors writes tensors to a file, or sums them up.
func (a *app) showTensors(names []string, out map[string]tensor.Tensor, path string) error {
	if path != "" {
		if err := writeTensors(names, out, path); err != nil {
			return err
		}
	}
	for _, name := range names {
		s := summarise(name, out[name])
		if a.json {
			a.emit(s)
			continue
		}
		a.printf("%s: %s  min %.6g  mean %.6g  max %.6g  first %v\n", train.Visible(name), s.Type, float64(s.Min), float64(s.Mean), float64(s.Max), s.First)
	}
	return nil
}

// tensorLine sums a tensor up.
type tensorLine struct {
	Name  string         `json:"output"`
	Type  string         `json:"type"`
	Min   train.Figure   `json:"min"`
	Mean  train.Figure   `json:"mean"`
	Max   train.Figure   `json:"max"`
	First []train.Figure `json:"first"` // elements, in row-major order
}

func summarise(name string, t tensor.Tensor) tensorLine {
	w := tensor.Widen(t)
	v := w.F
	for _, i := range w.I {
		v = append(v, float64(i))
	}
	low, high, sum := math.Inf(1), math.Inf(-1), 0.0
	for _, x := range v {
		low, high, sum = math.Min(low, x), math.Max(high, x), sum+x
	}
	s := tensorLine{Name: name, Type: t.Type().String(), Min: train.Figure(low), Max: train.Figure(high), Mean: train.Figure(sum / float64(max(len(v), 1)))}
	for _, x := range v[:min(len(v), 8)] {
		s.First = append(s.First, train.Figure(x))
	}
	return s
}

func writeTensors(names []string, out map[string]tensor.Tensor, path string) error {
	if !strings.EqualFold(filepath.Ext(path), ".npz") {
		return usage("--out %s: want a name that ends in .npz", path)
	}
	var list []npz.Named
	for _, name := range names {
		list = append(list, npz.Named{Name: strings.TrimLeft(name, "/"), Tensor: out[name]})
	}
	return writeFiles([]outFile{{path, func(w io.Writer) error { return npz.Write(w, list) }}})
}
