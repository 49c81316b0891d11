// Package export writes graphs as ONNX models. What an operation is in ONNX it
// says itself ([graph.Exporter]); an operation that says nothing is written as
// what it decomposes into.
package export

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// Opset is the version of ONNX's operators that is written unless another is
// asked for.
const Opset = 21

// The versions that can be written.
const (
	MinOpset = 18
	MaxOpset = 23
)

// Spec says how a function becomes a model.
type Spec struct {
	Name   string
	Opset  int64    // 0 for [Opset]
	Inputs []string // names of f's inputs that stay inputs, by place; "" for their labels
	// Params is the values of inputs that become initialisers, by place.
	Params map[int]tensor.Tensor
	// Outputs names f's outputs, by place; "" for "output" and a number.
	Outputs []string
	// Batch is the size that stands for the batch in f's types: axis 0 of inputs
	// and outputs of that size are written as "N". 0: all sizes are written.
	Batch int
}

// UnsupportedError lists the operations of a graph that ONNX has no operators for.
type UnsupportedError struct{ Ops []string }

// Error lists them all.
func (e *UnsupportedError) Error() string {
	return "onnx: operations that cannot be written: " + strings.Join(e.Ops, ", ")
}

// Func writes f as a model.
func Func(f *graph.Func, s Spec) (*onnx.Model, error) {
	if s.Opset == 0 {
		s.Opset = Opset
	}
	if s.Opset < MinOpset || s.Opset > MaxOpset {
		return nil, fmt.Errorf("onnx: opset %d; %d to %d can be written", s.Opset, MinOpset, MaxOpset)
	}
	w := newWriter(onnx.NewBuilder(s.Name), s.Opset)
	in, err := w.inputs(f, s)
	if err != nil {
		return nil, err
	}
	out := w.Inline(f, in)
	if len(w.missing) > 0 {
		e := &UnsupportedError{}
		for op := range w.missing {
			e.Ops = append(e.Ops, op)
		}
		sort.Strings(e.Ops)
		return nil, e
	}
	w.outputs(f, s, out)
	if w.err != nil {
		return nil, w.err
	}
	m, err := w.b.Model(s.Opset)
	if err != nil {
		return nil, err
	}
	prune(m.Graph)
	settleNames(m.Graph)
	return m, m.Check()
}

func (w *writer) inputs(f *graph.Func, s Spec) ([]string, error) {
	names := make([]string, len(f.In))
	for i, n := range f.In {
		label := n.Op().(graph.Leaf).Label
		if i < len(s.Inputs) && s.Inputs[i] != "" {
			label = s.Inputs[i]
		}
		if value, ok := s.Params[i]; ok {
			if value.Type() != n.Type() {
				return nil, fmt.Errorf("onnx: parameter %q is %v, want %v", label, value.Type(), n.Type())
			}
			names[i] = w.b.Init(label, value)
			continue
		}
		e, ok := onnx.ElemOf(n.DType())
		if !ok {
			return nil, fmt.Errorf("onnx: input %q is %v, which the format does not have", label, n.Type())
		}
		names[i] = w.b.Input(label, e, dims(n.Shape(), s.Batch)...)
	}
	return names, nil
}

func (w *writer) outputs(f *graph.Func, s Spec, out []string) {
	for i, n := range f.Out {
		name := ""
		if i < len(s.Outputs) {
			name = s.Outputs[i]
		}
		if name == "" {
			name = fmt.Sprint("output", i)
		}
		e, _ := onnx.ElemOf(n.DType())
		w.b.AddAs(name, "Identity", []string{out[i]})
		w.b.Output(name, e, dims(n.Shape(), s.Batch)...)
	}
}

// dims is the sizes of s, axis 0 named if it is the batch's.
func dims(s tensor.Shape, batch int) []any {
	all := make([]any, s.Rank())
	for i, d := range s.Dims() {
		if all[i] = d; i == 0 && d == batch {
			all[i] = "N"
		}
	}
	return all
}

// Inline implements graph.Exchange.
func (w *writer) Inline(f *graph.Func, in []string) []string {
	at := map[*graph.Node]string{}
	for i, n := range f.In {
		at[n] = in[i]
	}
	for _, inst := range graph.Reachable(f.Out) {
		if _, leaf := inst.Op().(graph.Leaf); leaf {
			continue
		}
		operands := make([]string, len(inst.In()))
		for i, n := range inst.In() {
			operands[i] = at[n]
		}
		for i, name := range w.inst(inst, operands) {
			if i < len(inst.Out()) {
				at[inst.Out()[i]] = name
			}
		}
	}
	out := make([]string, len(f.Out))
	for i, n := range f.Out {
		out[i] = at[n]
	}
	return out
}

// inst writes one instruction and returns the names of its results.
func (w *writer) inst(n *graph.Inst, in []string) []string {
	switch op := n.Op().(type) {
	case *graph.Const:
		return []string{w.Constant(op.Value)}
	case graph.Fill:
		return []string{w.fill(op)}
	case graph.Named:
		return w.elementwise(n, in, func(in []string) []string { return []string{w.Add(op.ONNX(), in)} })
	case graph.Exporter:
		return w.elementwise(n, in, func(in []string) []string { return op.Export(w, in, n) })
	case graph.Call:
		return w.Inline(op.Body, in)
	case ops.Decomposer:
		return w.decomposed(op, in, n)
	}
	return w.Unsupported(n.Op().Name(), len(n.Out()))
}

// Unsupported implements graph.Exchange.
func (w *writer) Unsupported(what string, results int) []string {
	w.missing[what] = true
	return slices.Repeat([]string{""}, results)
}

// fill writes a value of equal elements.
func (w *writer) fill(f graph.Fill) string {
	one := tensor.Type{DType: f.Of.DType, Shape: tensor.Dims()}
	v := tensor.NewWide(one)
	graph.Fill{Value: f.Value, Of: one}.Ref([]tensor.Wide{v}, nil)
	scalar := w.Constant(v.Narrow())
	if f.Of.Shape.Rank() == 0 {
		return scalar
	}
	return w.Add("Expand", []string{scalar, w.Constant(ints(f.Of.Shape.Dims()))})
}

// decomposed writes what an operation decomposes into.
func (w *writer) decomposed(op ops.Decomposer, in []string, n *graph.Inst) []string {
	g := graph.New()
	leaves := make([]*graph.Node, len(in))
	for i, t := range n.InTypes() {
		leaves[i] = g.Leaf(fmt.Sprint("in.", i), t)
	}
	f, err := graph.NewFunc(op.Name(), leaves, op.Decompose(leaves))
	if err != nil {
		w.fail(err)
		return in
	}
	return w.Inline(f, in)
}
