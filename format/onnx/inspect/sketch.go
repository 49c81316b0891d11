package inspect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/page"
	"github.com/ihae/ihae/tensor"
)

// MaxBoxes is how many boxes a drawing has at most beside those of inputs and
// outputs: what is more is drawn together.
const MaxBoxes = 120

// Sketch draws m. Nodes that only one other uses, and that have no weights of
// their own, stand in the box of what they follow; of a model with more boxes
// than MaxBoxes, neighbours are drawn as one. x, where it is not nil, gives the
// shapes.
func Sketch(m *onnx.Model, x *lower.Lowered) page.Flow {
	s := newSketch(m, x)
	s.follow()
	for s.boxes() > MaxBoxes && s.gather() {
	}
	return s.flow()
}

// sketch is the nodes of a model, of which some are drawn in one box.
type sketch struct {
	m       *onnx.Model
	inits   map[string]*onnx.Tensor
	nodes   []*onnx.Node
	box     []int // of each node, the node whose box it is in: itself, or an earlier one
	from    map[string]int
	uses    map[string]int
	weights []bool
	types   map[string]string
	depends map[string]bool   // values that depend on an input
	same    map[string]string // results of nodes that are not drawn: what they stand for
}

// weighs says whether what does not depend on an input is a weight: not shapes,
// places and single numbers. nil is what other nodes compute.
func weighs(t *onnx.Tensor) bool {
	if t == nil {
		return true
	}
	d, ok := t.Elem.DType()
	n, _ := t.Size()
	return ok && n > 1 && d != tensor.Int64
}

// flowing is the nodes that depend on an input: the others make weights.
func (s *sketch) flowing() map[*onnx.Node]bool {
	s.depends = map[string]bool{}
	for _, p := range s.m.Graph.Inputs {
		s.depends[p.Name] = s.inits[p.Name] == nil
	}
	flows := map[*onnx.Node]bool{}
	for _, n := range s.m.Graph.Nodes {
		inner := func(n *onnx.Node) bool {
			return !slices.ContainsFunc(n.In, func(name string) bool { return s.depends[name] })
		}
		flows[n] = !inner(n)
		for _, g := range n.Graphs() {
			flows[n] = flows[n] || !g.AllNodes(inner)
		}
		for _, name := range n.Out {
			s.depends[name] = flows[n]
		}
	}
	return flows
}

// value is the value that a name stands for.
func (s *sketch) value(name string) string {
	if to, ok := s.same[name]; ok {
		return to
	}
	return name
}

func newSketch(m *onnx.Model, x *lower.Lowered) *sketch {
	s := &sketch{m: m, inits: map[string]*onnx.Tensor{}, from: map[string]int{}, uses: map[string]int{}, types: map[string]string{}, same: map[string]string{}}
	for _, t := range m.Graph.Inits {
		s.inits[t.Name] = t
	}
	shown := map[*onnx.Node]bool{}
	if x != nil {
		for _, l := range x.Layers {
			shown[l.Node] = true
			for i, t := range l.Out {
				if t.DType.Bits() > 0 {
					s.types[l.Node.Out[i]] = sizes(t)
				}
			}
		}
	}
	flows := s.flowing()
	for _, n := range m.Graph.Nodes {
		if !flows[n] {
			continue
		}
		if x != nil && !shown[n] {
			if len(n.In) > 0 && len(n.Out) > 0 {
				s.same[n.Out[0]] = s.value(n.In[0])
			}
			continue
		}
		i := len(s.nodes)
		s.nodes, s.box = append(s.nodes, n), append(s.box, i)
		has := false
		eachName(n, func(name string) { s.uses[s.value(name)]++ })
		for _, name := range n.In {
			has = has || !s.depends[name] && name != "" && weighs(s.inits[name])
		}
		s.weights = append(s.weights, has)
		for _, name := range n.Out {
			s.from[name] = i
		}
	}
	for _, p := range m.Graph.Outputs {
		s.uses[s.value(p.Name)]++
	}
	return s
}

// sizes is a shape as people write it.
func sizes(t tensor.Type) string {
	parts := make([]string, t.Shape.Rank())
	for i, d := range t.Shape.Dims() {
		parts[i] = fmt.Sprint(d)
	}
	return strings.Join(parts, "×")
}

// before is the nodes whose results node i uses, each once. What has the name of a
// later result lies in a graph of the node's own.
func (s *sketch) before(i int) []int {
	var all []int
	eachName(s.nodes[i], func(name string) {
		if j, ok := s.from[s.value(name)]; ok && j < i && !slices.Contains(all, j) {
			all = append(all, j)
		}
	})
	return all
}

// eachName goes through the values that n uses, itself or in its graphs.
func eachName(n *onnx.Node, f func(name string)) {
	for _, name := range n.In {
		f(name)
	}
	for _, g := range n.Graphs() {
		for _, inner := range g.Nodes {
			eachName(inner, f)
		}
		for _, p := range g.Outputs {
			f(p.Name)
		}
	}
}

// follow puts a node into the box before it if it is all that this leads to and
// has nothing else to say.
func (s *sketch) follow() {
	lines := make([]int, len(s.nodes)) // of the box that a node begins
	for i, n := range s.nodes {
		lines[i] = 1
		before := s.before(i)
		if len(before) != 1 {
			continue
		}
		last := s.nodes[before[0]]
		single := len(last.Out) == 1 && s.uses[last.Out[0]] == 1
		box := s.box[before[0]]
		if single && (!s.weights[i] || n.Op == "BatchNormalization") && lines[box] < 4 {
			s.box[i] = box
			lines[box]++
		}
	}
}

