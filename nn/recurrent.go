package nn

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Recurrent is layers of recurrent cells, one upon the other: what [NewRNN],
// [NewLSTM] and [NewGRU] make. What the gates see of the input is one product
// for all times; the scan along time holds the product with the hidden state and
// the cell.
type Recurrent struct {
	Layers  []RecurrentLayer
	Dropout float64 // rate between layers, in training
	cell    recurrentCell
}

// RecurrentLayer is a direction of time, or both.
type RecurrentLayer struct {
	Forward  *Recurrence
	Backward *Recurrence // nil unless the layer is bidirectional
}

// Recurrence is the weights of one layer and direction. The columns are the
// gates, in the order of PyTorch's rows.
type Recurrence struct {
	Input  *Param // [C G·H]
	Hidden *Param // [H G·H]
	Bias   *Param // [G·H]; of PyTorch's two, the sum
	// HiddenBias [G·H] is added to the product with the hidden state; only where
	// it makes a difference.
	HiddenBias *Param
}

// RecurrentOptions are the settings of recurrent layers. The zero value is one
// layer that goes forwards.
type RecurrentOptions struct {
	Layers        int     // 0 is 1
	Bidirectional bool    // both directions, their results side by side
	Dropout       float64 // rate between layers, in training
}

// recurrentCell is a kind of cell.
type recurrentCell interface {
	gates() int   // groups of H columns
	carries() int // arrays [N H] that are the state; the first is the result
	twice() bool  // whether the hidden state's product has a bias of its own
	// next is the state after a step: x and u are the sums of the gates from
	// input and hidden state, [N G·H].
	next(x, u *graph.Node, state []*graph.Node) []*graph.Node
}

func newRecurrent(r rng.Stream, cell recurrentCell, in, hidden int, o RecurrentOptions) *Recurrent {
	l := &Recurrent{Dropout: o.Dropout, cell: cell}
	for i := range max(o.Layers, 1) {
		at := r.Split("layer").At(uint64(i))
		layer := RecurrentLayer{Forward: newRecurrence(at.Split("forward"), cell, in, hidden)}
		in = hidden
		if o.Bidirectional {
			layer.Backward = newRecurrence(at.Split("backward"), cell, layer.Forward.Input.Value.Shape().Dim(0), hidden)
			in = 2 * hidden
		}
		l.Layers = append(l.Layers, layer)
	}
	return l
}

// newRecurrence draws all weights evenly from ±1/√H, as PyTorch does.
func newRecurrence(r rng.Stream, cell recurrentCell, in, hidden int) *Recurrence {
	g := cell.gates() * hidden
	draw := func(name string, s tensor.Shape) *Param { return uniform(r.Split(name), s, 1/(3*float64(hidden))) }
	w := &Recurrence{
		Input:  draw("input", tensor.Dims(in, g)),
		Hidden: draw("hidden", tensor.Dims(hidden, g)),
		Bias:   noDecay(draw("bias", tensor.Dims(g))),
	}
	if cell.twice() {
		w.HiddenBias = noDecay(draw("hidden-bias", tensor.Dims(g)))
	}
	return w
}

// Hidden is the width H of the hidden state.
func (l *Recurrent) Hidden() int { return l.Layers[0].Forward.Hidden.Value.Shape().Dim(0) }

// recurrences lists the weights of all layers and directions.
func (l *Recurrent) recurrences() []*Recurrence {
	var all []*Recurrence
	for _, layer := range l.Layers {
		all = append(all, layer.Forward)
		if layer.Backward != nil {
			all = append(all, layer.Backward)
		}
	}
	return all
}

// Forward implements Layer: [N L C] → [N L H], or [N L 2H] if bidirectional, from
// a state of zeros.
func (l *Recurrent) Forward(c *Ctx, x *graph.Node) *graph.Node {
	y, _ := l.Run(c, x, RecurrentRun{})
	return y
}

// RecurrentRun is what a run through time starts from. The zero value is a state
// of zeros and sequences of full length.
type RecurrentRun struct {
	// Lengths, int32 [N], says where each sequence ends: its state stops there,
	// what comes out later is zero, and backward directions begin there.
	Lengths *graph.Node
	// State is as [Recurrent.Run] returns it.
	State []*graph.Node
}

