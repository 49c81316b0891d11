package lower

import (
	"errors"
	"fmt"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Call is one node that a rule lowers: its operands, its attributes, and where
// its results go. Methods that find something wrong do not return: they end the
// rule with an error that names the node.
type Call struct {
	l       *lowering
	n       *onnx.Node
	frame   *frame
	in, out []*value
	touched bool // nodes of the present segment were handed out
	stale   bool // and the segment ended after that
	folding bool
}

// errNoFold ends the attempt to fold a node that is not to be folded.
var errNoFold = errors.New("not to be folded")

// Fail ends the rule.
func (c *Call) Fail(format string, args ...any) { panic(stop{fmt.Errorf(format, args...)}) }

// check ends the rule if err is one.
func (c *Call) check(err error) {
	if err != nil {
		panic(stop{err})
	}
}

// Opset is the version of the operators of the node's domain.
func (c *Call) Opset() int64 { return c.frame.opsets[c.n.Domain] }

// Node is the node of the file.
func (c *Call) Node() *onnx.Node { return c.n }

// Graph is the graph that results are to be built in.
func (c *Call) Graph() *graph.Graph { return c.l.g }

// Train says whether what training computes is wanted, such as dropout and the
// normalisation of a batch by itself.
func (c *Call) Train() bool { return c.l.o.train }

// Fixed says whether operand i is one that the model holds and that keeps its
// value in training.
func (c *Call) Fixed(i int) bool {
	held := c.Has(i) && c.frame.caller == nil && c.l.model.Graph.Init(c.n.In[i]) != nil
	return held && c.l.o.fixed != nil && c.l.o.fixed(c.n.In[i])
}

// Update says that training gives operand i the value next, if it is one that the
// model holds: a running mean or variance.
func (c *Call) Update(i int, next *graph.Node) {
	if c.l.o.update == nil || !c.Has(i) {
		return
	}
	if c.l.model.Graph.Init(c.n.In[i]) != nil && c.frame.caller == nil {
		c.l.o.update(c.n.In[i], next)
	}
}

// Key is a uint32[2] node that differs from run to run: the key of random
// operators. stream tells the node's draws from those of others.
func (c *Call) Key() (key *graph.Node, stream uint64) {
	if c.folding {
		panic(stop{errNoFold})
	}
	l := c.l
	if l.o.key != nil {
		n, stream := l.o.key()
		return l.turned(l.own(n)), stream
	}
	if l.key == nil || l.rec != nil {
		l.key = l.root.Leaf(KeyLabel, tensor.Type{DType: tensor.Uint32, Shape: tensor.Dims(2)})
	}
	return l.turned(l.own(l.key)), uint64(l.steps)
}

// KeyLabel is the label of the leaf that random operators draw from.
const KeyLabel = "key"

// The operands.

// NumIn is the number of operands, those left out at the end not counted.
func (c *Call) NumIn() int {
	n := len(c.in)
	for n > 0 && c.in[n-1] == nil {
		n--
	}
	return n
}

// NumOut is the number of results that the node names.
func (c *Call) NumOut() int { return len(c.n.Out) }

// Wants says whether somebody wants result i.
func (c *Call) Wants(i int) bool { return i < len(c.n.Out) && c.n.Out[i] != "" }

// Has says whether operand i is given.
func (c *Call) Has(i int) bool { return i < len(c.in) && c.in[i] != nil }

func (c *Call) value(i int) *value {
	if !c.Has(i) {
		c.Fail("operand %d is missing", i)
	}
	return c.in[i]
}

// Kind is what operand i holds.
func (c *Call) Kind(i int) HostKind { return c.value(i).kind }

// Type is the type of operand i, a tensor.
func (c *Call) Type(i int) tensor.Type {
	v := c.value(i)
	if v.kind != KindTensor {
		c.Fail("operand %d is no tensor", i)
	}
	return v.typ
}

// Shape is the shape of operand i, a tensor.
func (c *Call) Shape(i int) tensor.Shape { return c.Type(i).Shape }

// Rank is the number of axes of operand i, a tensor.
func (c *Call) Rank(i int) int { return c.Shape(i).Rank() }

// In is operand i, a tensor, as a node. Ask for contents ([Call.Ints] and the
// like) first: what depends on data may end the segment, and the rule then runs
// again.
func (c *Call) In(i int) *graph.Node {
	c.touched = true
	return c.l.nodeOf(c.value(i))
}

// Ins is the operands from place i on, all of which must be given.
func (c *Call) Ins(i int) []*graph.Node {
	var all []*graph.Node
	for ; i < c.NumIn(); i++ {
		all = append(all, c.In(i))
	}
	return all
}

// InOr is operand i, or nil if it is not given.
func (c *Call) InOr(i int) *graph.Node {
	if !c.Has(i) {
		return nil
	}
	return c.In(i)
}

// Known is the content of operand i, a tensor, if it is a fact of the model. It
// ends no segment.
func (c *Call) Known(i int) (tensor.Tensor, bool) {
	v := c.value(i)
	if v.kind != KindTensor || !v.isKnown() {
		return tensor.Tensor{}, false
	}
	return c.l.content(v).Tensor, true
}

// Content is the content of operand i, a tensor, and makes the program depend on
// it: where it is not a fact of the model, the segment ends and runs.
func (c *Call) Content(i int) tensor.Tensor {
	v := c.value(i)
	if v.kind != KindTensor {
		c.Fail("operand %d is no tensor", i)
	}
	return c.l.demand(c, v, fmt.Sprintf("operand %d (%q)", i, c.n.In[i])).Tensor
}

// Ints is the content of operand i, whole numbers. See [Call.Content].
func (c *Call) Ints(i int) []int {
	w := tensor.Widen(c.Content(i))
	if w.Type.DType.Float() {
		c.Fail("operand %d is %v, want whole numbers", i, w.Type)
	}
	y := make([]int, len(w.I))
	for j, v := range w.I {
		y[j] = int(v)
	}
	return y
}

// Int is the content of operand i, one whole number of any shape.
func (c *Call) Int(i int) int {
	v := c.Ints(i)
	if len(v) != 1 {
		c.Fail("operand %d has %d elements, want one", i, len(v))
	}
	return v[0]
}

// Floats is the content of operand i as float64s. See [Call.Content].
func (c *Call) Floats(i int) []float64 {
	w := tensor.Widen(c.Content(i))
	if w.Type.DType.Float() {
		return w.F
	}
	y := make([]float64, len(w.I))
	for j, v := range w.I {
		y[j] = float64(v)
	}
	return y
}

// Float is the content of operand i, one number of any shape.
func (c *Call) Float(i int) float64 {
	v := c.Floats(i)
	if len(v) != 1 {
		c.Fail("operand %d has %d elements, want one", i, len(v))
	}
	return v[0]
}

// Texts is the content of operand i, texts.
func (c *Call) Texts(i int) Host {
	v := c.value(i)
	if v.kind != KindStrings {
		c.Fail("operand %d is no tensor of texts", i)
	}
	return c.l.demand(c, v, fmt.Sprintf("operand %d (%q)", i, c.n.In[i]))
}

// The results.

// Return gives the results, in order. Trailing ones may be left out, nil where
// there is none.
func (c *Call) Return(nodes ...*graph.Node) {
	for i, n := range nodes {
		if n != nil {
			c.set(i, c.l.nodeValue(n))
		}
	}
}

// ReturnKnown gives result i, whose content is a fact of the model.
func (c *Call) ReturnKnown(i int, h Host) { c.set(i, knownValue(h)) }

// ReturnTensor gives result i, whose content is a fact of the model.
func (c *Call) ReturnTensor(i int, t tensor.Tensor) { c.ReturnKnown(i, TensorHost(t)) }

// ReturnIn gives operand in as result i, whatever it holds.
func (c *Call) ReturnIn(i, in int) { c.set(i, c.value(in)) }

// returnZeros gives result 0: zeros of operand 0's element type, or nothing if a size
// is 0.
func (c *Call) returnZeros(dims ...int) {
	c.Return(c.Graph().Fill(0, tensor.Type{DType: c.Type(0).DType, Shape: c.Dims(dims...)}))
}

func (c *Call) set(i int, v *value) {
	for len(c.out) <= i {
		c.out = append(c.out, nil)
	}
	c.out[i] = v
}

// HostFunc computes results from operands outside of programs, because their
// shapes depend on contents or because they are texts. It must not keep or
// change what it is given.
type HostFunc func(in []Host) ([]Host, error)

// Host computes the results from the operands at the places in by f on the host.
// Where the operands are not facts of the model the segment ends. Operands that
// are not given are zero Hosts.
func (c *Call) Host(f HostFunc, in ...int) {
	operands := make([]*value, len(in))
	for i, at := range in {
		if c.Has(at) {
			operands[i] = c.in[at]
		}
	}
	out, err := c.l.hostCall(c, f, operands)
	c.check(err)
	c.out = out
}

// Dims is a shape of dims, checked: negative sizes and more elements than are
// allowed end the rule.
func (c *Call) Dims(dims ...int) tensor.Shape {
	n := int64(1)
	for _, d := range dims {
		if d < 0 || d > 0 && n > c.l.o.maxSize/int64(d) {
			c.Fail("a value of shape %v is negative or has more than %d elements", dims, c.l.o.maxSize)
		}
		n *= int64(d)
	}
	s, err := tensor.CheckedDims(dims...)
	c.check(err)
	return s
}

// Axis is axis a of rank axes, negative ones counted from the end.
func (c *Call) Axis(a, rank int) int {
	if a < -rank || a >= rank {
		c.Fail("axis %d of %d axes", a, rank)
	}
	if a < 0 {
		a += rank
	}
	return a
}

// Axes is [Call.Axis] of each; twice the same one is a mistake.
func (c *Call) Axes(axes []int, rank int) []int {
	y, seen := make([]int, len(axes)), map[int]bool{}
	for i, a := range axes {
		if y[i] = c.Axis(a, rank); seen[y[i]] {
			c.Fail("axis %d is named twice", a)
		}
		seen[y[i]] = true
	}
	return y
}
