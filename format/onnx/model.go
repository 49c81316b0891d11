// Package onnx holds models in the Open Neural Network Exchange format: their
// structure as plain Go values, reading and writing of files, and a builder.
// Models of other formats are translated into it, and package lower turns a
// model into graphs that run and can be differentiated.
//
// Reading trusts nothing: see [Limits]. The format is that of onnx.proto3, IR
// versions 1 to 13.
package onnx

// Model is a file.
type Model struct {
	IR              int64 // version of the intermediate representation
	Producer        string
	ProducerVersion string
	Domain          string
	Version         int64
	Doc             string
	Opsets          []Opset
	Graph           *Graph
	Functions       []*Function
	Meta            []KeyValue

	close  func() error
	forget func()
}

// Opset is the version of the operators of one domain that a model uses. The
// empty domain is ONNX's own; "ai.onnx" is read as it.
type Opset struct {
	Domain  string
	Version int64
}

// KeyValue is an entry of a model's metadata.
type KeyValue struct{ Key, Value string }

// Graph is nodes in an order in which values are computed before they are used.
type Graph struct {
	Name    string
	Doc     string
	Nodes   []*Node
	Inits   []*Tensor // the values that the file holds: weights and constants
	Inputs  []*Port   // an input with an initialiser's name has that default
	Outputs []*Port
	Values  []*Port // types that the file states of what is in between
}

// Port is a value that a graph takes, gives or describes.
type Port struct {
	Name string
	Doc  string
	Type *Type // nil where the file says nothing
}

// Node is an operator applied to values. An empty name among In is an optional
// input left out; among Out, a result nobody asks for.
type Node struct {
	Name     string
	Op       string
	Domain   string
	Overload string
	Doc      string
	In, Out  []string
	Attrs    []Attr
}

// Function is an operator that the model defines by a graph.
type Function struct {
	Name, Domain, Overload string
	Doc                    string
	In, Out                []string
	AttrNames              []string // attributes without default
	AttrDefaults           []Attr
	Opsets                 []Opset
	Nodes                  []*Node
	Values                 []*Port
}

// Attr is a named attribute of a node. Kind says which field holds it.
type Attr struct {
	Name string
	Kind AttrKind
	Doc  string
	Ref  string // in a function: the attribute of the function that this one is

	Float   float32
	Int     int64
	Str     []byte
	Tensor  *Tensor
	Graph   *Graph
	Type    *Type
	Floats  []float32
	Ints    []int64
	Strs    [][]byte
	Tensors []*Tensor
	Graphs  []*Graph
	Types   []*Type
}

// AttrKind is what an attribute holds.
type AttrKind int32

// The kinds, by their numbers in files. Sparse tensors are read as dense ones.
const (
	AttrFloat   AttrKind = 1
	AttrInt     AttrKind = 2
	AttrString  AttrKind = 3
	AttrTensor  AttrKind = 4
	AttrGraph   AttrKind = 5
	AttrFloats  AttrKind = 6
	AttrInts    AttrKind = 7
	AttrStrings AttrKind = 8
	AttrTensors AttrKind = 9
	AttrGraphs  AttrKind = 10
	attrSparse  AttrKind = 11
	attrSparses AttrKind = 12
	AttrType    AttrKind = 13
	AttrTypes   AttrKind = 14
)

// Attr finds an attribute of n by name.
func (n *Node) Attr(name string) (*Attr, bool) {
	for i := range n.Attrs {
		if n.Attrs[i].Name == name {
			return &n.Attrs[i], true
		}
	}
	return nil, false
}

// Init finds an initialiser by name, or returns nil.
func (g *Graph) Init(name string) *Tensor {
	for _, t := range g.Inits {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// Opset is the version of the operators of a domain that m imports; 0 for none.
func (m *Model) Opset(domain string) int64 {
	for _, o := range m.Opsets {
		if o.Domain == domain {
			return o.Version
		}
	}
	return 0
}

// MetaValue is the metadata under a key, or empty.
func (m *Model) MetaValue(key string) string {
	for _, kv := range m.Meta {
		if kv.Key == key {
			return kv.Value
		}
	}
	return ""
}

// SetMeta sets the metadata under a key.
func (m *Model) SetMeta(key, value string) {
	for i := range m.Meta {
		if m.Meta[i].Key == key {
			m.Meta[i].Value = value
			return
		}
	}
	m.Meta = append(m.Meta, KeyValue{key, value})
}

// Forget tells the system that the tensors of a model opened with [Open] will
// hardly be looked at any more, such as when programs hold what they need of them:
// the memory that they take is free until then.
func (m *Model) Forget() {
	if m.forget != nil {
		m.forget()
	}
}

// Close gives back the files that the tensors of a model opened with [Open] lie
// in. Neither they nor what runs with them must be used afterwards.
func (m *Model) Close() error {
	f := m.close
	m.close, m.forget = nil, nil
	if f == nil {
		return nil
	}
	return f()
}
