package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/export"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
	"github.com/ihae/ihae/zoo"
	"github.com/spf13/cobra"
)

func init() { register(exportCommand) }

// exportFlags is what the export command is asked for.
type exportFlags struct {
	opset  int64
	logits bool
	force  bool
	apart  bool
}

func exportCommand(a *app) *cobra.Command {
	var f exportFlags
	c := &cobra.Command{
		Use:   "export RUN OUT.onnx",
		Short: "write a run's best network as an ONNX model",
		Long: `Write the network of a run's best checkpoint as an ONNX model, for batches of any
size. Its weights are initialisers under their names in the run, its output is
probabilities, or with --logits what they are made of; of a value it is the
standardised value. Beside it OUT.toml says how it is fed, in the form of a run's
model.toml; the model's metadata say so too. A text's tokenizer is copied.

A network that came from an ONNX file is written as that file was, with the
weights that it has now. Weights of more than 2 GiB, or with --external-data all
that are large, go to a file beside the model. The same run gives the same bytes.`,
		Example: `  ihae export runs/digits/digits-cnn-1 digits.onnx
  ihae predict digits.onnx seven.png`,
		Args:              exactly(2, "a RUN and a file to write"),
		ValidArgsFunction: completeRunThenFiles,
		RunE: func(c *cobra.Command, args []string) error {
			return a.export(c.Context(), filepath.Clean(args[0]), args[1], f)
		},
	}
	c.Flags().Int64Var(&f.opset, "opset", 0, "`N`, the version of ONNX's operators, 18 to 26 (default 21)")
	c.Flags().BoolVar(&f.logits, "logits", false, "give what the probabilities are made of")
	c.Flags().BoolVar(&f.apart, "external-data", false, externalHelp)
	c.Flags().BoolVar(&f.force, "force", false, "write over files that are there")
	return c
}

func (a *app) export(ctx context.Context, dir, out string, f exportFlags) error {
	if f.opset != 0 && (f.opset < export.MinOpset || f.opset > export.MaxOpset) {
		return usage("--opset %d; there is %d to %d", f.opset, export.MinOpset, export.MaxOpset)
	}
	run, err := train.OpenRun(dir)
	if err != nil {
		return err
	}
	net, step, err := run.Best(a.warn)
	if err != nil {
		return err
	}
	m, err := exported(run, net, f)
	if err != nil {
		return err
	}
	if err := describe(m, run.Model, step); err != nil {
		return err
	}
	files, size, err := exportFiles(run, m, out, f.apart)
	if err != nil {
		return err
	}
	if !f.force {
		if err := nothingThere(files); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := writeFiles(files); err != nil {
		return err
	}
	a.showExport(dir, step, m, files, size)
	return nil
}

// exported is a run's network as a model.
func exported(run *train.Run, net nn.Layer, f exportFlags) (*onnx.Model, error) {
	if l, ok := net.(*zoo.Imported); ok {
		if f.opset != 0 {
			return nil, usage("--opset: the network came from an ONNX file and keeps its opset")
		}
		m, err := l.Model()
		if err == nil && f.logits {
			beforeSoftmax(m.Graph)
		}
		return m, err
	}
	return export.Batched(func(batch int) (*graph.Func, export.Spec, error) {
		fn, used, err := answers(net, run.Model, batch, f.logits)
		spec := export.Spec{Name: run.Model.Task, Opset: f.opset, Params: map[int]tensor.Tensor{}}
		spec.Inputs, spec.Outputs = portNames(run.Model, f.logits)
		for i, p := range used {
			spec.Params[1+i] = p.Value
		}
		return fn, spec, err
	})
}

// answers is [train.AnswerFunc], or the same without the softmax at its end.
func answers(net nn.Layer, m zoo.Model, batch int, logits bool) (*graph.Func, []nn.Named, error) {
	if !logits || m.Output.Is(data.OutputValue) {
		return train.AnswerFunc(net, m, batch)
	}
	c := nn.NewCtx(net)
	t := m.Input.Type()
	t.Shape = tensor.Dims(append([]int{batch}, t.Shape.Dims()...)...)
	leaves := []*graph.Node{c.Graph.Leaf(m.Input.Field(), t)}
	y := c.In("", net, leaves[0])
	for _, p := range c.Used() {
		leaves = append(leaves, c.Param(p.Param))
	}
	f, err := graph.NewFunc("logits", leaves, []*graph.Node{y})
	return f, c.Used(), err
}

// portNames is what a model's input and output are called.
func portNames(m zoo.Model, logits bool) (in, out []string) {
	in = []string{m.Input.Field()}
	if m.Input.Name != "" {
		in[0] = m.Input.Name
	}
	name := m.Output.Name
	switch {
	case name != "" && name != in[0]:
	case m.Output.Is(data.OutputValue):
		name = "value"
	case logits:
		name = "logits"
	default:
		name = "probability"
	}
	return in, []string{name}
}

// beforeSoftmax makes the operand of a softmax that gives the first output that
// output.
func beforeSoftmax(g *onnx.Graph) {
	i := slices.IndexFunc(g.Nodes, func(n *onnx.Node) bool { return n.Op == "Softmax" && n.Out[0] == g.Outputs[0].Name })
	if i < 0 {
		return
	}
	port := *g.Outputs[0]
	port.Name = g.Nodes[i].In[0]
	g.Outputs = append([]*onnx.Port{&port}, g.Outputs[1:]...)
	g.Nodes = slices.Delete(slices.Clone(g.Nodes), i, i+1)
}

// exportFiles is the model, its description, and the tokenizer; size is that of
// the model.
func exportFiles(run *train.Run, m *onnx.Model, out string, apart bool) (files []outFile, size int64, err error) {
	files, size, err = modelFiles(m, out, apart)
	if err != nil { // it is too large
		return nil, 0, &train.RunError{Dir: run.Dir, Reason: err.Error()}
	}
	desc, stem := run.Model, strings.TrimSuffix(out, filepath.Ext(out))
	desc.Architecture = zoo.Architecture{Name: zoo.ImportedName, Settings: zoo.Settings{"file": filepath.Base(out)}}
	var more []outFile
	if name := run.Model.Input.Text.Tokenizer; name != "" {
		file, err := run.Model.Architecture.Open(name)
		if err != nil {
			return nil, 0, &train.RunError{Dir: run.Dir, Reason: err.Error()}
		}
		path := stem + "." + filepath.Base(name)
		desc.Input.Text.Tokenizer, more = filepath.Base(path), []outFile{{path, content(file)}}
	}
	text, err := desc.Text()
	if err != nil {
		return nil, 0, err
	}
	return append(append(files, outFile{stem + ".toml", content(text)}), more...), size, nil
}

func (a *app) showExport(dir string, step int, m *onnx.Model, files []outFile, size int64) {
	if a.json {
		a.emit(struct {
			Run   string   `json:"run"`
			Step  int      `json:"step"`
			Opset int64    `json:"opset"`
			Nodes int      `json:"nodes"`
			Bytes int64    `json:"bytes"`
			Files []string `json:"files"`
		}{dir, step, m.Opset(""), len(m.Graph.Nodes), size, paths(files)})
		return
	}
	a.printf("%s: the network of step %d, %d nodes, opset %d, written to %s\n", train.Visible(dir), step, len(m.Graph.Nodes), m.Opset(""), train.Visible(listed(files)))
}
