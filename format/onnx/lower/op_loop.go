package lower

import (
	"math"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "Loop", Since: []int64{1, 11, 13, 16, 19, 21, 23, 24, 25}, Rule: loop})
}

const (
	// maxUnroll is the steps up to which loops are laid out one after the other.
	maxUnroll = 16
	// maxTrips is the steps that a loop with a given number of them may take.
	maxTrips = 100_000_000
)

// loopOf is a Loop that is being lowered.
type loopOf struct {
	*Call
	g       *onnx.Graph
	trips   int // math.MaxInt: as long as the condition holds
	carried []*value
}

// loop lowers a loop in the first of these ways that its body allows: laid out
// step by step if there are few; as a Scan if their number is known and the body
// never ends it; as a While; step by step while it runs.
func loop(c *Call) {
	x := &loopOf{Call: c, g: c.AttrGraph("body"), trips: math.MaxInt, carried: c.in[min(2, len(c.in)):]}
	if len(x.g.Outputs) < 1+len(x.carried) {
		c.Fail("its graph gives %d results for a condition and %d values that are carried", len(x.g.Outputs), len(x.carried))
	}
	known := true
	if c.Has(0) {
		if known = c.decidable(0); known {
			x.trips = max(0, c.Int(0))
		}
	}
	if c.Has(1) && c.decidable(1) && !c.truth(c.value(1)) {
		x.trips, known = 0, true
	}
	counted := known && x.trips < math.MaxInt
	decided := !c.Has(1) || c.decidable(1)
	switch {
	case counted && decided && x.trips <= maxUnroll && c.attempt(x.unroll):
	case counted && decided && x.trips > maxUnroll && c.attempt(x.scan):
	case c.attempt(x.while):
	case counted && decided || c.dynamic():
		x.unroll()
	default:
		panic(stop{&DynamicError{"the number of steps of a loop"}})
	}
}

// unroll lowers the body once for each step.
func (x *loopOf) unroll() {
	x.touched = false // what another way asked for is not used
	gathers := len(x.g.Outputs) - 1 - len(x.carried)
	gathered := make([][]*value, gathers) // by result
	state, steps := x.carried, 0
	lasting, present := &[]*value{}, &[]*value{}
	x.l.held = append(x.l.held, lasting, present)
	depth := len(x.l.held)
	defer func() { x.l.held = x.l.held[:depth-2] }()
	for going := true; going && steps < x.trips; steps++ {
		out := x.step(append([]*value{x.number(steps), knownValue(TensorHost(boolTensor(true)))}, state...))
		state = out[1 : 1+len(state)]
		for k, v := range out[1+len(state):] {
			gathered[k] = append(gathered[k], v)
			*lasting = append(*lasting, v)
		}
		*present = out
		going = x.truth(out[0])
	}
	results := append([]*value{}, state...)
	for k, column := range gathered {
		if steps == 0 {
			results = append(results, x.nothing(x.g.Outputs[1+len(state)+k]))
		} else {
			results = append(results, x.l.nodeValue(x.stack(column, 0)))
		}
	}
	x.out = results
}

// step lowers the body; the first of in is the number of the step.
func (x *loopOf) step(in []*value) (out []*value) {
	x.turn(in[0], func() { out = x.body(x.g, in) })
	return out
}

func (c *Call) number(i int) *value { return knownValue(TensorHost(tensor.Scalar(int64(i)))) }

func boolTensor(v bool) tensor.Tensor {
	t := tensor.New(tensor.Type{DType: tensor.Bool})
	if v {
		t.Bytes()[0] = 1
	}
	return t
}

// scan is the loop as a Scan: the condition that the body gives must be a fact.
func (x *loopOf) scan() {
	if x.trips > maxTrips {
		x.Fail("the loop takes %d steps, at most %d are allowed", x.trips, maxTrips)
	}
	step := ops.Iota(x.l.g, tensor.Type{DType: tensor.Int64, Shape: tensor.Dims(x.trips)}, 0)
	init := x.nodesOf(x.carried)
	carry, ys := ops.ScanOf(init, []*graph.Node{step}, ops.Loop{}, func(carry, in []*graph.Node) (next, ys []*graph.Node) {
		x.l.within(in[0].Graph(), func() {
			vs := append([]*value{x.l.nodeValue(in[0]), knownValue(TensorHost(boolTensor(true)))}, x.valuesOf(carry)...)
			out := x.step(vs)
			if _, fact := x.l.constant(out[0]); !fact && !out[0].isKnown() || !x.truth(out[0]) {
				panic(stop{&DynamicError{"the end of a loop"}})
			}
			nodes := x.nodesOf(out[1:])
			next, ys = same(nodes[:len(carry)], carry), nodes[len(carry):]
		})
		return next, ys
	})
	x.out = x.valuesOf(append(carry, ys...))
}

// while is the loop as a While: it must gather nothing from step to step.
func (x *loopOf) while() {
	if len(x.g.Outputs) != 1+len(x.carried) {
		panic(stop{&DynamicError{"the length of what a loop gathers"}})
	}
	limit := x.l.g.Constant(tensor.Scalar(int64(x.trips)))
	if x.Has(0) && x.trips == math.MaxInt {
		limit = ops.Reshape(x.In(0), tensor.Dims())
	}
	going := x.l.g.Constant(boolTensor(true))
	if x.Has(1) {
		going = ops.Reshape(x.In(1), tensor.Dims())
	}
	state := append([]*graph.Node{x.l.g.Constant(tensor.Scalar(int64(0))), going}, x.nodesOf(x.carried)...)
	one := tensor.Scalar(int64(1))
	last := ops.WhileOf(state, func(s []*graph.Node) *graph.Node { return ops.And(s[1], ops.Lt(s[0], limit)) },
		func(s []*graph.Node) (next []*graph.Node) {
			x.l.within(s[0].Graph(), func() {
				out := x.nodesOf(x.step(x.valuesOf(s)))
				next = append(next, ops.Add(s[0], x.l.g.Constant(one)), ops.Reshape(out[0], tensor.Dims()))
				next = same(append(next, out[1:]...), s)
			})
			return next
		})
	x.out = x.valuesOf(last[2:])
}