func (s *sketch) boxes() int {
	n := 0
	for i, b := range s.box {
		if i == b {
			n++
		}
	}
	return n
}

// gather draws each box together with the next; false if that changes nothing.
// Boxes are in the order of the computation, so no cycle can come of it.
func (s *sketch) gather() bool {
	var heads []int
	for i, b := range s.box {
		if i == b {
			heads = append(heads, i)
		}
	}
	to := map[int]int{}
	for k, h := range heads {
		to[h] = heads[k/2*2]
	}
	for i, b := range s.box {
		s.box[i] = to[b]
	}
	// A box may hold nodes that stand before nodes of an earlier box's followers:
	// boxes stay intervals of the order once more.
	for i := range s.box {
		if i > 0 && s.box[i] < s.box[i-1] {
			s.box[i] = s.box[i-1]
		}
	}
	return len(heads) > 1
}

// flow is the drawing.
func (s *sketch) flow() page.Flow {
	f := page.Flow{Title: "the graph of " + s.m.Graph.Name}
	at := map[int]int{}
	inputs := map[string]int{}
	for _, p := range s.m.Graph.Inputs {
		if s.inits[p.Name] == nil {
			inputs[p.Name] = len(f.Boxes)
			f.Boxes = append(f.Boxes, page.Box{Lines: []string{short(p.Name), p.Type.String()}, Tone: page.ToneEnd})
		}
	}
	for i, b := range s.box {
		if i == b {
			at[i] = len(f.Boxes)
			f.Boxes = append(f.Boxes, s.describe(i))
		}
	}
	seen := map[[2]int]bool{}
	join := func(a, b int) {
		if a != b && !seen[[2]int{a, b}] {
			seen[[2]int{a, b}] = true
			f.Arrows = append(f.Arrows, [2]int{a, b})
		}
	}
	for i, n := range s.nodes {
		for _, name := range n.In {
			if k, ok := inputs[s.value(name)]; ok {
				join(k, at[s.box[i]])
			}
		}
		for _, j := range s.before(i) {
			join(at[s.box[j]], at[s.box[i]])
		}
	}
	for _, p := range s.m.Graph.Outputs {
		if i, ok := s.from[s.value(p.Name)]; ok {
			f.Boxes = append(f.Boxes, page.Box{Lines: []string{short(p.Name)}, Tone: page.ToneEnd})
			join(at[s.box[i]], len(f.Boxes)-1)
		}
	}
	return f
}

// describe is the box that begins with node i.
func (s *sketch) describe(i int) page.Box {
	b := page.Box{}
	var names []string
	last := s.nodes[i]
	for j, at := range s.box {
		if at == i {
			last = s.nodes[j]
			names = append(names, s.operator(last))
			if s.weights[j] {
				b.Tone = page.ToneWeight
			}
		}
	}
	if len(names) > 5 {
		b.Lines = append(b.Lines, fmt.Sprintf("%d nodes", len(names)), short(s.nodes[i].Name)+" … "+short(last.Name), tally(names))
	} else {
		b.Lines = append(b.Lines, names...)
	}
	if len(last.Out) > 0 && s.types[last.Out[0]] != "" {
		b.Lines = append(b.Lines, s.types[last.Out[0]])
	}
	return b
}

// tally is the names of operators with how often they occur.
func tally(names []string) string {
	count := map[string]int{}
	var order []string
	for _, n := range names {
		n, _, _ = strings.Cut(n, " ")
		if count[n]++; count[n] == 1 {
			order = append(order, n)
		}
	}
	for i, n := range order {
		if count[n] > 1 {
			order[i] = fmt.Sprintf("%d %s", count[n], n)
		}
	}
	if len(order) > 4 {
		order = append(order[:4], "…")
	}
	return strings.Join(order, ", ")
}

// operator is a node in a few words: a convolution with its filter and stride.
func (s *sketch) operator(n *onnx.Node) string {
	text := n.OpName()
	if size := s.window(n); len(size) > 0 {
		parts := make([]string, len(size))
		for i, v := range size {
			parts[i] = fmt.Sprint(v)
		}
		text += " " + strings.Join(parts, "×")
	}
	if len(n.In) > 1 {
		if w := s.inits[n.In[1]]; w != nil && strings.HasPrefix(n.Op, "Conv") && len(w.Dims) > 1 {
			text += fmt.Sprintf(" %d→%d", w.Dims[1], w.Dims[0])
		} else if w != nil && (n.Op == "Gemm" || n.Op == "MatMul") && len(w.Dims) == 2 {
			text += fmt.Sprintf(" %d×%d", w.Dims[0], w.Dims[1])
		}
	}
	if k, ok := n.Attr("strides"); ok && slices.ContainsFunc(k.Ints, func(v int64) bool { return v > 1 }) {
		text += fmt.Sprintf(" /%d", k.Ints[0])
	}
	if k, ok := n.Attr("group"); ok && k.Int > 1 {
		text += fmt.Sprintf(" in %d groups", k.Int)
	}
	return text
}

// window is the size of what slides in n, if anything does.
func (s *sketch) window(n *onnx.Node) []int64 {
	if k, ok := n.Attr("kernel_shape"); ok {
		return k.Ints
	}
	if !strings.HasPrefix(n.Op, "Conv") || len(n.In) < 2 {
		return nil
	}
	if w := s.inits[n.In[1]]; w != nil && len(w.Dims) > 2 {
		return w.Dims[2:]
	}
	return nil
}

// short is a name that fits into a box.
func short(name string) string {
	r := []rune(name)
	if len(r) <= 28 {
		return name
	}
	return string(r[:10]) + "…" + string(r[len(r)-16:])
}
