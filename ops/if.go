package ops

import (
	"fmt"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// If computes then, of args, if pred, a bool [], is true, and otherwise els, of
// args; both give results of the same types. Only the chosen one is computed.
// Its gradient is an If of the gradients, which compute the chosen body again.
func If(pred *graph.Node, then, els *graph.Func, args ...*graph.Node) []*graph.Node {
	in := append([]*graph.Node{pred}, args...)
	return graph.Apply(branch{then, els}, in...)[:len(then.Out)]
}

// IfOf is If with the bodies that then and els build from what they use of the
// surrounding graph.
func IfOf(pred *graph.Node, then, els func() []*graph.Node) []*graph.Node {
	return IfIn(pred, func(*graph.Graph) []*graph.Node { return then() }, func(*graph.Graph) []*graph.Node { return els() })
}

// IfIn is IfOf for builders that want to know the graph of their body: what a
// body does with nodes of the surrounding graph alone, which [graph.Graph.Own]
// makes nodes of the body, is computed only if the body is chosen.
func IfIn(pred *graph.Node, then, els func(body *graph.Graph) []*graph.Node) []*graph.Node {
	count := 0
	build := func(f func(*graph.Graph) []*graph.Node) func(*graph.Graph, []*graph.Node) []*graph.Node {
		return func(b *graph.Graph, _ []*graph.Node) []*graph.Node {
			out := f(b)
			count = len(out)
			return out
		}
	}
	bodies, args, ok := captured(pred.Graph(), "if", make([][]tensor.Type, 2), build(then), build(els))
	if !ok {
		return stand(pred, count)
	}
	return If(pred, bodies[0], bodies[1], args...)
}

type branch struct{ Then, Else *graph.Func }

func (branch) Name() string { return "if" }

// Key implements graph.Keyed.
func (op branch) Key() string { return op.Then.Key() + op.Else.Key() }

// Bodies implements graph.Bodied.
func (op branch) Bodies() []*graph.Func { return []*graph.Func{op.Then, op.Else} }

// WithBodies implements graph.Flowing.
func (branch) WithBodies(b []*graph.Func) graph.Op { return branch{b[0], b[1]} }

// Flow implements graph.Flowing.
func (op branch) Flow() graph.Flow { return graph.Flow{Kind: graph.FlowIf} }

func (op branch) Infer(in []tensor.Type) ([]tensor.Type, error) {
	if len(in) == 0 || in[0] != (tensor.Type{DType: tensor.Bool}) {
		return nil, fmt.Errorf("want a bool[] to decide by")
	}
	for _, f := range op.Bodies() {
		if err := fitsBody(f, in[1:]); err != nil {
			return nil, err
		}
	}
	out := op.Then.OutTypes()
	if len(out) != len(op.Else.Out) {
		return nil, fmt.Errorf("%s gives %d results, %s %d", op.Then.Name, len(out), op.Else.Name, len(op.Else.Out))
	}
	return out, gives(op.Else, out)
}

func (op branch) Ref(out, in []tensor.Wide) {
	f := op.Else
	if in[0].I[0] != 0 {
		f = op.Then
	}
	for i, y := range graph.Eval(f, in[1:]) {
		copyWide(out[i], y)
	}
}

// VJP implements graph.Differentiable.
func (op branch) VJP(ct []*graph.Node, n *graph.Inst) []*graph.Node { return op.VJPWith(nil, ct, n) }

// VJPWith implements graph.Ruled.
func (op branch) VJPWith(rules map[string]graph.Rule, ct []*graph.Node, n *graph.Inst) []*graph.Node {
	var given []*graph.Node
	for i, y := range n.Out() {
		if ct[i] != nil && y.DType().Float() {
			given = append(given, ct[i])
		}
	}
	cts := make([]*graph.Node, len(n.In()))
	var wrt []int
	for i, x := range n.In() {
		if x.DType().Float() {
			wrt = append(wrt, i)
		}
	}
	if len(given) == 0 || len(wrt) == 0 {
		return cts
	}
	grads := branch{bodyGrad(op.Then, rules, ct, n), bodyGrad(op.Else, rules, ct, n)}
	if n.Graph().Err() != nil {
		return n.In()
	}
	for i, c := range graph.Apply(grads, append(append([]*graph.Node{}, n.In()...), given...)...) {
		cts[wrt[i]] = c
	}
	return cts
}

// bodyGrad is the gradient of a body: of its inputs and the cotangents given, the
// cotangents of those inputs that are floating-point.
func bodyGrad(f *graph.Func, rules map[string]graph.Rule, ct []*graph.Node, n *graph.Inst) *graph.Func {
	g := graph.New()
	in := leavesOf(g, "in", f.InTypes())
	b := graph.Backward{Rules: rules}
	all := append([]*graph.Node{}, in...)
	for i, y := range g.Inline(f, in...) {
		if ct[i] != nil && y.DType().Float() {
			seed := g.Leaf(fmt.Sprint("ct.", i), y.Type())
			b.Of, b.Seeds, all = append(b.Of, y), append(b.Seeds, seed), append(all, seed)
		}
	}
	var wrt []*graph.Node
	for _, x := range in {
		if x.DType().Float() {
			wrt = append(wrt, x)
		}
	}
	out := b.Grad(wrt...)
	if n.Graph().Adopt(g); n.Graph().Err() != nil {
		return f
	}
	return must(graph.NewFunc(f.Name+"-grad", all, out))
}

// Export implements graph.Exporter.
func (op branch) Export(x graph.Exchange, in []string, n *graph.Inst) []string {
	side := func(name string, f *graph.Func) graph.Attribute {
		return x.Body(name, nil, func(b graph.Exchange, _ []string) []string { return b.Inline(f, in[1:]) })
	}
	return x.AddMany("If", in[:1], len(n.Out()), side("then_branch", op.Then), side("else_branch", op.Else))
}

// MACs implements graph.Contracting: the larger body's.
func (op branch) MACs(_, _ []tensor.Type) int64 { return max(op.Then.MACs(), op.Else.MACs()) }

// FLOPs implements graph.Costed: of the longer body.
func (op branch) FLOPs(_, _ []tensor.Type) int64 { return max(op.Then.FLOPs(), op.Else.FLOPs()) }

// Simplify implements graph.Simplifier: what is known beforehand, or the same
// either way, is no choice.
func (op branch) Simplify(n *graph.Inst) []*graph.Node {
	pred := n.In()[0]
	switch v, ok := fillOf(pred); {
	case ok && v != 0:
		return n.Graph().Inline(op.Then, n.In()[1:]...)
	case ok, op.Then.Key() == op.Else.Key():
		return n.Graph().Inline(op.Else, n.In()[1:]...)
	}
	return nil
}

// Prune implements graph.Pruner: results that nobody uses and arguments that
// neither body needs are left out.
func (op branch) Prune(n *graph.Inst, used []bool) (graph.Op, []*graph.Node, []int, bool) {
	at := make([]int, len(used))
	var out [2][]*graph.Node
	for i := range at {
		if at[i] = -1; used[i] {
			at[i] = len(out[0])
			out[0], out[1] = append(out[0], op.Then.Out[i]), append(out[1], op.Else.Out[i])
		}
	}
	need := [2]map[*graph.Node]bool{}
	for b, nodes := range out {
		need[b] = map[*graph.Node]bool{}
		for _, i := range graph.Reachable(nodes) {
			need[b][i.Out()[0]] = true
		}
	}
	in := n.In()[:1:1]
	var from [2][]*graph.Node
	for i, x := range n.In()[1:] {
		if a, b := op.Then.In[i], op.Else.In[i]; need[0][a] || need[1][b] {
			in, from[0], from[1] = append(in, x), append(from[0], a), append(from[1], b)
		}
	}
	if len(in) == len(n.In()) && len(out[0]) == len(used) || len(out[0]) == 0 {
		return nil, nil, nil, false
	}
	next := branch{must(graph.NewFunc(op.Then.Name, from[0], out[0])), must(graph.NewFunc(op.Else.Name, from[1], out[1]))}
	return next, in, at, true
}

func init() {
	in := []tensor.Type{{DType: tensor.Bool}, tensor.F32(2, 3), tensor.F32(2, 3)}
	op := branch{
		bodyOf("products", in[1:], func(in []*graph.Node) []*graph.Node {
			return []*graph.Node{Mul(in[0], in[1]), Tanh(in[0])}
		}),
		bodyOf("waves", in[1:], func(in []*graph.Node) []*graph.Node {
			return []*graph.Node{Sin(in[1]), in[0]}
		}),
	}
	sample := graph.Sample{In: in, Low: -1, High: 1}
	graph.Register(graph.Entry{
		Op:      op,
		Doc:     "then(args) if pred, else els(args)",
		Samples: []graph.Sample{sample, sample, sample},
	})
}
