package lower

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// recurrence is what LSTM, GRU and RNN share. Weights of a direction lie as package
// ops has them: a gate is H columns.
type recurrence struct {
	*Call
	order  []int // the gates in the order of package ops, by their places in ONNX
	hidden int
	first  bool // batch before time in X, Y and states: layout 1
	x      *graph.Node
	inside *graph.Node // bool [T N], where sequences have not ended; nil: everywhere
	clip   float64     // of what goes into activations; 0 for none
	acts   [][]activation
}

// gateWeights is the weights of one direction.
type gateWeights struct {
	input, hidden *graph.Node // [I G·H], [H G·H]
	// bias [G·H] of the input and, where it is kept apart, of the hidden state; nil
	// if there is none.
	bias, hiddenBias *graph.Node
	acts             []activation
}

// cell is one step of a kind of recurrence: the next state, the result first, of
// the input's sums z [N G·H].
type cell func(w gateWeights, z *graph.Node, state []*graph.Node) []*graph.Node

// newRecurrence reads what the kinds have alike: X, W, R, B, sequence_lens and
// initial_h are operands 0 to 5. defaults is the activations of a direction.
func newRecurrence(c *Call, order []int, defaults ...string) *recurrence {
	r := &recurrence{Call: c, order: order, first: c.AttrInt("layout", 0) == 1, clip: c.AttrFloat("clip", 0)}
	r.acts = c.activations(len(r.backwards()), defaults)
	if c.Rank(0) != 3 || c.Rank(2) != 3 {
		c.Fail("want sequences [T N I] and weights of three axes, got %v and %v", c.Type(0), c.Type(2))
	}
	t, n := 0, 1
	if r.first {
		t, n = 1, 0
	}
	s, d := c.Shape(0), len(r.backwards())
	r.hidden = c.Shape(2).Dim(2)
	if h := c.AttrInt("hidden_size", r.hidden); h != r.hidden {
		c.Fail("attribute \"hidden_size\" is %d, the weights are %v", h, c.Type(2))
	}
	gates := len(order) * r.hidden
	c.wantShape(1, d, gates, s.Dim(2))
	c.wantShape(2, d, gates, r.hidden)
	c.wantShape(3, d, 2*gates)
	c.wantShape(4, s.Dim(n))
	r.wantState(5, s.Dim(n))
	whole := r.whole(s.Dim(t))
	if r.x = c.In(0); r.first {
		r.x = ops.Transpose(r.x, 1, 0, 2)
	}
	if !whole {
		all := tensor.Dims(s.Dim(t), s.Dim(n))
		lens := c.In(4)
		time := ops.Iota(c.Graph(), tensor.Type{DType: lens.DType(), Shape: all}, 0)
		r.inside = ops.Lt(time, ops.BroadcastInDim(lens, all, 1))
	}
	return r
}

// wantShape asks for operand i, if it is given, in a shape.
func (c *Call) wantShape(i int, dims ...int) {
	if c.Has(i) && c.Shape(i) != c.Dims(dims...) {
		c.Fail("operand %d is %v, want %v", i, c.Type(i), dims)
	}
}

// wantState asks for operand i, if it is given, as a state of n sequences.
func (r *recurrence) wantState(i, n int) {
	if d := len(r.backwards()); r.first {
		r.wantShape(i, n, d, r.hidden)
	} else {
		r.wantShape(i, d, n, r.hidden)
	}
}

// whole says whether all sequences are known to have all steps.
func (r *recurrence) whole(steps int) bool {
	if !r.Has(4) {
		return true
	}
	lens, known := r.Known(4)
	if known {
		for _, n := range tensor.Widen(lens).I {
			known = known && n >= int64(steps)
		}
	}
	return known
}

// backwards says for each direction whether it goes backwards.
func (r *recurrence) backwards() []bool {
	switch d := r.AttrString("direction", "forward"); d {
	case "forward":
		return []bool{false}
	case "reverse":
		return []bool{true}
	case "bidirectional":
		return []bool{false, true}
	default:
		r.Fail("attribute \"direction\" is %q, want forward, reverse or bidirectional", d)
	}
	return nil
}

