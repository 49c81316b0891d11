// Package inspect says what a model is: what goes in and out, what it is made
// of, what each of its layers costs, and how it looks.
package inspect

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// Summary is what there is to say of a model.
type Summary struct {
	Producer  string           `json:"producer,omitempty"`
	IR        int64            `json:"ir_version"`
	Opsets    map[string]int64 `json:"opsets"`
	Inputs    []Port           `json:"inputs"`
	Outputs   []Port           `json:"outputs"`
	Operators []Count          `json:"operators"`
	Missing   []string         `json:"missing,omitempty"` // operators that have no rule here

	Parameters  int64 `json:"parameters"` // elements of float initialisers and constants
	WeightBytes int64 `json:"weight_bytes"`

	// Dynamic says why the rest is not known: something depends on data.
	Dynamic     string  `json:"dynamic,omitempty"`
	Layers      []Layer `json:"layers,omitempty"`
	MACs        int64   `json:"macs"`
	FLOPs       int64   `json:"flops"` // a multiply-add is two
	Activations int64   `json:"activation_bytes"`
	Peak        int64   `json:"peak_bytes"` // memory of a run beside weights
}

// Port is an input or output.
type Port struct {
	Name  string `json:"name"`
	Type  string `json:"type"`            // as the file states it
	Bound string `json:"bound,omitempty"` // as it was counted with
}

// Count is how often an operator occurs.
type Count struct {
	Op string `json:"op"`
	N  int    `json:"n"`
}

// Layer is one node of the model.
type Layer struct {
	Name       string `json:"name"`
	Op         string `json:"op"`
	Out        string `json:"out"`
	Parameters int64  `json:"parameters"`
	MACs       int64  `json:"macs"`
	FLOPs      int64  `json:"flops"`
	Bytes      int64  `json:"bytes"` // of its results
}

// Sizes is what the names of sizes in a model's types stand for; a size without
// is 1.
type Sizes map[string]int

// Of looks at m for inputs of the given sizes and, where the course of the
// computation depends on them, contents.
func Of(m *onnx.Model, sizes Sizes, values map[string]tensor.Tensor) (*Summary, *lower.Lowered, error) {
	s := &Summary{Producer: m.Producer, IR: m.IR, Opsets: map[string]int64{}}
	for _, o := range m.Opsets {
		s.Opsets[cmp.Or(o.Domain, "ai.onnx")] = o.Version
	}
	s.count(m)
	types, err := lower.InputTypes(m, sizes)
	if err != nil {
		s.Dynamic = err.Error()
	}
	s.ports(m, types)
	if err != nil {
		return s, nil, nil
	}
	for name := range values {
		delete(types, name)
	}
	x, err := lower.Lower(m, lower.Binding{Types: types, Values: values})
	var missing *lower.MissingError
	var dynamic *lower.DynamicError
	switch {
	case errors.As(err, &missing):
		s.Missing = missing.Ops
		return s, nil, nil
	case errors.As(err, &dynamic):
		s.Dynamic = err.Error()
		return s, nil, nil
	case err != nil:
		s.Dynamic = fmt.Sprintf("%v; the sizes that the model leaves open were taken to be %v", err, assumed(m, sizes))
		return s, nil, nil
	}
	return s, x, s.cost(x)
}

// assumed is the sizes that a model's inputs leave open, as they were bound.
func assumed(m *onnx.Model, sizes Sizes) Sizes {
	y := Sizes{}
	for _, p := range m.Graph.Inputs {
		if p.Type == nil {
			continue
		}
		for i, d := range p.Type.Dims {
			if d.Size < 0 {
				name := cmp.Or(d.Name, fmt.Sprintf("%s axis %d", p.Name, i))
				y[name] = max(1, sizes[d.Name])
			}
		}
	}
	return y
}

// count counts operators and weights.
func (s *Summary) count(m *onnx.Model) {
	ops := map[string]int{}
	for n := range m.AllNodes() {
		ops[n.OpName()]++
	}
	for _, name := range slices.Sorted(maps.Keys(ops)) {
		s.Operators = append(s.Operators, Count{name, ops[name]})
	}
	slices.SortStableFunc(s.Operators, func(a, b Count) int { return b.N - a.N })
	for t := range m.Tensors() {
		n, _ := t.Size()
		d, ok := t.Elem.DType()
		if !ok {
			continue
		}
		s.WeightBytes += (n*int64(d.Bits()) + 7) / 8
		if d.Float() {
			s.Parameters += n
		}
	}
}

func (s *Summary) ports(m *onnx.Model, types map[string]tensor.Type) {
	for _, p := range m.Graph.Inputs {
		if m.Graph.Init(p.Name) != nil {
			continue
		}
		port := Port{Name: p.Name, Type: p.Type.String()}
		if t, ok := types[p.Name]; ok {
			port.Bound = t.String()
		}
		s.Inputs = append(s.Inputs, port)
	}
	for _, p := range m.Graph.Outputs {
		s.Outputs = append(s.Outputs, Port{Name: p.Name, Type: p.Type.String()})
	}
}

// cost adds what the layers cost.
func (s *Summary) cost(x *lower.Lowered) error {
	for _, l := range x.Layers {
		row := Layer{Name: cmp.Or(l.Node.Name, first(l.Node.Out)), Op: l.Node.OpName(), Parameters: l.Weights, MACs: l.MACs, FLOPs: l.FLOPs}
		for i, t := range l.Out {
			if t.DType.Bits() == 0 {
				continue
			}
			if row.Bytes += int64(t.Bytes()); i == 0 {
				row.Out = t.String()
			}
		}
		s.Layers = append(s.Layers, row)
		s.MACs += row.MACs
		s.FLOPs += row.FLOPs
		s.Activations += row.Bytes
	}
	for i := range s.Outputs {
		if i < len(x.Outputs) {
			s.Outputs[i].Bound = x.Outputs[i].Type().String()
		}
	}
	f, err := graph.NewFunc("model", x.Inputs, x.Outputs)
	if err != nil {
		return err
	}
	p, err := plan.Compile(f, plan.Options{})
	if err != nil {
		return err
	}
	s.Peak = int64(p.Stats().Peak)
	return nil
}

func first(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}