// Run is Forward that begins as from says and returns the last state too: for
// each layer and each of its directions the hidden state [N H], followed by the
// cell state of an LSTM.
func (l *Recurrent) Run(c *Ctx, x *graph.Node, from RecurrentRun) (y *graph.Node, state []*graph.Node) {
	if s := x.Shape(); c.Graph.Err() == nil && s.Rank() != 3 {
		c.Graph.Fail("recurrent", fmt.Errorf("want [N L C], got %v", x.Type()))
	}
	if c.Graph.Err() != nil {
		return x, l.Zero(c, 1)
	}
	init := from.State
	if init == nil {
		init = l.Zero(c, x.Shape().Dim(0))
	}
	if want := len(l.Zero(c, 1)); len(init) != want {
		c.Graph.Fail("recurrent", fmt.Errorf("a state of %d arrays, want %d", len(init), want))
		return x, init
	}
	y = ops.Transpose(x, 1, 0, 2) // [L N C]
	var inside *graph.Node
	if from.Lengths != nil {
		inside = l.inside(c, y, from.Lengths)
	}
	k := l.cell.carries()
	for i, layer := range l.Layers {
		if i > 0 {
			y = Dropout{Rate: l.Dropout}.Forward(c, y)
		}
		in := y
		var last []*graph.Node
		y, last = l.scan(c, layer.Forward, in, init[:k], inside, false)
		init, state = init[k:], append(state, last...)
		if layer.Backward != nil {
			var back *graph.Node
			back, last = l.scan(c, layer.Backward, in, init[:k], inside, true)
			init, state = init[k:], append(state, last...)
			y = ops.Concatenate(2, y, back)
		}
	}
	return ops.Transpose(y, 1, 0, 2), state
}

// Zero is a state of zeros for n sequences.
func (l *Recurrent) Zero(c *Ctx, n int) []*graph.Node {
	var state []*graph.Node
	for _, layer := range l.Layers {
		k := l.cell.carries()
		if layer.Backward != nil {
			k *= 2
		}
		for range k {
			state = append(state, c.Graph.Fill(0, tensor.F32(n, l.Hidden())))
		}
	}
	return state
}

// inside says which times of x [L N C] lie within their sequences: bool [L N].
func (l *Recurrent) inside(c *Ctx, x, lengths *graph.Node) *graph.Node {
	all := tensor.Dims(x.Shape().Dim(0), x.Shape().Dim(1))
	time := ops.Iota(c.Graph, tensor.Type{DType: tensor.Int32, Shape: all}, 0)
	return ops.Lt(time, ops.BroadcastInDim(lengths, all, 1))
}

// scan runs one layer in one direction over x [L N C].
func (l *Recurrent) scan(c *Ctx, w *Recurrence, x *graph.Node, init []*graph.Node, inside *graph.Node, reverse bool) (y *graph.Node, last []*graph.Node) {
	xs := []*graph.Node{ops.Linear(x, c.Param(w.Input), c.Param(w.Bias))}
	if inside != nil {
		xs = append(xs, inside)
	}
	hidden, bias := c.Param(w.Hidden), c.optional(w.HiddenBias)
	last, ys := ops.ScanOf(init, xs, ops.Loop{Reverse: reverse}, func(state, x []*graph.Node) (next, ys []*graph.Node) {
		next = l.cell.next(x[0], ops.Linear(state[0], hidden, bias), state)
		if inside == nil {
			return next, next[:1]
		}
		on := ops.BroadcastInDim(x[1], next[0].Shape(), 0)
		y := ops.Select(on, next[0], ops.Like(next[0], 0))
		for k, s := range next {
			next[k] = ops.Select(on, s, state[k])
		}
		return next, []*graph.Node{y}
	})
	return ys[0], last
}

// Step is one step of all layers, which must go forwards only: x [N C] and a
// state as Run returns it give y [N H] and the next state. Dropout is left out.
func (l *Recurrent) Step(c *Ctx, x *graph.Node, state []*graph.Node) (y *graph.Node, next []*graph.Node) {
	k := l.cell.carries()
	for i, layer := range l.Layers {
		if layer.Backward != nil {
			c.Graph.Fail("recurrent", fmt.Errorf("a bidirectional layer cannot go step by step"))
			return x, state
		}
		w := layer.Forward
		sum := ops.Linear(x, c.Param(w.Input), c.Param(w.Bias))
		at := state[i*k : (i+1)*k]
		out := l.cell.next(sum, ops.Linear(at[0], c.Param(w.Hidden), c.optional(w.HiddenBias)), at)
		x, next = out[0], append(next, out...)
	}
	return x, next
}
