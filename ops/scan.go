package ops

import (
	"fmt"
	"math"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// Scan runs body once for each of length steps along time, the first axis of
// xs. body takes the carries, which are init at first, the consts, and the
// elements of xs at one time; it gives the next carries, then the elements of ys
// at that time. Scan returns the last carries and ys. If reverse, time runs from
// the last to the first; ys[t] still belongs to xs[t].
//
// Its gradient is a scan in the other direction. The forward scan stores for it,
// of each step, the carries and the results of operations that take more than
// [keepFLOPs] floating-point operations for each element they read or write (or
// that say so, see [graph.Keeper]); what lies between is computed again.
func Scan(body *graph.Func, init, consts, xs []*graph.Node, length int, reverse bool) (carry, ys []*graph.Node) {
	op := scan{body, len(init), len(consts), length, reverse}
	in := append(append(append([]*graph.Node{}, init...), consts...), xs...)
	out := graph.Apply(op, in...)
	return out[:len(init)], out[len(init):len(body.Out)]
}

// Loop says how a scan goes. The zero value goes forwards through the whole of
// the first axis of xs.
type Loop struct {
	Length  int // steps, if there are no xs
	Reverse bool
}

// ScanOf is Scan with the body that step builds from nodes for the carries and
// for xs at one time. step may use nodes of the surrounding graph: they become
// constants of the scan. Random operations draw the same in every step unless
// their keys run along time.
func ScanOf(init, xs []*graph.Node, l Loop, step func(carry, x []*graph.Node) (next, ys []*graph.Node)) (carry, ys []*graph.Node) {
	all := append(append([]*graph.Node{}, init...), xs...)
	g := all[0].Graph()
	in := typesOf(init)
	for _, x := range xs {
		if g.Err() == nil && x.Shape().Rank() == 0 {
			g.Fail("scan", fmt.Errorf("%v has no axis of time", x.Type()))
		}
		if g.Err() == nil {
			l.Length = x.Shape().Dim(0)
			in = append(in, oneStep(x.Type()))
		}
	}
	if g.Err() != nil {
		return init, stand(all[0], 64)
	}
	var count int
	bodies, consts, ok := captured(g, "step", [][]tensor.Type{in}, func(_ *graph.Graph, in []*graph.Node) []*graph.Node {
		next, ys := step(in[:len(init)], in[len(init):])
		count = len(ys)
		return append(append([]*graph.Node{}, next...), ys...)
	})
	if !ok {
		return init, stand(all[0], count)
	}
	f := bodies[0]
	k, n := len(init), len(all)
	f = must(graph.NewFunc(f.Name, append(append(append([]*graph.Node{}, f.In[:k]...), f.In[n:]...), f.In[k:n]...), f.Out))
	return Scan(f, init, consts, xs, l.Length, l.Reverse)
}

// MapOf applies f to the elements of xs along their first axis, one after the
// other, and stacks what it gives: what takes too much memory for all at once. f
// may use nodes of the surrounding graph.
func MapOf(xs []*graph.Node, f func(x []*graph.Node) []*graph.Node) []*graph.Node {
	_, ys := ScanOf(nil, xs, Loop{}, func(_, x []*graph.Node) (next, ys []*graph.Node) { return nil, f(x) })
	return ys
}

// oneStep is the type of an array at one time.
func oneStep(t tensor.Type) tensor.Type {
	t.Shape = t.Shape.Without(0)
	return t
}

// overTime is the type of an array of length elements.
func overTime(t tensor.Type, length int) (tensor.Type, error) {
	shape, err := tensor.CheckedDims(append([]int{length}, t.Shape.Dims()...)...)
	return tensor.Type{DType: t.DType, Shape: shape}, err
}

type scan struct {
	Body          *graph.Func
	Carry, Consts int
	Length        int
	Reverse       bool
}

func (scan) Name() string { return "scan" }

// Key implements graph.Keyed.
func (op scan) Key() string {
	return fmt.Sprint(op.Carry, op.Consts, op.Length, op.Reverse, op.Body.Key())
}

// Bodies implements graph.Bodied.
func (op scan) Bodies() []*graph.Func { return []*graph.Func{op.Body} }

// WithBodies implements graph.Flowing.
func (op scan) WithBodies(b []*graph.Func) graph.Op {
	op.Body = b[0]
	return op
}

// Flow implements graph.Flowing.
func (op scan) Flow() graph.Flow {
	return graph.Flow{Kind: graph.FlowScan, Carry: op.Carry, Consts: op.Consts, Length: op.Length, Reverse: op.Reverse}
}

// xs is the number of the first operand that runs along time.
func (op scan) xs() int { return op.Carry + op.Consts }

func (op scan) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if op.Carry < 0 || op.Carry > len(in) || op.Consts < 0 || op.Consts > len(in)-op.Carry || op.Length < 0 {
		return nil, fmt.Errorf("%d operands for %d carries and %d constants over %d steps", len(in), op.Carry, op.Consts, op.Length)
	}
	one := append([]tensor.Type{}, in...)
	for i := op.xs(); i < len(in); i++ {
		if in[i].Shape.Rank() == 0 || in[i].Shape.Dim(0) != op.Length {
			return nil, fmt.Errorf("operand %d is %v, want %d steps along its first axis", i, in[i], op.Length)
		}
		one[i] = oneStep(in[i])
	}
	if err := fitsBody(op.Body, one); err != nil {
		return nil, err
	}
	if err := gives(op.Body, in[:op.Carry]); err != nil {
		return nil, fmt.Errorf("a carry changes its type: %w", err)
	}
	out := append([]tensor.Type{}, in[:op.Carry]...)
	for _, t := range op.Body.OutTypes()[op.Carry:] {
		y, err := overTime(t, op.Length)
		if err != nil {
			return nil, err
		}
		out = append(out, y)
	}
	return out, nil
}

