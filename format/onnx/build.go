package onnx

import (
	"fmt"

	"github.com/ihae/ihae/tensor"
)

// Builder writes a graph node by node. Its methods return the names of values;
// names that the caller does not give are made. The first mistake sticks and is
// reported by Model.
type Builder struct {
	graph *Graph
	outer *Builder        // whose values this graph sees
	names map[string]bool // of values of this graph, and others that are taken
	count map[string]int  // of names made from one, in outer graphs, too
	err   error
}

// NewBuilder starts an empty graph.
func NewBuilder(name string) *Builder {
	return &Builder{graph: &Graph{Name: name}, names: map[string]bool{}, count: map[string]int{}}
}

// Fail records a mistake of the caller's; only the first counts.
func (b *Builder) Fail(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf("onnx: "+format, args...)
	}
}

// Err is the first mistake, or nil.
func (b *Builder) Err() error { return b.err }

// Fresh takes a name that no value has yet: base itself, or with a number after
// it.
func (b *Builder) Fresh(base string) string {
	name := b.Unused(base)
	b.names[name] = true
	return name
}

// Unused is the name that Fresh would take.
func (b *Builder) Unused(base string) string {
	name := base
	for b.Has(name) || name == "" {
		b.count[base]++
		name = fmt.Sprintf("%s_%d", base, b.count[base])
	}
	return name
}

// Held is the tensor that the graph holds under a name, or nil.
func (b *Builder) Held(name string) *Tensor { return b.graph.Init(name) }

// Has says whether a value of that name is there.
func (b *Builder) Has(name string) bool {
	for ; b != nil; b = b.outer {
		if b.names[name] {
			return true
		}
	}
	return false
}

func (b *Builder) take(name string) {
	if b.Has(name) || name == "" {
		b.Fail("the value %q is there already", name)
	}
	b.names[name] = true
}

// Input declares an input and returns its name. See [TensorOf] for dims.
func (b *Builder) Input(name string, e Elem, dims ...any) string {
	b.take(name)
	b.graph.Inputs = append(b.graph.Inputs, &Port{Name: name, Type: TensorOf(e, dims...)})
	return name
}

// Output declares that a value is an output; its name is the output's.
func (b *Builder) Output(name string, e Elem, dims ...any) {
	if !b.Has(name) {
		b.Fail("nothing computes the output %q", name)
	}
	b.graph.Outputs = append(b.graph.Outputs, &Port{Name: name, Type: TensorOf(e, dims...)})
}

// OutputAny declares an output of element type e whose shape is not known.
func (b *Builder) OutputAny(name string, e Elem) {
	b.Output(name, e)
	b.graph.Outputs[len(b.graph.Outputs)-1].Type.Ranked = false
}

// Init adds a tensor that the file holds, and returns its name: name, or with a
// number after it if that is taken.
func (b *Builder) Init(name string, t tensor.Tensor) string {
	name = b.Fresh(name)
	b.graph.Inits = append(b.graph.Inits, NewTensor(name, t))
	return name
}

// Ints adds a vector of int64, as shapes, axes and places are given.
func (b *Builder) Ints(name string, v ...int64) string {
	return b.Init(name, tensor.From(tensor.Dims(len(v)), append([]int64{}, v...)))
}

// Scalar adds a float32 without axes.
func (b *Builder) Scalar(name string, v float32) string { return b.Init(name, tensor.Scalar(v)) }

// Add appends a node with one result and returns the result's name, which is
// made from the operator's.
func (b *Builder) Add(op string, in []string, attrs ...Attr) string {
	return b.AddNode(&Node{Op: op, In: in, Attrs: attrs}, 1)[0]
}

// AddAs is Add with a result of the given name.
func (b *Builder) AddAs(name, op string, in []string, attrs ...Attr) string {
	return b.AddNode(&Node{Op: op, In: in, Out: []string{name}, Attrs: attrs}, 1)[0]
}

// AddNode appends n. If it names no results it gets as many as asked.
func (b *Builder) AddNode(n *Node, results int) []string {
	for _, name := range n.In {
		if name != "" && !b.Has(name) {
			b.Fail("%s uses %q, which nothing computes before it", n.OpName(), name)
		}
	}
	if n.Out == nil {
		for range results {
			n.Out = append(n.Out, b.Fresh(n.Op))
		}
	} else {
		for _, name := range n.Out {
			if name != "" {
				b.take(name)
			}
		}
	}
	if len(n.Out) == 0 {
		b.Fail("%s has no results", n.OpName())
		return nil
	}
	if n.Name == "" {
		n.Name = n.Out[0]
	}
	b.graph.Nodes = append(b.graph.Nodes, n)
	return n.Out
}

// Body starts the graph of an attribute, which sees the values of b.
func (b *Builder) Body(name string) *Builder {
	c := NewBuilder(name)
	c.outer, c.count = b, b.count
	return c
}

// Graph is what was built, without a model around it.
func (b *Builder) Graph() (*Graph, error) { return b.graph, b.err }

// Model is what was built, as a model of an opset of ONNX's own operators.
func (b *Builder) Model(opset int64) (*Model, error) {
	if b.err != nil {
		return nil, b.err
	}
	m := &Model{IR: irOf(opset), Producer: "ihae", Opsets: []Opset{{"", opset}}, Graph: b.graph}
	return m, m.Check()
}

// irOf is the first version of the format that came with an opset.
func irOf(opset int64) int64 {
	first := []struct{ opset, ir int64 }{{25, 13}, {24, 12}, {23, 11}, {21, 10}, {19, 9}, {15, 8}, {12, 7}, {11, 6}, {10, 5}, {9, 4}}
	for _, f := range first {
		if opset >= f.opset {
			return f.ir
		}
	}
	return 3
}

// The attributes.

// Int is an attribute of one whole number.
func Int(name string, v int64) Attr { return Attr{Name: name, Kind: AttrInt, Int: v} }

// Ints is an attribute of whole numbers.
func Ints(name string, v ...int64) Attr { return Attr{Name: name, Kind: AttrInts, Ints: v} }

// Float is an attribute of one number.
func Float(name string, v float32) Attr { return Attr{Name: name, Kind: AttrFloat, Float: v} }

// Floats is an attribute of numbers.
func Floats(name string, v ...float32) Attr { return Attr{Name: name, Kind: AttrFloats, Floats: v} }

// String is an attribute of a text.
func String(name, v string) Attr { return Attr{Name: name, Kind: AttrString, Str: []byte(v)} }

// Strings is an attribute of texts.
func Strings(name string, v ...string) Attr {
	a := Attr{Name: name, Kind: AttrStrings}
	for _, s := range v {
		a.Strs = append(a.Strs, []byte(s))
	}
	return a
}

// TensorAttr is an attribute of a tensor.
func TensorAttr(name string, t tensor.Tensor) Attr {
	return Attr{Name: name, Kind: AttrTensor, Tensor: NewTensor("", t)}
}

// GraphAttr is an attribute of a graph: a body of control flow.
func GraphAttr(name string, g *Graph) Attr { return Attr{Name: name, Kind: AttrGraph, Graph: g} }
