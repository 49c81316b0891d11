package graph_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// TestFirstMistakeSticks asks for one error that names the op, the types and
// the line of the model, and lets the model go on.
func TestFirstMistakeSticks(t *testing.T) {
	g := graph.New()
	x, w := g.Leaf("x", tensor.F32(32, 784)), g.Leaf("w", tensor.F32(783, 10))
	y := ops.Tanh(ops.Add(x, w)) // the mistake is on this line
	ops.Mul(y, ops.Reshape(y, tensor.Dims(y.Shape().Dim(-1), 5)))
	ops.Concatenate(3, y, x)
	g.Leaf("x", tensor.F32(1))
	var e *graph.Error
	if !errors.As(g.Err(), &e) {
		t.Fatalf("error = %v", g.Err())
	}
	if e.Op != "add" || !strings.HasPrefix(e.Site, "graph_test.go:") || !strings.Contains(e.Error(), "float32[32 784] float32[783 10]") {
		t.Error(e)
	}
	if _, err := graph.NewFunc("f", []*graph.Node{x, w}, []*graph.Node{y}); !errors.Is(err, g.Err()) {
		t.Errorf("NewFunc says %v", err)
	}
}

// TestEqualNodesAreOne interns operations, constants by content, and tells 0
// from -0.
func TestEqualNodesAreOne(t *testing.T) {
	g := graph.New()
	x := g.Leaf("x", tensor.F32(3))
	if y := ops.Add(x, x); y != ops.Add(x, x) || y == ops.Mul(x, x) {
		t.Error("operations")
	}
	c := func(v float32) *graph.Node { return g.Constant(tensor.Scalar(v)) }
	if one := c(1); one != c(1) || one == c(2) {
		t.Error("constants")
	}
	if g.Fill(0, tensor.F32()) == g.Fill(math.Copysign(0, -1), tensor.F32()) {
		t.Error("0 is -0")
	}
	args := []*graph.Node{x, x}
	y := ops.Concatenate(0, args...)
	args[0] = nil
	if y.In()[0] != x {
		t.Error("operands are the caller's slice")
	}
}

// TestNewFuncRefuses lists what a function cannot be made of.
func TestNewFuncRefuses(t *testing.T) {
	g, h := graph.New(), graph.New()
	x, y, far := g.Leaf("x", tensor.F32(3)), g.Leaf("y", tensor.F32(3)), h.Leaf("x", tensor.F32(3))
	z := ops.Add(x, y)
	for want, c := range map[string][2][]*graph.Node{
		"has no outputs":   {{x}, nil},
		"needs leaf \"y\"": {{x}, {z}},
		"is not a leaf":    {{x, y, z}, {z}},
		"listed twice":     {{x, x, y}, {z}},
		"two graphs":       {{x, y}, {z, far}},
	} {
		if _, err := graph.NewFunc("f", c[0], c[1]); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %q", err, want)
		}
	}
}

