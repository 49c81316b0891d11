package lower

import (
	"math"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// InWholeNumbers is m with a QLinearConv in the place of every Conv whose operands
// are dequantized bytes and whose result is only quantized again: the form in which
// tools write quantized models. The sums of such a convolution are whole numbers, so
// what it gives does not depend on the order of sums, and rounding goes
// the same way everywhere. Values named keep are still computed. Sessions run it; it
// has no gradients.
func InWholeNumbers(m *onnx.Model, keep []string) *onnx.Model {
	if v, _ := opsetsOf(m.Opsets)[""]; v < 10 || m.Graph == nil {
		return m
	}
	w := byteGraph{graph: m.Graph, by: map[string]*onnx.Node{}, uses: map[string]int{}}
	quantizes := false
	for n := range m.AllNodes() {
		for _, name := range n.In {
			w.uses[name]++
		}
		for _, g := range n.Graphs() {
			for _, p := range g.Outputs {
				w.uses[p.Name]++
			}
		}
		quantizes = quantizes || n.Op == "QuantizeLinear"
	}
	if !quantizes {
		return m
	}
	for _, name := range keep {
		w.uses[name]++
	}
	for _, n := range m.Graph.Nodes {
		for _, name := range n.Out {
			w.by[name] = n
		}
	}
	g := *m.Graph
	g.Nodes = w.nodes()
	changed := *m
	changed.Graph = &g
	return &changed
}

// byteGraph looks for the nodes of a graph that whole numbers can do.
type byteGraph struct {
	graph *onnx.Graph
	by    map[string]*onnx.Node // that computes a value
	uses  map[string]int        // of a value
}

// nodes is the graph's nodes, those changed that can be, without what only these
// used.
func (w *byteGraph) nodes() []*onnx.Node {
	list, gone := slices.Clone(w.graph.Nodes), map[*onnx.Node]bool{}
	for i, q := range list {
		conv := w.conv(q)
		if conv == nil {
			continue
		}
		list[i] = w.quantized(q, conv)
		gone[conv] = true
		for _, name := range conv.In {
			if w.uses[name]--; w.uses[name] == 0 {
				gone[w.by[name]] = true
			}
		}
	}
	return slices.DeleteFunc(list, func(n *onnx.Node) bool { return gone[n] })
}

// quantized is the one node that does what q makes of conv's result.
func (w *byteGraph) quantized(q, conv *onnx.Node) *onnx.Node {
	x, filters := w.by[conv.In[0]], w.by[conv.In[1]]
	in := slices.Concat(x.In, filters.In, q.In[1:])
	if len(conv.In) > 2 {
		in = append(in, w.by[conv.In[2]].In[0])
	}
	return &onnx.Node{Name: q.Name, Op: "QLinearConv", Doc: conv.Doc, In: in, Out: q.Out, Attrs: conv.Attrs}
}

// conv is the convolution before q that can be of whole numbers, or nil.
func (w *byteGraph) conv(q *onnx.Node) *onnx.Node {
	if q.Op != "QuantizeLinear" || q.Domain != "" || len(q.In) != 3 || w.single(q.In[1]) == nil || !w.bytes(q.In[2]) {
		return nil
	}
	c := w.by[q.In[0]]
	if c == nil || c.Op != "Conv" || c.Domain != "" || w.uses[q.In[0]] != 1 || len(c.In) < 2 || len(c.In) > 3 {
		return nil
	}
	x, filters := w.dequantized(c.In[0]), w.dequantized(c.In[1])
	if x == nil || filters == nil {
		return nil
	}
	step, steps := w.single(x.In[1]), w.elements(filters.In[1], tensor.Float32)
	if axis, given := filters.Attr("axis"); step == nil || steps == nil || len(steps) > 1 && !(given && axis.Int == 0) {
		return nil
	}
	if len(c.In) == 3 && !w.biased(c.In[2], step[0], steps) {
		return nil
	}
	return c
}

// dequantized is the node that dequantizes bytes to a value, with a zero point of
// theirs, or nil.
func (w *byteGraph) dequantized(name string) *onnx.Node {
	n := w.by[name]
	if n == nil || n.Op != "DequantizeLinear" || n.Domain != "" || len(n.In) != 3 || !w.bytes(n.In[2]) {
		return nil
	}
	if _, given := n.Attr("block_size"); given {
		return nil
	}
	return n
}

// biased says whether a value is whole numbers of int32 times the steps of x and of
// the filters, as the sums of products are.
func (w *byteGraph) biased(name string, x float64, filters []float64) bool {
	n := w.by[name]
	if n == nil || n.Op != "DequantizeLinear" || n.Domain != "" || len(n.In) < 2 {
		return false
	}
	t, steps := w.graph.Init(n.In[0]), w.elements(n.In[1], tensor.Float32)
	if t == nil || w.elements(n.In[0], tensor.Int32) == nil || len(t.Dims) != 1 || len(steps) != len(filters) {
		return false
	}
	if len(n.In) > 2 {
		zero := w.elements(n.In[2], tensor.Int32)
		if zero == nil || slices.ContainsFunc(zero, func(v float64) bool { return v != 0 }) {
			return false
		}
	}
	const rounding = 1e-6
	for i, s := range steps {
		if !(math.Abs(s-x*filters[i]) <= rounding*s) {
			return false
		}
	}
	return true
}

// single is the one element of an initialiser of float32, or nil.
func (w *byteGraph) single(name string) []float64 {
	if v := w.elements(name, tensor.Float32); len(v) == 1 {
		return v
	}
	return nil
}

// elements is those of an initialiser of type d that no caller can change, at most
// as many as there may be filters; nil if it is none.
func (w *byteGraph) elements(name string, d tensor.DType) []float64 {
	const most = 1 << 20
	t := w.graph.Init(name)
	if t == nil || slices.ContainsFunc(w.graph.Inputs, func(p *onnx.Port) bool { return p.Name == name }) {
		return nil
	}
	typ, err := t.Type()
	if n, ok := t.Size(); err != nil || typ.DType != d || !ok || n > most {
		return nil
	}
	value, err := t.Value()
	if err != nil {
		return nil
	}
	wide := tensor.Widen(value)
	list := wide.F
	for _, v := range wide.I {
		list = append(list, float64(v))
	}
	return list
}

// bytes says whether an initialiser is a zero point of bytes.
func (w *byteGraph) bytes(name string) bool {
	return w.elements(name, tensor.Uint8) != nil || w.elements(name, tensor.Int8) != nil
}