func (op scan) Ref(out, in []tensor.Wide) {
	step := append([]tensor.Wide{}, in...)
	for i := range op.Length {
		t := i
		if op.Reverse {
			t = op.Length - 1 - i
		}
		for k := op.xs(); k < len(in); k++ {
			step[k] = at(in[k], t)
		}
		y := graph.Eval(op.Body, step)
		for k := op.Carry; k < len(y); k++ {
			copyWide(at(out[k], t), y[k])
		}
		copy(step, y[:op.Carry])
	}
	for k := range op.Carry {
		copyWide(out[k], step[k])
	}
}

// Export implements graph.Exporter.
func (op scan) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	xs := len(in) - op.xs()
	if op.Length == 0 {
		return op.exportNothing(x, in, n)
	}
	if xs == 0 {
		return op.exportLoop(x, in, n)
	}
	one := append([]tensor.Type{}, n.InTypes()[:op.Carry]...)
	for _, t := range n.InTypes()[op.xs():] {
		one = append(one, oneStep(t))
	}
	body := x.Body("body", one, func(b graph.Exchange, v []string) []string {
		return b.Inline(op.Body, join2(v[:op.Carry], join2(in[op.Carry:op.xs()], v[op.Carry:])))
	})
	attrs := []graph.Attribute{body, {Name: "num_scan_inputs", Value: xs}}
	if op.Reverse {
		attrs = append(attrs, graph.Attribute{Name: "scan_input_directions", Value: ones(xs)})
		if ys := len(n.Out()) - op.Carry; ys > 0 {
			attrs = append(attrs, graph.Attribute{Name: "scan_output_directions", Value: ones(ys)})
		}
	}
	return x.AddMany("Scan", join2(in[:op.Carry], in[op.xs():]), len(n.Out()), attrs...)
}

// exportNothing writes a scan of no steps.
func (op scan) exportNothing(x graph.Exchange, in []string, n *graph.Inst) []string {
	out := append([]string{}, in[:op.Carry]...)
	for _, t := range n.OutTypes()[op.Carry:] {
		out = append(out, x.Add("Expand", []string{x.Constant(scalarOf(t.DType, 0)), x.Constant(whole(t.Shape.Dims()))}))
	}
	return out
}

// exportLoop writes a scan over nothing, of a number of steps, as a Loop.
func (op scan) exportLoop(x graph.Exchange, in []string, n *graph.Inst) []string {
	types := append([]tensor.Type{{DType: tensor.Int64}, {DType: tensor.Bool}}, n.InTypes()[:op.Carry]...)
	body := x.Body("body", types, func(b graph.Exchange, v []string) []string {
		return append([]string{v[1]}, b.Inline(op.Body, join2(v[2:], in[op.Carry:]))...)
	})
	trips := x.Constant(tensor.Scalar(int64(op.Length)))
	out := x.AddMany("Loop", append([]string{trips, ""}, in[:op.Carry]...), len(n.Out()), body)
	if op.Reverse {
		for i := op.Carry; i < len(out); i++ {
			axes := x.Constant(whole([]int{0}))
			back := x.Constant(whole([]int{-1}))
			out[i] = x.Add("Slice", []string{out[i], back, x.Constant(whole([]int{math.MinInt64})), axes, back})
		}
	}
	return out
}

// MACs implements graph.Contracting.
func (op scan) MACs(_, _ []tensor.Type) int64 { return int64(op.Length) * op.Body.MACs() }

// FLOPs implements graph.Costed.
func (op scan) FLOPs(_, _ []tensor.Type) int64 {
	one := op.Body.FLOPs()
	if one > 0 && int64(op.Length) > math.MaxInt64/one {
		return math.MaxInt64
	}
	return int64(op.Length) * one
}

// InPlace implements graph.InPlace: the carries.
func (op scan) InPlace() [][2]int {
	pairs := make([][2]int, op.Carry)
	for k := range pairs {
		pairs[k] = [2]int{k, k}
	}
	return pairs
}
