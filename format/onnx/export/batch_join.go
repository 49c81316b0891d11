package export

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// joint makes one graph of two that were written for different batches: the first,
// with what differs computed.
type joint struct {
	root   *onnx.Graph
	a, b   map[string]*onnx.Tensor // the initialisers of each
	names  map[string]bool         // of all values
	input  string                  // that has the batch as its first axis
	size   string                  // the batch as a vector of one number
	made   map[string]string       // names of computed values by their numbers
	before []*onnx.Node            // what computes them
}

func newJoint(a, b *onnx.Graph) *joint {
	j := &joint{root: a, a: map[string]*onnx.Tensor{}, b: map[string]*onnx.Tensor{}, names: map[string]bool{}, made: map[string]string{}}
	for _, t := range a.Inits {
		j.a[t.Name], j.names[t.Name] = t, true
	}
	for _, t := range b.Inits {
		j.b[t.Name] = t
	}
	for _, p := range a.Inputs {
		j.names[p.Name] = true
	}
	a.AllNodes(func(n *onnx.Node) bool {
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
	for i, p := range a.Inputs {
		if i < len(b.Inputs) && len(p.Type.Dims) > 0 && p.Type.Dims[0] != b.Inputs[i].Type.Dims[0] {
			j.input = p.Name
			break
		}
	}
	return j
}

// graphs walks two graphs in step.
func (j *joint) graphs(a, b *onnx.Graph) error {
	if len(a.Nodes) != len(b.Nodes) {
		return fmt.Errorf("graph %q has %d nodes at one size and %d at another", a.Name, len(a.Nodes), len(b.Nodes))
	}
	if err := ports(a.Inputs, b.Inputs); err != nil {
		return err
	}
	if err := ports(a.Outputs, b.Outputs); err != nil {
		return err
	}
	for i, n := range a.Nodes {
		if err := j.node(n, b.Nodes[i]); err != nil {
			return fmt.Errorf("%s: %w", n.Title(i), err)
		}
	}
	return nil
}

// ports names the axes of a that are the batch.
func ports(a, b []*onnx.Port) error {
	if len(a) != len(b) {
		return fmt.Errorf("%d and %d inputs or outputs", len(a), len(b))
	}
	for i, p := range a {
		to := b[i].Type.Dims
		if p.Name != b[i].Name || len(p.Type.Dims) != len(to) {
			return fmt.Errorf("input or output %q is another at another size", p.Name)
		}
		for k, d := range p.Type.Dims {
			if d == to[k] {
				continue
			}
			p.Type.Dims[k] = onnx.Dim{Size: -1}
			if n, ok := between(d.Size, to[k].Size); ok && n.isBatch() {
				p.Type.Dims[k].Name = BatchName
			}
		}
	}
	return nil
}

func (j *joint) node(a, b *onnx.Node) error {
	if a.Op != b.Op || len(a.In) != len(b.In) || !slices.Equal(a.Out, b.Out) || len(a.Attrs) != len(b.Attrs) {
		return fmt.Errorf("is a %s at another size", b.Op)
	}
	for i := range a.Attrs {
		x, y := &a.Attrs[i], &b.Attrs[i]
		if x.Graph != nil && y.Graph != nil {
			if err := j.graphs(x.Graph, y.Graph); err != nil {
				return err
			}
		} else if !reflect.DeepEqual(x, y) {
			return fmt.Errorf("its attribute %q depends on the batch", x.Name)
		}
	}
	for i, name := range a.In {
		x, y := j.a[name], j.b[b.In[i]]
		switch {
		case x == nil && y == nil && name == b.In[i]:
		case x == nil || y == nil:
			return fmt.Errorf("uses %q at one size and %q at another", name, b.In[i])
		default:
			to, err := j.operand(a.Op, x, y)
			if err != nil {
				return fmt.Errorf("operand %d: %w", i, err)
			}
			a.In[i] = to
		}
	}
	return nil
}

// operand is the name of a value that is x at one size and y at the other.
func (j *joint) operand(op string, x, y *onnx.Tensor) (string, error) {
	v, err := x.Value()
	if err != nil {
		return "", err
	}
	w, err := y.Value()
	if err != nil {
		return "", err
	}
	if v.Type() == w.Type() && bytes.Equal(v.Bytes(), w.Bytes()) {
		return x.Name, nil
	}
	if v.Type() != w.Type() || v.DType() != tensor.Int64 || v.Shape().Rank() > 1 {
		return "", fmt.Errorf("a constant of %v depends on the batch", v.Type())
	}
	if j.input == "" {
		return "", fmt.Errorf("no input has the batch as its first axis")
	}
	numbers := make([]affine, v.Shape().Size())
	for i, a := range tensor.Of[int64](v) {
		var ok bool
		if numbers[i], ok = between(a, tensor.Of[int64](w)[i]); !ok {
			return "", fmt.Errorf("number %d of a constant is %d for a batch of %d, %d for %d", i, a, firstBatch, tensor.Of[int64](w)[i], secondBatch)
		}
	}
	if op == "Reshape" {
		if dims, ok := rest(numbers); ok {
			return j.vector(dims), nil
		}
	}
	y0 := j.compute(numbers)
	if v.Shape().Rank() == 0 {
		y0 = j.add("Squeeze", []string{y0})
	}
	return y0, nil
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
