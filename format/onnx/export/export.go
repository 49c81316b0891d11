// Package export writes graphs as ONNX models. What an operation is in ONNX it
// says itself ([graph.Exporter], [graph.Named]); an operation that says nothing
// is written as what it decomposes into. Layouts are changed where they must be,
// and nowhere else: transpositions move through what does not mind them, and
// cancel.
package export

import (
	"fmt"
	"sort"
	"strings"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Opset is the version of ONNX's operators that is written unless another is
// asked for.
const Opset = 21

// The versions that can be written.
const (
	MinOpset = 18
	MaxOpset = 26
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
}

// UnsupportedError lists the operations of a graph that ONNX has no operators for.
type UnsupportedError struct{ Ops []string }

// Error lists them all.
func (e *UnsupportedError) Error() string {
	return "onnx: operations that cannot be written: " + strings.Join(e.Ops, ", ")
}

// Func writes f as a model, all sizes as they are. See [Batched] for a model of
// batches of any size.
func Func(f *graph.Func, s Spec) (*onnx.Model, error) {
	if s.Opset == 0 {
		s.Opset = Opset
	}
	if s.Opset < MinOpset || s.Opset > MaxOpset {
		return nil, fmt.Errorf("onnx: opset %d; %d to %d can be written", s.Opset, MinOpset, MaxOpset)
	}
	b := onnx.NewBuilder(s.Name)
	g, _ := b.Graph()
	w := newWriter(g, s.Opset)
	in, err := w.inputs(f, s)
	if err != nil {
		return nil, err
	}
	names, err := w.outputNames(f, s)
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
	for i, n := range f.Out {
		w.output(out[i], names[i], n.Type())
	}
	if w.err != nil {
		return nil, w.err
	}
	prune(g)
	w.rename(g)
	return b.Model(s.Opset)
}

func (w *writer) inputs(f *graph.Func, s Spec) ([]string, error) {
	names := make([]string, len(f.In))
	if len(s.Inputs) > len(f.In) {
		return nil, fmt.Errorf("onnx: names of %d inputs, there are %d", len(s.Inputs), len(f.In))
	}
	for i := range s.Params {
		if i < 0 || i >= len(f.In) {
			return nil, fmt.Errorf("onnx: a value for input %d of %d", i, len(f.In))
		}
	}
	for i, n := range f.In {
		label := n.Op().(graph.Leaf).Label
		if i < len(s.Inputs) && s.Inputs[i] != "" {
			label = s.Inputs[i]
		}
		if w.names[label] || label == "" {
			return nil, fmt.Errorf("onnx: two inputs are named %q", label)
		}
		if value, ok := s.Params[i]; ok {
			if value.Type() != n.Type() {
				return nil, fmt.Errorf("onnx: parameter %q is %v, want %v", label, value.Type(), n.Type())
			}
			names[i] = w.hold(label, value)
			continue
		}
		names[i] = w.input(label, n.Type())
	}
	return names, nil
}

// outputNames takes the names of outputs, before layers can have them.
func (w *writer) outputNames(f *graph.Func, s Spec) ([]string, error) {
	names := make([]string, len(f.Out))
	if len(s.Outputs) > len(f.Out) {
		return nil, fmt.Errorf("onnx: names of %d outputs, there are %d", len(s.Outputs), len(f.Out))
	}
	for i := range names {
		if i < len(s.Outputs) {
			names[i] = s.Outputs[i]
		}
		if names[i] == "" {
			names[i] = fmt.Sprint("output", i)
		}
		if w.names[names[i]] {
			return nil, fmt.Errorf("onnx: an output is named %q as an input, a parameter or another output is", names[i])
		}
		w.names[names[i]] = true
	}
	return names, nil
}

// Inline implements graph.Exchange.
func (w *writer) Inline(f *graph.Func, in []string) []string {
	at := map[*graph.Node]string{}
	for i, n := range f.In {
		at[n] = in[i]
		w.learn(in[i], n.Type())
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
				w.learn(name, inst.Out()[i].Type())
				w.label(name, inst.Out()[i].Name())
			}
		}
	}
	out := make([]string, len(f.Out))
	for i, n := range f.Out {
		out[i] = at[n]
	}
	return out
}
