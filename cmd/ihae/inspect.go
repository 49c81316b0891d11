package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/ihae/ihae/format"
	"github.com/ihae/ihae/format/npz"
	"github.com/ihae/ihae/format/onnx/inspect"
	"github.com/ihae/ihae/page"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
	"github.com/spf13/cobra"
)

func init() { register(inspectCommand) }

func inspectCommand(a *app) *cobra.Command {
	var drawing string
	var sizes, values []string
	c := &cobra.Command{
		Use:   "inspect FILE",
		Short: "what a model is made of, and what its layers cost",
		Long: `Show a model's inputs, outputs, operators and parameters, and for each layer its
multiply-adds (MACs), floating-point operations and memory; with --svg a drawing.
Sizes that the model leaves open are 1, or as --size says. Of a file of weights
alone the tensors are listed.

Formats: ` + strings.Join(format.Formats(), ", ") + ".",
		Args: exactly(1, "one FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.inspect(args[0], drawing, sizes, values)
		},
	}
	c.Flags().StringVar(&drawing, "svg", "", "write a drawing of the graph to this file")
	addBindings(c, &sizes, &values)
	return c
}

func (a *app) inspect(path, drawing string, sizes, values []string) error {
	f, err := format.Open(path)
	if err != nil {
		return refusedFile(path, err)
	}
	defer func() { _ = f.Close() }()
	if f.Model == nil {
		return a.inspectWeights(path, f)
	}
	bound, err := parseSizes(sizes)
	if err != nil {
		return err
	}
	content, err := parseValues(f, values)
	if err != nil {
		return err
	}
	s, x, err := inspect.Of(f.Model, bound, content)
	if err != nil {
		return refusedFile(path, err)
	}
	if drawing != "" {
		if err := os.WriteFile(drawing, []byte(inspect.Sketch(f.Model, x).SVG()), 0o644); err != nil {
			return err
		}
	}
	if a.json {
		a.emit(struct {
			File   string `json:"file"`
			Format string `json:"format"`
			*inspect.Summary
		}{path, f.Format, s})
		return nil
	}
	return a.showSummary(path, f.Format, s)
}

// refusedFile is an error about a file that somebody gave us; one that names the
// file, or is about reading it, stays as it is.
func refusedFile(path string, err error) error {
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return err
	}
	return &inputError{path, err}
}

func parseSizes(list []string) (inspect.Sizes, error) {
	sizes := inspect.Sizes{}
	for _, s := range list {
		name, text, ok := strings.Cut(s, "=")
		n, err := strconv.Atoi(text)
		if !ok || err != nil || n < 0 {
			return nil, usage("--size %s: want NAME=N", s)
		}
		sizes[name] = n
	}
	return sizes, nil
}

// parseValues reads contents of inputs, given as numbers or as files.
func parseValues(f *format.File, list []string) (map[string]tensor.Tensor, error) {
	values := map[string]tensor.Tensor{}
	for _, s := range list {
		name, text, ok := strings.Cut(s, "=")
		if !ok {
			return nil, usage("--value %s: want INPUT=NUMBER or INPUT=FILE.npy", s)
		}
		if number, err := strconv.ParseFloat(text, 64); err == nil {
			t, err := scalarInput(f, name, number)
			if err != nil {
				return nil, err
			}
			values[name] = t
			continue
		}
		t, err := npz.OpenArray(text, npz.Limits{})
		if err != nil {
			return nil, refusedFile(text, err)
		}
		values[name] = t
	}
	return values, nil
}

// scalarInput is a number as an input of the model declares it.
func scalarInput(f *format.File, name string, number float64) (tensor.Tensor, error) {
	for _, p := range f.Model.Graph.Inputs {
		if p.Name != name || p.Type == nil {
			continue
		}
		d, ok := p.Type.Elem.DType()
		if !ok {
			break
		}
		dims := make([]int, len(p.Type.Dims))
		for i := range dims {
			dims[i] = 1
		}
		w := tensor.NewWide(tensor.Type{DType: d, Shape: tensor.Dims(dims...)})
		for i := range w.F {
			w.F[i] = number
		}
		for i := range w.I {
			w.I[i] = int64(number)
		}
		return w.Narrow(), nil
	}
	return tensor.Tensor{}, usage("--value %s: the model has no such input", name)
}

func (a *app) showSummary(path, kind string, s *inspect.Summary) error {
	a.printf("%s: %s", train.Visible(path), kind)
	if s.Producer != "" {
		a.printf(" by %s", train.Visible(s.Producer))
	}
	for domain, v := range s.Opsets {
		a.printf(", %s %d", domain, v)
	}
	a.printf("\n\n")
	for _, p := range s.Inputs {
		a.printf("input   %s: %s%s\n", train.Visible(p.Name), train.Visible(p.Type), boundText(p))
	}
	for _, p := range s.Outputs {
		a.printf("output  %s: %s%s\n", train.Visible(p.Name), train.Visible(p.Type), boundText(p))
	}
	names := make([]string, len(s.Operators))
	for i, o := range s.Operators {
		names[i] = fmt.Sprintf("%d %s", o.N, o.Op)
	}
	a.printf("\noperators   %s\n", strings.Join(names, ", "))
	a.printf("parameters  %s (%s)\n", count(int(s.Parameters)), page.Bytes(float64(s.WeightBytes)))
	switch {
	case len(s.Missing) > 0:
		a.printf("not supported: %s\n", strings.Join(s.Missing, ", "))
		return nil
	case s.Dynamic != "":
		a.printf("costs       unknown: %s\n", train.Visible(s.Dynamic))
		return nil
	}
	a.printf("MACs        %s\nFLOPs       %s\nactivations %s, at most %s at a time\n\n",
		page.Count(float64(s.MACs)), page.Count(float64(s.FLOPs)), page.Bytes(float64(s.Activations)), page.Bytes(float64(s.Peak)))
	return a.showLayers(s)
}

func boundText(p inspect.Port) string {
	if p.Bound == "" || p.Bound == p.Type {
		return ""
	}
	return " as " + p.Bound
}

func (a *app) showLayers(s *inspect.Summary) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "layer\toperator\tresult\tparameters\tMACs\tFLOPs\tbytes\t")
	for _, l := range s.Layers {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", train.Visible(l.Name), train.Visible(l.Op), l.Out, count(int(l.Parameters)),
			page.Count(float64(l.MACs)), page.Count(float64(l.FLOPs)), page.Bytes(float64(l.Bytes)))
	}
	return w.Flush()
}

// inspectWeights lists the tensors of a file that has no graph.
func (a *app) inspectWeights(path string, f *format.File) error {
	type line struct {
		Name string `json:"name"`
		Type string `json:"type"`
	}
	var lines []line
	total := 0
	for _, name := range f.Names {
		t, err := f.Tensor(name)
		if err != nil {
			return refusedFile(path, err)
		}
		lines = append(lines, line{name, t.Type().String()})
		total += t.Shape().Size()
	}
	if a.json {
		a.emit(struct {
			File    string            `json:"file"`
			Format  string            `json:"format"`
			Weights []line            `json:"weights"`
			Meta    map[string]string `json:"meta,omitempty"`
			Numbers int               `json:"parameters"`
		}{path, f.Format, lines, f.Meta, total})
		return nil
	}
	a.printf("%s: %s, weights without a graph: %d tensors, %s numbers\n", train.Visible(path), f.Format, len(lines), count(total))
	for _, l := range lines {
		a.printf("  %s: %s\n", train.Visible(l.Name), l.Type)
	}
	return nil
}
