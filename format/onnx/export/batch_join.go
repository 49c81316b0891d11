package export

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// joint makes one graph of three that were written for different batches: the
// first, with what differs computed.
type joint struct {
	root   *onnx.Graph
	held   three[map[string]*onnx.Tensor] // the initialisers of each
	names  map[string]bool                // of all values
	input  string                         // that has the batch as its first axis
	size   string                         // the batch as a vector of one number
	made   map[string]string              // names of computed values by their numbers
	before []*onnx.Node                   // what computes them
}

func newJoint(g three[*onnx.Graph]) *joint {
	j := &joint{root: g[0], names: map[string]bool{}, made: map[string]string{}}
	j.held = of(g, func(g *onnx.Graph) map[string]*onnx.Tensor {
		held := map[string]*onnx.Tensor{}
		for _, t := range g.Inits {
			held[t.Name] = t
		}
		return held
	})
	for name := range j.held[0] {
		j.names[name] = true
	}
	for _, p := range j.root.Inputs {
		j.names[p.Name] = true
	}
	j.root.AllNodes(func(n *onnx.Node) bool {
		for _, name := range n.Out {
			j.names[name] = true
		}
		for _, g := range n.Graphs() {
			for _, p := range g.Inputs {
				j.names[p.Name] = true
			}
		}
		return true
	})
	return j
}

// graphs walks the graphs in step.
func (j *joint) graphs(g three[*onnx.Graph]) error {
	for _, other := range g[1:] {
		if len(other.Nodes) != len(g[0].Nodes) {
			return fmt.Errorf("graph %q has %d nodes at one size and %d at another", g[0].Name, len(g[0].Nodes), len(other.Nodes))
		}
	}
	if err := ports(of(g, func(g *onnx.Graph) []*onnx.Port { return g.Inputs })); err != nil {
		return err
	}
	if err := ports(of(g, func(g *onnx.Graph) []*onnx.Port { return g.Outputs })); err != nil {
		return err
	}
	if g[0] == j.root {
		i := slices.IndexFunc(j.root.Inputs, func(p *onnx.Port) bool { return len(p.Type.Dims) > 0 && p.Type.Dims[0].Name == BatchName })
		if i >= 0 {
			j.input = j.root.Inputs[i].Name
		}
	}
	nodes := of(g, func(g *onnx.Graph) []*onnx.Node { return g.Nodes })
	for i, n := range g[0].Nodes {
		if err := j.node(at(nodes, i)); err != nil {
			return fmt.Errorf("%s: %w", n.Title(i), err)
		}
	}
	return nil
}

// ports names the axes of the first that are the batch.
func ports(lists three[[]*onnx.Port]) error {
	for _, other := range lists[1:] {
		if len(other) != len(lists[0]) {
			return fmt.Errorf("%d and %d inputs or outputs", len(lists[0]), len(other))
		}
	}
	for i, p := range lists[0] {
		same := at(lists, i)
		for _, other := range same[1:] {
			if other.Name != p.Name || len(other.Type.Dims) != len(p.Type.Dims) {
				return fmt.Errorf("input or output %q is another at another size", p.Name)
			}
		}
		for k, d := range p.Type.Dims {
			sizes := of(same, func(p *onnx.Port) int64 { return p.Type.Dims[k].Size })
			if sizes == (three[int64]{d.Size, d.Size, d.Size}) {
				continue
			}
			p.Type.Dims[k] = onnx.Dim{Size: -1}
			if n, ok := between(sizes); ok && n.isBatch() {
				p.Type.Dims[k].Name = BatchName
			}
		}
	}
	return nil
}

func (j *joint) node(n three[*onnx.Node]) error {
	first := n[0]
	for _, other := range n[1:] {
		if first.Op != other.Op || len(first.In) != len(other.In) || !slices.Equal(first.Out, other.Out) || len(first.Attrs) != len(other.Attrs) {
			return fmt.Errorf("is a %s at another size", other.Op)
		}
	}
	attrs := of(n, func(n *onnx.Node) []onnx.Attr { return n.Attrs })
	for i := range first.Attrs {
		if err := j.attr(at(attrs, i)); err != nil {
			return err
		}
	}
	inputs := of(n, func(n *onnx.Node) []string { return n.In })
	for i := range first.In {
		to, err := j.operand(at(inputs, i), first.Op == "Reshape" && i == 1)
		if err != nil {
			return fmt.Errorf("operand %d: %w", i, err)
		}
		first.In[i] = to
	}
	return nil
}

func (j *joint) attr(a three[onnx.Attr]) error {
	if a[0].Graph != nil && a[1].Graph != nil && a[2].Graph != nil {
		return j.graphs(of(a, func(a onnx.Attr) *onnx.Graph { return a.Graph }))
	}
	for _, other := range a[1:] {
		if !reflect.DeepEqual(a[0], other) {
			return fmt.Errorf("its attribute %q depends on the batch", a[0].Name)
		}
	}
	return nil
}

// operand is the name of a value that has these at the sizes; shape says whether it
// is what something is reshaped to.
func (j *joint) operand(names three[string], shape bool) (string, error) {
	var v three[tensor.Tensor]
	held := 0
	for i, name := range names {
		t := j.held[i][name]
		if t == nil {
			continue
		}
		held++
		var err error
		if v[i], err = t.Value(); err != nil {
			return "", err
		}
	}
	if held == 0 && names == (three[string]{names[0], names[0], names[0]}) {
		return names[0], nil
	}
	if held < len(names) {
		return "", fmt.Errorf("is %q at one size and %q at others", names[0], names[1:])
	}
	same := func(t tensor.Tensor) bool { return t.Type() == v[0].Type() && bytes.Equal(t.Bytes(), v[0].Bytes()) }
	if same(v[1]) && same(v[2]) {
		return names[0], nil
	}
	numbers, err := dependent(v)
	if err != nil {
		return "", err
	}
	if j.input == "" {
		return "", fmt.Errorf("no input has the batch as its first axis")
	}
	if shape {
		if dims, ok := rest(numbers); ok {
			return j.vector(dims), nil
		}
	}
	y := j.compute(numbers)
	if v[0].Shape().Rank() == 0 {
		y = j.add("Squeeze", []string{y})
	}
	return y, nil
}

// dependent is how a constant of sizes and places depends on the batch.
func dependent(v three[tensor.Tensor]) ([]affine, error) {
	for _, t := range v {
		if t.Type() != v[0].Type() || t.DType() != tensor.Int64 || t.Shape().Rank() > 1 {
			return nil, fmt.Errorf("a constant of %v depends on the batch", v[0].Type())
		}
	}
	lists := of(v, tensor.Of[int64])
	numbers := make([]affine, v[0].Shape().Size())
	for i := range numbers {
		values := at(lists, i)
		var ok bool
		if numbers[i], ok = between(values); !ok {
			return nil, fmt.Errorf("number %d of a constant is %d for batches of %d", i, values, batches)
		}
	}
	return numbers, nil
}

// rest is a shape in which the only axis that depends on the batch is what is left
// of all elements.
func rest(shape []affine) ([]int64, bool) {
	dims, left := make([]int64, len(shape)), 0
	for i, n := range shape {
		dims[i] = n.rest
		switch {
		case n.factor == 0 && n.rest <= 0 || n.factor != 0 && n.rest != 0:
			return nil, false
		case n.factor != 0:
			dims[i] = -1
			left++
		}
	}
	return dims, left == 1
}