// run goes through time in all directions and returns the results: Y and the last
// states. inits is the operands that the states begin with; apart says that the
// hidden state's bias is not added to the input's.
func (r *recurrence) run(inits []int, apart bool, step func(direction int) cell) {
	back := r.backwards()
	var ys []*graph.Node
	lasts := make([][]*graph.Node, len(inits))
	for d, reverse := range back {
		var state []*graph.Node
		for _, i := range inits {
			state = append(state, r.begin(i, d))
		}
		y, last := r.scan(r.weights(d, apart), state, reverse, step(d))
		ys = append(ys, ops.Reshape(y, r.withDirection(y.Shape(), 1)))
		for k, s := range last {
			lasts[k] = append(lasts[k], ops.Reshape(s, r.withDirection(s.Shape(), 0)))
		}
	}
	y := ops.Concatenate(1, ys...)
	if r.first {
		y = ops.Transpose(y, 2, 0, 1, 3)
	}
	results := []*graph.Node{y}
	for _, parts := range lasts {
		s := ops.Concatenate(0, parts...)
		if r.first {
			s = ops.Transpose(s, 1, 0, 2)
		}
		results = append(results, s)
	}
	r.Return(results...)
}

// withDirection is s with an axis of one direction.
func (r *recurrence) withDirection(s tensor.Shape, axis int) tensor.Shape {
	dims := s.Dims()
	return r.Dims(append(dims[:axis:axis], append([]int{1}, dims[axis:]...)...)...)
}

// begin is the first state of direction d, [N H]: of operand i, or zeros.
func (r *recurrence) begin(i, d int) *graph.Node {
	s := r.Dims(r.x.Shape().Dim(1), r.hidden)
	if !r.Has(i) {
		return r.Graph().Fill(0, tensor.Type{DType: r.x.DType(), Shape: s})
	}
	n := r.In(i)
	if r.first {
		n = ops.Transpose(n, 1, 0, 2)
	}
	return ops.Reshape(part(n, 0, d, d+1), s)
}

// weights is those of direction d.
func (r *recurrence) weights(d int, apart bool) gateWeights {
	w := gateWeights{acts: r.acts[d]}
	of := func(i int) *graph.Node { return part(r.In(i), 0, d, d+1) }
	columns := func(n *graph.Node) *graph.Node { // [1 G·H K] → [K G·H]
		return ops.Transpose(r.reordered(ops.Reshape(n, tensor.Dims(n.Shape().Dim(1), n.Shape().Dim(2)))), 1, 0)
	}
	w.input, w.hidden = columns(of(1)), columns(of(2))
	if !r.Has(3) {
		return w
	}
	b := of(3)
	gates := b.Shape().Dim(1) / 2
	half := func(i int) *graph.Node {
		return r.reordered(ops.Reshape(part(b, 1, i*gates, (i+1)*gates), tensor.Dims(gates)))
	}
	if w.bias = half(0); apart {
		w.hiddenBias = half(1)
	} else {
		w.bias = ops.Add(w.bias, half(1))
	}
	return w
}

// reordered is n with the gates, blocks along its first axis, in package ops's order.
func (r *recurrence) reordered(n *graph.Node) *graph.Node {
	if len(r.order) == 1 {
		return n
	}
	var blocks []*graph.Node
	for _, g := range r.order {
		blocks = append(blocks, part(n, 0, g*r.hidden, (g+1)*r.hidden))
	}
	return ops.Concatenate(0, blocks...)
}

// part is the places from start up to limit along one axis.
func part(n *graph.Node, axis, start, limit int) *graph.Node {
	s := n.Shape()
	from, to := make([]int, s.Rank()), s.Dims()
	from[axis], to[axis] = start, limit
	return ops.Slice(n, from, to, nil)
}

// scan runs one direction: y [T N H] and the last state. A sequence that has ended
// keeps its state, and gives zeros.
func (r *recurrence) scan(w gateWeights, init []*graph.Node, reverse bool, step cell) (y *graph.Node, last []*graph.Node) {
	xs := []*graph.Node{ops.Linear(r.x, w.input, w.bias)}
	if r.inside != nil {
		xs = append(xs, r.inside)
	}
	last, ys := ops.ScanOf(init, xs, ops.Loop{Reverse: reverse}, func(state, in []*graph.Node) (next, ys []*graph.Node) {
		next = step(w, in[0], state)
		if r.inside == nil {
			return next, next[:1]
		}
		on := ops.BroadcastInDim(in[1], next[0].Shape(), 0)
		y := ops.Select(on, next[0], ops.Like(next[0], 0))
		for k, s := range next {
			next[k] = ops.Select(on, s, state[k])
		}
		return next, []*graph.Node{y}
	})
	return ys[0], last
}

// gate is columns i of z.
func (r *recurrence) gate(z *graph.Node, i int) *graph.Node {
	return part(z, 1, i*r.hidden, (i+1)*r.hidden)
}

// act is activation i of w, of z held within the clip.
func (r *recurrence) act(w gateWeights, i int, z *graph.Node) *graph.Node {
	if r.clip > 0 {
		z = ops.Clamp(z, -r.clip, r.clip)
	}
	return w.acts[i].of(z)
}
