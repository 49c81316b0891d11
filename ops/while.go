package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// While computes the next state by body, of the state, as long as cond, of the
// state, gives true: a bool []. It returns the last state. How many steps there
// are depends on the data, so it has no gradient in reverse; [Scan] has.
func While(cond, body *graph.Func, state ...*graph.Node) []*graph.Node {
	return graph.Apply(while{cond, body, 0}, state...)[:len(state)]
}

// WhileOf is While with the condition and the body that cond and step build from
// nodes for the state. They may use nodes of the surrounding graph.
func WhileOf(state []*graph.Node, cond func(state []*graph.Node) *graph.Node, step func(state []*graph.Node) []*graph.Node) []*graph.Node {
	in := typesOf(state)
	bodies, consts, ok := captured(state[0].Graph(), "while", [][]tensor.Type{in, in},
		func(_ *graph.Graph, in []*graph.Node) []*graph.Node { return []*graph.Node{cond(in)} },
		func(_ *graph.Graph, in []*graph.Node) []*graph.Node { return step(in) })
	if !ok {
		return state
	}
	op := while{bodies[0], bodies[1], len(consts)}
	return graph.Apply(op, append(append([]*graph.Node{}, state...), consts...)...)[:len(state)]
}

// while takes the state, then what does not change.
type while struct {
	Cond, Body *graph.Func
	Consts     int
}

func (while) Name() string { return "while" }

// Key implements graph.Keyed.
func (op while) Key() string { return fmt.Sprint(op.Consts, op.Cond.Key(), op.Body.Key()) }

// Bodies implements graph.Bodied.
func (op while) Bodies() []*graph.Func { return []*graph.Func{op.Cond, op.Body} }

// WithBodies implements graph.Flowing.
func (op while) WithBodies(b []*graph.Func) graph.Op { return while{b[0], b[1], op.Consts} }

// Flow implements graph.Flowing.
func (op while) Flow() graph.Flow {
	return graph.Flow{Kind: graph.FlowWhile, Carry: len(op.Body.In) - op.Consts, Consts: op.Consts}
}

func (op while) Infer(in []tensor.Type) ([]tensor.Type, error) {
	carry := len(in) - op.Consts
	if carry < 1 || op.Consts < 0 {
		return nil, fmt.Errorf("%d operands, of which %d do not change", len(in), op.Consts)
	}
	for _, f := range op.Bodies() {
		if err := fitsBody(f, in); err != nil {
			return nil, err
		}
	}
	if got := op.Cond.OutTypes(); len(got) != 1 || got[0] != (tensor.Type{DType: tensor.Bool}) {
		return nil, fmt.Errorf("the condition gives %v, want bool[]", got)
	}
	if len(op.Body.Out) != carry {
		return nil, fmt.Errorf("the body gives %d values for a state of %d", len(op.Body.Out), carry)
	}
	if err := gives(op.Body, in[:carry]); err != nil {
		return nil, fmt.Errorf("the state changes its type: %w", err)
	}
	return in[:carry:carry], nil
}

func (op while) Ref(out, in []tensor.Wide) {
	state := append([]tensor.Wide{}, in...)
	for graph.Eval(op.Cond, state)[0].I[0] != 0 {
		copy(state, graph.Eval(op.Body, state))
	}
	for i := range out {
		copyWide(out[i], state[i])
	}
}

// VJP implements graph.Differentiable with the reason why there is none.
func (while) VJP(_ []*graph.Node, n *graph.Inst) []*graph.Node {
	n.Graph().Fail("while", fmt.Errorf("has no gradient in reverse, since the number of its steps depends on the data; use a scan of the most steps there can be, and select what changes"))
	return n.In()
}

// Export implements graph.Exporter: a Loop that carries the condition along.
func (op while) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	state := len(in) - op.Consts
	consts := in[state:]
	types := append([]tensor.Type{{DType: tensor.Int64}, {DType: tensor.Bool}}, n.InTypes()[:state]...)
	body := x.Body("body", types, func(b graph.Exchange, v []string) []string {
		next := b.Inline(op.Body, join2(v[2:], consts))
		going := b.Inline(op.Cond, join2(next[:state], consts))
		return append(going[:1:1], next[:state]...)
	})
	going := x.Inline(op.Cond, in)
	return x.AddMany("Loop", append([]string{"", going[0]}, in[:state]...), len(n.Out()), body)
}

// MACs implements graph.Contracting: those of one step.
func (op while) MACs(_, _ []tensor.Type) int64 { return op.Cond.MACs() + op.Body.MACs() }

// FLOPs implements graph.Costed: of one step.
func (op while) FLOPs(_, _ []tensor.Type) int64 { return op.Cond.FLOPs() + op.Body.FLOPs() }

// InPlace implements graph.InPlace: the state.
func (op while) InPlace() [][2]int {
	pairs := make([][2]int, len(op.Body.Out))
	for k := range pairs {
		pairs[k] = [2]int{k, k}
	}
	return pairs
}

// doubling is a sample: x doubles until the bound is reached or i, which counts,
// is 9.
func doubling() while {
	i32, f32 := tensor.Type{DType: tensor.Int32}, tensor.F32()
	in := []tensor.Type{i32, f32, f32}
	return while{
		bodyOf("below", in, func(in []*graph.Node) []*graph.Node {
			return []*graph.Node{And(Lt(in[1], in[2]), Lt(in[0], Like(in[0], 9)))}
		}),
		bodyOf("double", in, func(in []*graph.Node) []*graph.Node {
			return []*graph.Node{Add(in[0], Like(in[0], 1)), Scale(in[1], 2)}
		}), 1,
	}
}

func init() {
	in := []tensor.Type{{DType: tensor.Int32}, tensor.F32(), tensor.F32()}
	graph.Register(graph.Entry{
		Op:  doubling(),
		Doc: "state = body(state) while cond(state)",
		Samples: []graph.Sample{
			{In: in, Ranges: [][2]float64{{0, 5}, {0.5, 1}, {50, 60}}, Rough: true},
			{In: in, Ranges: [][2]float64{{0, 5}, {2, 3}, {1, 2}}, Rough: true},
		},
	})
}
