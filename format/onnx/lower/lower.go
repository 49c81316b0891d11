package lower

import (
	"fmt"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Binding says what the inputs of a model are, and what is wanted of its graph.
type Binding struct {
	// Types of inputs that become leaves, labelled by their names.
	Types map[string]tensor.Type
	// Values of inputs that become constants: what depends on them is decided.
	Values map[string]tensor.Tensor
	// Nodes that are inputs, all of one graph; the model is built into it.
	Nodes map[string]*graph.Node

	// Outputs names the values wanted; nil means the model's outputs.
	Outputs []string
	// Param says which initialisers are leaves, labelled by their names, rather
	// than constants; nil means none.
	Param func(name string, t tensor.Type) bool
	// Weight is the node for an initialiser of floats, by name; where it is nil,
	// or gives nil, Param decides.
	Weight func(name string) *graph.Node
	// Update is told the next value of an initialiser that training changes by
	// itself: the running statistics of normalisations. It may be nil.
	Update func(name string, next *graph.Node)
	// Fixed says which initialisers keep their values in training: a normalisation
	// whose statistics do is computed as in inference. nil means none.
	Fixed func(name string) bool
	// Train builds what training computes: batch statistics, dropout.
	Train bool
	// Key is the key of random operators and a number that tells one's draws from
	// another's; nil means a leaf [KeyLabel].
	Key func() (key *graph.Node, stream uint64)
	// Floats is the element type that narrower floats of the model, and of Types,
	// become: Float64 to check gradients, Float32 to train a model of float16.
	// The zero DType leaves all as they are.
	Floats tensor.DType
}

// Lowered is a model as a graph.
type Lowered struct {
	Graph   *graph.Graph
	Inputs  []*graph.Node // the leaves of Types, in the model's order
	Outputs []*graph.Node
	Params  []Param
	Layers  []Layer // the nodes of the model's own graph that compute something
	byName  map[string]*graph.Node
}

// Value is the node of an ONNX value of the model's own graph by name, or nil:
// there is none, or it is known without any input.
func (x *Lowered) Value(name string) *graph.Node { return x.byName[name] }

// Lower builds the graph of m for inputs as bound. A model whose shapes depend on
// data is a [DynamicError].
func Lower(m *onnx.Model, b Binding) (x *Lowered, err error) {
	defer caught(&err)
	if err := checkOperators(m); err != nil {
		return nil, err
	}
	g := graph.New()
	for _, n := range b.Nodes {
		g = n.Graph()
	}
	l := newLowering(m, options{train: b.Train, floats: b.Floats, param: b.Param, weight: b.Weight, update: b.Update, key: b.Key, fixed: b.Fixed}, g)
	x = &Lowered{Graph: g, byName: l.byName}
	inputs, err := l.bound(b, x)
	if err != nil {
		return nil, err
	}
	outputs := b.Outputs
	if outputs == nil {
		for _, p := range m.Graph.Outputs {
			outputs = append(outputs, p.Name)
		}
	}
	values, err := l.model1(inputs, outputs)
	if err != nil {
		return nil, err
	}
	for _, v := range values {
		x.Outputs = append(x.Outputs, l.nodeOf(v))
	}
	x.Params, x.Layers = l.params, l.settleLayers(x.Outputs)
	return x, g.Err()
}

// bound is the values of the inputs.
func (l *lowering) bound(b Binding, x *Lowered) ([]*value, error) {
	inputs := make([]*value, len(l.model.Graph.Inputs))
	for i, p := range l.model.Graph.Inputs {
		t, typed := b.Types[p.Name]
		content, fixed := b.Values[p.Name]
		n, given := b.Nodes[p.Name]
		switch {
		case given:
			inputs[i] = l.nodeValue(n)
		case fixed:
			inputs[i] = knownValue(TensorHost(l.tensorHere(content)))
		case typed:
			leaf := l.root.Leaf(p.Name, l.typeHere(t)).Named(p.Name)
			x.Inputs = append(x.Inputs, leaf)
			inputs[i] = l.nodeValue(leaf)
		case l.model.Graph.Init(p.Name) == nil && !isOptional(p.Type):
			return nil, &InputError{p.Name, "is not bound"}
		}
		if inputs[i] != nil {
			l.byName[p.Name] = inputs[i].node
		}
	}
	if l.root.Err() != nil {
		return nil, fmt.Errorf("onnx: %w", l.root.Err())
	}
	return inputs, nil
}
