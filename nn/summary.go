package nn

import (
	"reflect"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Row is one layer in a table of a model.
type Row struct {
	Path   string
	Layer  string // its Go type, such as "Conv"
	Out    tensor.Type
	Params int   // trained numbers that no earlier row has
	State  int   // numbers of buffers that no earlier row has
	FLOPs  int64 // of the whole batch, in inference; a multiply-add is two
}

// Summary lists the layers of root that hold no others, in the order in which
// inference applies them to an input of type in, and a last row without a path
// for the whole, which also counts what is outside of them.
func Summary(root Layer, in tensor.Type) ([]Row, error) {
	c := NewCtx(root)
	y := root.Forward(c, c.Graph.Leaf("summary's input", in))
	if err := c.Graph.Err(); err != nil {
		return nil, err
	}
	var rows []Row
	for i, call := range c.calls {
		if i+1 < len(c.calls) && c.calls[i+1].Depth > call.Depth {
			continue
		}
		rows = append(rows, c.row(call))
	}
	whole := Call{Layer: root, Out: y, last: len(c.Graph.Insts()), usedAfter: len(c.used)}
	return append(rows, c.row(whole)), nil
}

func (c *Ctx) row(call Call) Row {
	r := Row{Path: call.Path, Layer: typeName(call.Layer), Out: call.Out.Type()}
	for _, p := range call.Params(c) {
		if p.Buffer {
			r.State += p.Value.Shape().Size()
		} else {
			r.Params += p.Value.Shape().Size()
		}
	}
	for _, n := range c.Graph.Insts()[call.first:call.last] {
		r.FLOPs += flops(n)
	}
	return r
}

// flops is what an instruction says it costs, or one for each element of its
// results; leaves and constants cost nothing.
func flops(n *graph.Inst) int64 {
	if len(n.In()) == 0 {
		return 0
	}
	if c, ok := n.Op().(graph.Costed); ok {
		return c.FLOPs(n.InTypes(), n.OutTypes())
	}
	if a, ok := n.Op().(graph.Aliasing); ok && a.Aliases() {
		return 0
	}
	sum := int64(0)
	for _, t := range n.OutTypes() {
		sum += int64(t.Shape.Size())
	}
	return sum
}

// typeName is the layer's type without its package.
func typeName(l Layer) string {
	t := reflect.TypeOf(l)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}
