package export

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// writer is a [graph.Exchange] onto a graph: that of the model, or a body in it.
type writer struct {
	*model
	g    *onnx.Graph
	used []string // the operators of the instruction that is being written
}

// model is what the graphs of one model have in common. No two values in it have
// one name, whichever graphs they are in, and all constants are in the outermost.
type model struct {
	opset   int64
	root    *onnx.Graph
	missing map[string]bool          // operations that cannot be written
	names   map[string]bool          // of values
	count   map[string]int           // of names made from a base
	held    map[string]tensor.Tensor // what the model holds
	consts  map[string]string        // names of constants by type and content
	folded  map[string]turn          // held values that are others transposed
	known   map[string]*value
	renamed map[string]string // names that values get in the end
	err     error
}

// value is what is known of a value by its name.
type value struct {
	typ    tensor.Type
	typed  bool   // typ is known
	turn   *turn  // it is a transposition
	shaped string // it is this value in another shape
	small  *small // it is a smaller value, repeated
}

func newWriter(root *onnx.Graph, opset int64) *writer {
	return &writer{&model{
		opset: opset, root: root, missing: map[string]bool{}, names: map[string]bool{}, count: map[string]int{},
		held: map[string]tensor.Tensor{}, consts: map[string]string{}, folded: map[string]turn{}, known: map[string]*value{}, renamed: map[string]string{},
	}, root, nil}
}

func (m *model) fail(err error) {
	if m.err == nil {
		m.err = err
	}
}

// fresh takes a name: base, or if that is taken with a number after it.
func (m *model) fresh(base string) string {
	name := base
	for m.names[name] {
		m.count[base]++
		name = fmt.Sprintf("%s_%d", base, m.count[base])
	}
	m.names[name] = true
	return name
}

// of is what is known of a value.
func (m *model) of(name string) *value {
	v := m.known[name]
	if v == nil {
		v = &value{}
		m.known[name] = v
	}
	return v
}

// learn says what type a value has, unless that is known. What was said first is
// right: a small value may stand for what it is repeated to.
func (m *model) learn(name string, t tensor.Type) {
	v := m.of(name)
	if !v.typed {
		v.typ, v.typed = t, true
	}
	if v.turn != nil && v.typ == t {
		m.learn(v.turn.of, permuted(t, inverse(v.turn.perm)))
	}
}

// hold adds a tensor to the model.
func (m *model) hold(base string, t tensor.Tensor) string {
	m.typed(t.DType())
	name := m.fresh(base)
	m.root.Inits = append(m.root.Inits, onnx.NewTensor(name, t))
	m.held[name] = t
	m.learn(name, t.Type())
	return name
}

func (w *writer) input(base string, t tensor.Type) string {
	w.typed(t.DType)
	name := w.fresh(base)
	w.g.Inputs = append(w.g.Inputs, &onnx.Port{Name: name, Type: onnx.TypeOf(t)})
	w.learn(name, t)
	return name
}

// output makes a value a result of the graph, which in the end is called name.
func (w *writer) output(v, name string, t tensor.Type) {
	if !w.computes(v) || w.given(v) {
		v = w.Add("Identity", []string{v})
	}
	w.renamed[v] = name
	w.g.Outputs = append(w.g.Outputs, &onnx.Port{Name: v, Type: onnx.TypeOf(t)})
}

// computes says whether a node of the graph has the result v.
func (w *writer) computes(v string) bool {
	return slices.ContainsFunc(w.g.Nodes, func(n *onnx.Node) bool { return slices.Contains(n.Out, v) })
}

// given says whether v is a result of the graph already.
func (w *writer) given(v string) bool {
	return slices.ContainsFunc(w.g.Outputs, func(p *onnx.Port) bool { return p.Name == v })
}

// Opset implements graph.Exchange.
func (w *writer) Opset() int { return int(w.opset) }

// Add implements graph.Exchange.
func (w *writer) Add(op string, in []string, attrs ...graph.Attribute) string {
	switch op {
	case "Transpose":
		if perm, ok := attrs[0].Value.([]int); ok {
			return w.transpose(in[0], perm)
		}
	case "Reshape":
		return w.reshape(in[0], in[1], attrs)
	case "Expand":
		return w.expand(in[0], in[1])
	}
	return w.AddMany(op, in, 1, attrs...)[0]
}

