package main

import (
	"context"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
	"github.com/spf13/cobra"
)

func init() { register(opsCommand) }

func opsCommand(a *app) *cobra.Command {
	var measure, markdown bool
	var threads int
	c := &cobra.Command{
		Use:   "ops [NAME...]",
		Short: "list the operations: types, gradients, kernels, speed",
		Long: `List the operations that networks are made of: what they compute, for which
element types, for which of these there is a kernel (others run by their
definition), whether they have a gradient. With --bench each is timed on large
float32 operands and compared with what the machine can do; see ihae bench.`,
		RunE: func(c *cobra.Command, args []string) error {
			list, err := describeOps(args)
			if err != nil {
				return usage("%v", err)
			}
			if measure {
				if err := a.measureOps(c.Context(), list, threads); err != nil {
					return err
				}
			}
			if markdown {
				return writeOpsPage(a.out, list)
			}
			return a.showOps(list, measure)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return graph.Ops(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	c.Flags().BoolVar(&measure, "bench", false, "time each on large operands, about half a minute")
	c.Flags().BoolVar(&markdown, "markdown", false, "write the table as docs/operations.md has it")
	c.Flags().IntVar(&threads, "threads", 0, "threads of --bench (default all cores)")
	return c
}

// opLine is an operation for programs.
type opLine struct {
	Op             string     `json:"op"`
	Doc            string     `json:"doc"`
	Types          []string   `json:"types"`   // of the first operand, or of the result where there is none
	Kernels        []string   `json:"kernels"` // those of Types that have one
	Differentiable bool       `json:"differentiable"`
	Bench          *benchLine `json:"bench,omitempty"`

	entry graph.Entry
}

// describeOps asks operations what they can do; without names, all of them.
func describeOps(names []string) ([]opLine, error) {
	if len(names) == 0 {
		names = graph.Ops()
	}
	var list []opLine
	for _, name := range names {
		e, err := graph.Lookup(name)
		if err != nil {
			return nil, err
		}
		_, differentiable := e.Op.(graph.Differentiable)
		l := opLine{Op: name, Doc: e.Doc, Types: []string{}, Kernels: []string{}, Differentiable: differentiable, entry: e}
		for _, d := range tensor.DTypes() {
			dtype, err := tensor.ParseDType(d)
			if err != nil {
				return nil, err
			}
			takes, fast := takesType(e, dtype)
			if takes {
				l.Types = append(l.Types, d)
			}
			if fast {
				l.Kernels = append(l.Kernels, d)
			}
		}
		list = append(list, l)
	}
	return list, nil
}

// takesType says whether some sample of e, with d in place of its main element
// type, is allowed, and whether it then runs by a kernel or nothing at all.
func takesType(e graph.Entry, d tensor.DType) (takes, fast bool) {
	for _, s := range e.Samples {
		op := sampleOp(e, s)
		in := slices.Clone(s.In)
		for i := range in {
			if in[i].DType == s.In[0].DType {
				in[i].DType = d
			}
		}
		out, err := op.Infer(in)
		if err != nil || len(in) == 0 && out[0].DType != d {
			continue
		}
		takes = true
		if quick(op, in, out) {
			return true, true
		}
	}
	return takes, false
}

func sampleOp(e graph.Entry, s graph.Sample) graph.Op {
	if s.Of != nil {
		return s.Of
	}
	return e.Op
}

// quick says whether an operation runs by something else than its definition.
func quick(op graph.Op, in, out []tensor.Type) bool {
	if a, ok := op.(graph.Aliasing); ok && a.Aliases() {
		return true
	}
	if k, ok := op.(graph.Kerneled); ok && k.Kernel(in, out) != nil {
		return true
	}
	return graph.InLoops(op, in, out)
}

func (a *app) showOps(list []opLine, measured bool) error {
	if a.json {
		for _, l := range list {
			a.emit(l)
		}
		return nil
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, l := range list {
		cells := []string{l.Op, l.Doc, typesText(l, "*"), gradientText(l)}
		if measured {
			cells = append(cells, limitText(l))
		}
		_, _ = io.WriteString(w, strings.Join(cells, "\t")+"\n")
	}
	if err := w.Flush(); err != nil {
		return err
	}
	a.printf("%d operations. A type with * has a kernel.\n", len(list))
	return nil
}

// typesText is the types in short, those with a kernel marked. Types for storage
// are left out: they are taken where others of their kind are.
func typesText(l opLine, mark string) string {
	short := strings.NewReplacer("bfloat", "bf", "float", "f", "uint", "u", "int", "i")
	var parts []string
	for _, t := range l.Types {
		if d, err := tensor.ParseDType(t); err == nil && d.Storage() {
			continue
		}
		name := short.Replace(t)
		if slices.Contains(l.Kernels, t) {
			name += mark
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, " ")
}

func gradientText(l opLine) string {
	if l.Differentiable {
		return "yes"
	}
	return "no"
}

func limitText(l opLine) string {
	if l.Bench == nil || l.Bench.OfLimit == 0 {
		return "-"
	}
	return train.Percent(l.Bench.OfLimit)
}

// measureOps times every operation that has float32 operands or results.
func (a *app) measureOps(ctx context.Context, list []opLine, threads int) error {
	pool, err := a.pool(threads)
	if err != nil {
		return err
	}
	defer pool.Close()
	b := bench{app: a, pool: pool, time: opTime}
	if err := b.limits(ctx); err != nil {
		return err
	}
	for i := range list {
		p, ok, err := opProgram(list[i].entry)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		l, err := b.line(ctx, list[i].Op, p)
		if err != nil {
			return err
		}
		list[i].Bench = &l
		if !a.quiet && !a.json {
			a.notef("%d of %d: %s %.3f ms\n", i+1, len(list), l.Bench, l.Ms)
		}
	}
	return nil
}