// body is tanh(a·b) and a + b.
func body(t *testing.T) *graph.Func {
	g := graph.New()
	a, b := g.Leaf("a", tensor.F32(4)), g.Leaf("b", tensor.F32(4))
	f, err := graph.NewFunc("pair", []*graph.Node{a, b}, []*graph.Node{ops.Tanh(ops.Mul(a, b)), ops.Add(a, b)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestCall holds a call to its inlined body, with gradients of two orders.
func TestCall(t *testing.T) {
	f := body(t)
	results := func(apply func(g *graph.Graph, x, y *graph.Node) []*graph.Node) []float64 {
		g := graph.New()
		x, y := g.Leaf("x", tensor.F32(4)), g.Leaf("y", tensor.F32(4))
		outs := apply(g, x, y)
		z := ops.Mul(outs[0], outs[1])
		first := graph.Grad(z, x, y)
		second := graph.Grad(ops.Mul(first[0], first[1]), x, y)
		return eval(t, []*graph.Node{x, y}, append(append(outs, first...), second...)...)
	}
	called := results(func(_ *graph.Graph, x, y *graph.Node) []*graph.Node { return graph.Apply(graph.Call{Body: f}, x, y) })
	inlined := results(func(g *graph.Graph, x, y *graph.Node) []*graph.Node { return g.Inline(f, x, y) })
	for i, v := range inlined {
		if math.Abs(called[i]-v) > 1e-12 {
			t.Fatalf("element %d is %v called, %v inlined", i, called[i], v)
		}
	}
}

// TestRulesReplace replaces the rule of tanh, in the open and inside a call, and
// differentiates by an inner node.
func TestRulesReplace(t *testing.T) {
	f := body(t)
	rules := map[string]graph.Rule{"tanh": func(ct []*graph.Node, _ *graph.Inst) []*graph.Node { return ct }}
	g := graph.New()
	x := g.Leaf("x", tensor.F32(4))
	one := ops.Like(x, 1)
	for _, y := range []*graph.Node{ops.Tanh(x), graph.Apply(graph.Call{Body: f}, x, one)[0]} {
		d := graph.Backward{Of: []*graph.Node{y}, Rules: rules}.Grad(x)
		if got := eval(t, []*graph.Node{x}, d...); got[1] != 1 {
			t.Errorf("%v: slope %v, want 1", y, got[1])
		}
	}
	inner := ops.Mul(x, x)
	d := graph.Grad(ops.Scale(inner, 3), inner)
	if got := eval(t, []*graph.Node{x}, d...); got[0] != 3 {
		t.Errorf("by an inner node: %v, want 3", got[0])
	}
}

// TestInlineRefuses wrong arguments without a panic.
func TestInlineRefuses(t *testing.T) {
	f := body(t)
	g := graph.New()
	if out := g.Inline(f, g.Leaf("x", tensor.F32(4))); len(out) != 2 || g.Err() == nil {
		t.Errorf("%v, %v", out, g.Err())
	}
}

// eval feeds 0.1, 0.3, … to all leaves and lists the elements of all results.
func eval(t *testing.T, leaves []*graph.Node, outs ...*graph.Node) []float64 {
	t.Helper()
	f, err := graph.NewFunc("f", leaves, outs)
	if err != nil {
		t.Fatal(err)
	}
	in := make([]tensor.Wide, len(leaves))
	for i, n := range leaves {
		in[i] = tensor.NewWide(n.Type())
		for j := range in[i].F {
			in[i].F[j] = 0.1 + 0.2*float64(i+j)
		}
	}
	var all []float64
	for _, w := range graph.Eval(f, in) {
		all = append(all, w.F...)
	}
	return all
}

// TestGradOfRandomGraphs holds gradients to central differences.
func TestGradOfRandomGraphs(t *testing.T) {
	unary := []func(*graph.Node) *graph.Node{ops.Tanh, ops.Logistic, ops.Sin, ops.Erf, ops.Neg}
	binary := []func(a, b *graph.Node) *graph.Node{ops.Add, ops.Sub, ops.Mul}
	rapid.Check(t, func(r *rapid.T) {
		g := graph.New()
		x := g.Leaf("x", tensor.F32())
		nodes := []*graph.Node{x}
		pick := rapid.IntRange(0, 1000)
		for range rapid.IntRange(1, 12).Draw(r, "nodes") {
			a, b := nodes[pick.Draw(r, "a")%len(nodes)], nodes[pick.Draw(r, "b")%len(nodes)]
			if k := pick.Draw(r, "op") % (len(unary) + len(binary)); k < len(unary) {
				nodes = append(nodes, ops.Tanh(unary[k](a)))
			} else {
				nodes = append(nodes, ops.Tanh(binary[k-len(unary)](a, b)))
			}
		}
		y := nodes[len(nodes)-1]
		f, err := graph.NewFunc("f", []*graph.Node{x}, []*graph.Node{y, graph.Grad(y, x)[0]})
		if err != nil {
			r.Fatal(err)
		}
		at := func(v float64) (float64, float64) {
			w := graph.Eval(f, []tensor.Wide{{Type: tensor.F32(), F: []float64{v}}})
			return w[0].F[0], w[1].F[0]
		}
		const h = 1e-5
		v := rapid.Float64Range(-1, 1).Draw(r, "x")
		low, _ := at(v - h)
		high, _ := at(v + h)
		if _, got := at(v); math.Abs(got-(high-low)/(2*h)) > 1e-6*max(1, math.Abs(got)) {
			r.Fatalf("gradient %v, difference %v", got, (high-low)/(2*h))
		}
	})
}