// AddMany implements graph.Exchange.
func (w *writer) AddMany(op string, in []string, results int, attrs ...graph.Attribute) []string {
	n := &onnx.Node{Op: op, In: slices.Clone(in)}
	for _, a := range attrs {
		n.Attrs = append(n.Attrs, w.attr(a))
	}
	for range results {
		n.Out = append(n.Out, w.fresh(op))
	}
	w.g.Nodes, w.used = append(w.g.Nodes, n), append(w.used, op)
	return n.Out
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
		w.typed(v)
		e, _ := onnx.ElemOf(v)
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
	name, ok := w.consts[key]
	if !ok {
		name = w.hold("constant", t)
		w.consts[key] = name
	}
	return name
}

// Body implements graph.Exchange.
func (w *writer) Body(name string, in []tensor.Type, write func(x graph.Exchange, in []string) []string) graph.Attribute {
	b := &writer{w.model, &onnx.Graph{Name: name}, nil}
	names := make([]string, len(in))
	for i, t := range in {
		names[i] = b.input(fmt.Sprint(name, "_in", i), t)
	}
	for i, v := range write(b, names) {
		b.output(v, b.fresh(fmt.Sprint(name, "_out", i)), w.of(v).typ)
	}
	prune(b.g)
	return graph.Attribute{Name: name, Value: b.g}
}

// Unsupported implements graph.Exchange.
func (w *writer) Unsupported(what string, results int) []string {
	w.missing[what] = true
	return slices.Repeat([]string{""}, results)
}

// inst writes one instruction and returns the names of its results.
func (w *writer) inst(n *graph.Inst, in []string) []string {
	if out := w.throughTurn(n, in); out != nil {
		return out
	}
	return w.plain(n, w.shrunk(n, in))
}

// as writes one instruction as it says that it is.
func (w *writer) as(n *graph.Inst, in []string) []string {
	switch op := n.Op().(type) {
	case *graph.Const:
		return []string{w.Constant(op.Value)}
	case graph.Fill:
		return []string{w.fill(op)}
	case graph.Named:
		return []string{w.Add(op.ONNX(), in)}
	case graph.Exporter:
		return op.Export(w, in, n)
	case graph.Call:
		return w.Inline(op.Body, in)
	case ops.Decomposer:
		return w.decomposed(op, in, n)
	}
	return w.Unsupported(n.Op().Name(), len(n.Out()))
}

// fill writes a value of equal elements.
func (w *writer) fill(f graph.Fill) string {
	one := tensor.Type{DType: f.Of.DType, Shape: tensor.Dims()}
	v := tensor.NewWide(one)
	graph.Fill{Value: f.Value, Of: one}.Ref([]tensor.Wide{v}, nil)
	scalar := w.Constant(v.Narrow())
	if f.Of.Shape.Rank() == 0 {
		return scalar
	}
	return w.expand(scalar, w.Constant(ints(f.Of.Shape.Dims())))
}

// decomposed writes what an operation decomposes into.
func (w *writer) decomposed(op ops.Decomposer, in []string, n *graph.Inst) []string {
	leaves := leavesOf(n.InTypes())
	f, err := graph.NewFunc(op.Name(), leaves, op.Decompose(leaves))
	if err != nil {
		w.fail(err)
		return w.Unsupported(op.Name(), len(n.Out()))
	}
	return w.Inline(f, in)
}

// leavesOf is operands of types in a graph of their own.
func leavesOf(types []tensor.Type) []*graph.Node {
	g := graph.New()
	leaves := make([]*graph.Node, len(types))
	for i, t := range types {
		leaves[i] = g.Leaf(fmt.Sprint("in.", i), t)
	}
	return leaves
}

// ints is a vector of int64.
func ints(v []int) tensor.Tensor {
	y := make([]int64, len(v))
	for i, x := range v {
		y[i] = int64(x)
	}
	return tensor.From(tensor.Dims(len(v)), y)
}
