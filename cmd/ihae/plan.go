package main

import (
	"github.com/ihae/ihae/format"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/task"
	"github.com/spf13/cobra"
)

func init() { register(planCommand) }

func planCommand(a *app) *cobra.Command {
	var set, sizes, values []string
	c := &cobra.Command{
		Use:   "plan TASK|MODEL",
		Short: "print the program of a task's training step, or of a model",
		Long: `Print the program of a task's training step, or of a model in a file: each
instruction with its shapes, the bytes it moves, its floating-point operations,
and the memory it takes.`,
		Args:              exactly(1, "one TASK or MODEL"),
		ValidArgsFunction: completeTasks,
		RunE: func(_ *cobra.Command, args []string) error {
			if format.Detect(args[0]) != "" {
				return a.planModel(args[0], sizes, values)
			}
			s, err := task.Lookup(args[0])
			if err != nil {
				return err
			}
			step, err := s.Step(set)
			if err != nil {
				return err
			}
			p, err := plan.Compile(step.Func, step.Options)
			if err != nil {
				return err
			}
			if a.json {
				a.emit(planLine(s.Name, p))
				return nil
			}
			return p.Dump(a.out)
		},
	}
	c.Flags().StringArrayVar(&set, "set", nil, "key=value, can be repeated; see ihae tasks TASK")
	addBindings(c, &sizes, &values)
	return c
}

// planModel prints the program of a model in a file.
func (a *app) planModel(path string, sizes, values []string) error {
	f, err := openGraph(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	x, err := bind(f, path, sizes, values)
	if err != nil {
		return err
	}
	fn, err := graph.NewFunc("model", x.Inputs, x.Outputs)
	if err != nil {
		return refusedFile(path, err)
	}
	p, err := plan.Compile(fn, plan.Options{})
	if err != nil {
		return refusedFile(path, err)
	}
	if a.json {
		a.emit(planLine(path, p))
		return nil
	}
	return p.Dump(a.out)
}

// planStep is an instruction for programs.
type planStep struct {
	Name  string   `json:"name"`
	Ops   []string `json:"ops"`
	In    []string `json:"in"`
	Out   []string `json:"out"`
	FLOPs int64    `json:"flops"`
	Bytes int64    `json:"bytes"`
}

func planLine(name string, p *plan.Program) any {
	s := p.Stats()
	line := struct {
		Task         string     `json:"task"`
		Instructions int        `json:"instructions"`
		FLOPs        int64      `json:"flops"`
		Bytes        int64      `json:"bytes"`
		Arena        int        `json:"arena_bytes"`
		Peak         int        `json:"peak_bytes"`
		Steps        []planStep `json:"steps"`
	}{name, s.Instructions, s.FLOPs, s.Bytes, s.Arena, s.Peak, nil}
	types := func(os []plan.Operand) []string {
		names := make([]string, len(os))
		for i, o := range os {
			names[i] = o.Type.String()
		}
		return names
	}
	for i := range p.Steps {
		st := &p.Steps[i]
		line.Steps = append(line.Steps, planStep{st.Name, st.Ops, types(st.In), types(st.Out), st.FLOPs, st.Bytes})
	}
	return line
}

// addBindings adds the flags that say what a model leaves open.
func addBindings(c *cobra.Command, sizes, values *[]string) {
	c.Flags().StringArrayVar(sizes, "size", nil, "NAME=N, a size that the MODEL leaves open (default 1); can be repeated")
	c.Flags().StringArrayVar(values, "value", nil, "INPUT=NUMBER or INPUT=FILE.npy, an input whose content the course of the computation depends on; can be repeated")
}

// bind makes the graph of a model for the sizes and contents that flags give.
func bind(f *format.File, path string, sizes, values []string) (*lower.Lowered, error) {
	bound, err := parseSizes(sizes)
	if err != nil {
		return nil, err
	}
	content, err := parseValues(f, values)
	if err != nil {
		return nil, err
	}
	types, err := lower.InputTypes(f.Model, bound)
	if err != nil {
		return nil, refusedFile(path, err)
	}
	for name := range content {
		delete(types, name)
	}
	x, err := lower.Lower(f.Model, lower.Binding{Types: types, Values: content})
	return x, refusedFile(path, err)
}
