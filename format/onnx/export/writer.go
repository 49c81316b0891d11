package export

import (
	"fmt"
	"strings"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// writer is a [graph.Exchange] onto a builder.
type writer struct {
	b       *onnx.Builder
	opset   int64
	missing map[string]bool   // operations that cannot be written
	consts  map[string]string // names of constants by type and content
	turned  map[string]turn   // values that are transpositions of others
	err     error
}

// turn is a transposition of a value.
type turn struct {
	of   string
	perm []int
}

func newWriter(b *onnx.Builder, opset int64) *writer {
	return &writer{b: b, opset: opset, missing: map[string]bool{}, consts: map[string]string{}, turned: map[string]turn{}}
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// Add implements graph.Exchange.
func (w *writer) Add(op string, in []string, attrs ...graph.Attribute) string {
	if op == "Transpose" && len(attrs) == 1 {
		if perm, ok := attrs[0].Value.([]int); ok {
			return w.transpose(in[0], perm)
		}
	}
	return w.AddMany(op, in, 1, attrs...)[0]
}

// AddMany implements graph.Exchange.
func (w *writer) AddMany(op string, in []string, results int, attrs ...graph.Attribute) []string {
	n := &onnx.Node{Op: op, In: in}
	for _, a := range attrs {
		n.Attrs = append(n.Attrs, w.attr(a))
	}
	return w.b.AddNode(n, results)
}

func (w *writer) attr(a graph.Attribute) onnx.Attr {
	switch v := a.Value.(type) {
	case int:
		return onnx.Int(a.Name, int64(v))
	case []int:
		y := make([]int64, len(v))
		for i, x := range v {
			y[i] = int64(x)
		}
		return onnx.Ints(a.Name, y...)
	case float64:
		return onnx.Float(a.Name, float32(v))
	case []float64:
		y := make([]float32, len(v))
		for i, x := range v {
			y[i] = float32(x)
		}
		return onnx.Floats(a.Name, y...)
	case string:
		return onnx.String(a.Name, v)
	case tensor.DType:
		e, ok := onnx.ElemOf(v)
		if !ok {
			w.fail(fmt.Errorf("onnx: the format has no %v", v))
		}
		return onnx.Int(a.Name, int64(e))
	case *onnx.Graph:
		return onnx.GraphAttr(a.Name, v)
	}
	w.fail(fmt.Errorf("onnx: attribute %q is %T", a.Name, a.Value))
	return onnx.Attr{Name: a.Name}
}

// Constant implements graph.Exchange.
func (w *writer) Constant(t tensor.Tensor) string {
	key := t.Type().String() + string(t.Bytes())
	if name, ok := w.consts[key]; ok {
		return name
	}
	name := w.b.Init("constant", t)
	w.consts[key] = name
	return name
}

// Body implements graph.Exchange.
func (w *writer) Body(name string, in []tensor.Type, write func(x graph.Exchange, in []string) []string) graph.Attribute {
	b := newWriter(w.b.Body(name), w.opset)
	b.missing = w.missing
	names := make([]string, len(in))
	for i, t := range in {
		e, _ := onnx.ElemOf(t.DType)
		names[i] = b.b.Input(b.b.Unused(name+"_in"), e, dims(t.Shape, 0)...)
	}
	for _, out := range write(b, names) {
		y := b.b.Add("Identity", []string{out})
		b.b.OutputAny(y, onnx.ElemNone)
	}
	g, err := b.b.Graph()
	if err == nil {
		err = b.err
	}
	if err != nil {
		w.fail(err)
		return graph.Attribute{Name: name}
	}
	prune(g)
	return graph.Attribute{Name: name, Value: g}
}

// transpose writes a transposition; one of a transposition becomes a single one,
// or none.
func (w *writer) transpose(x string, perm []int) string {
	if t, ok := w.turned[x]; ok {
		both := make([]int, len(perm))
		for i, p := range perm {
			both[i] = t.perm[p]
		}
		x, perm = t.of, both
	}
	if isIdentity(perm) {
		return x
	}
	if t := w.b.Held(x); t != nil {
		return w.fold(x, t, perm)
	}
	y := w.AddMany("Transpose", []string{x}, 1, graph.Attribute{Name: "perm", Value: perm})[0]
	w.turned[y] = turn{x, perm}
	return y
}

// fold is a tensor that the model holds, transposed where it is held; under its
// own name if it is not used as it was, see [settleNames].
func (w *writer) fold(name string, t *onnx.Tensor, perm []int) string {
	key := fmt.Sprint("transposed ", name, perm)
	if y, ok := w.consts[key]; ok {
		return y
	}
	v, err := t.Value()
	if err != nil {
		w.fail(err)
		return name
	}
	x := graph.New().Constant(v)
	f, err := graph.NewFunc("transpose", nil, []*graph.Node{ops.Transpose(x, perm...)})
	if err != nil {
		w.fail(err)
		return name
	}
	y := w.b.Init(name+foldedSuffix, graph.Eval(f, nil)[0].Narrow())
	w.consts[key] = y
	return y
}

// foldedSuffix marks tensors that are others transposed.
const foldedSuffix = ".T"

// settleNames gives tensors that are others transposed the others' names, where
// those are not used.
func settleNames(g *onnx.Graph) {
	used, to := map[string]bool{}, map[string]string{}
	for _, t := range g.Inits {
		used[t.Name] = true
	}
	for _, t := range g.Inits {
		if name, ok := strings.CutSuffix(t.Name, foldedSuffix); ok && !used[name] {
			to[t.Name], t.Name = name, name
		}
	}
	g.AllNodes(func(n *onnx.Node) bool {
		for i, name := range n.In {
			if y, ok := to[name]; ok {
				n.In[i] = y
			}
		}
		return true
	})
}

func isIdentity(perm []int) bool {
	for i, p := range perm {
		if i != p {
			return false
		}
	}
	return true
}

// elementwise writes n by write. Where n works element by element and all its
// operands are transposed alike, it works on what they are transpositions of,
// and its result is transposed: so a chain of layers keeps one layout.
func (w *writer) elementwise(n *graph.Inst, in []string, write func(in []string) []string) []string {
	first, ok := w.turned[in[0]]
	_, each := n.Op().(graph.Elementwise)
	ok = ok && each && len(n.Out()) == 1
	bases := make([]string, len(in))
	for i, x := range in {
		t, turned := w.turned[x]
		if ok = ok && turned && fmt.Sprint(t.perm) == fmt.Sprint(first.perm); ok {
			bases[i] = t.of
		}
	}
	if !ok {
		return write(in)
	}
	return []string{w.transpose(write(bases)[0], first.perm)}
}

// ints is a vector of int64.
func ints(v []int) tensor.Tensor {
	y := make([]int64, len(v))
	for i, x := range v {
		y[i] = int64(x)
	}
	return tensor.From(tensor.Dims(len(v)), y)
}

// prune removes nodes and initialisers that nothing needs.
func prune(g *onnx.Graph) {
	need := map[string]bool{}
	for _, p := range g.Outputs {
		need[p.Name] = true
	}
	var kept []*onnx.Node
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		n := g.Nodes[i]
		wanted := false
		for _, name := range n.Out {
			wanted = wanted || need[name]
		}
		if !wanted {
			continue
		}
		kept = append(kept, n)
		needs(n, need)
	}
	g.Nodes = g.Nodes[:0]
	for i := len(kept) - 1; i >= 0; i-- {
		g.Nodes = append(g.Nodes, kept[i])
	}
	inits := g.Inits
	g.Inits = nil
	for _, t := range inits {
		if need[t.Name] {
			g.Inits = append(g.Inits, t)
		}
	}
}

// needs marks the values that n uses, itself or in its graphs.
func needs(n *onnx.Node, need map[string]bool) {
	for _, name := range n.In {
		need[name] = true
	}
	for _, g := range n.Graphs() {
		for _, inner := range g.Nodes {
			needs(inner, need)
		}
		for _, p := range g.Outputs {
			need[p.Name] = true
		}
	}
}
