package main

import (
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/task"
	"github.com/spf13/cobra"
)

func init() { register(planCommand) }

func planCommand(a *app) *cobra.Command {
	var set []string
	c := &cobra.Command{
		Use:   "plan TASK",
		Short: "print the program of a task's training step",
		Long: `Print the program of a task's training step: each instruction with its shapes,
the bytes it moves, its floating-point operations, and the memory it takes.`,
		Args:              exactly(1, "one TASK"),
		ValidArgsFunction: completeTasks,
		RunE: func(_ *cobra.Command, args []string) error {
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
	return c
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
