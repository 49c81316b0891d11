package ops_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

func evaluate(out []*graph.Node, feeds map[*graph.Node][]float64) [][]float64 {
	var in []*graph.Node
	var wide []tensor.Wide
	for n, v := range feeds {
		in, wide = append(in, n), append(wide, tensor.Wide{Type: n.Type(), F: v})
	}
	f, err := graph.NewFunc("f", in, out)
	if err != nil {
		panic(err)
	}
	var got [][]float64
	for _, w := range graph.Eval(f, wide) {
		got = append(got, w.F)
	}
	return got
}

// ExampleScanOf is a bank account: the balance grows by a rate, which belongs to
// the surrounding graph, and by what is paid in. The gradient says what each
// payment is worth at the end.
func ExampleScanOf() {
	g := graph.New()
	start, rate, paid := g.Leaf("start", tensor.F32()), g.Leaf("rate", tensor.F32()), g.Leaf("paid", tensor.F32(3))
	last, balances := ops.ScanOf([]*graph.Node{start}, []*graph.Node{paid}, ops.Loop{}, func(carry, x []*graph.Node) (next, ys []*graph.Node) {
		b := ops.Add(ops.Mul(carry[0], rate), x[0])
		return []*graph.Node{b}, []*graph.Node{b}
	})
	worth := graph.Grad(last[0], paid)
	for _, v := range evaluate([]*graph.Node{last[0], balances[0], worth[0]}, map[*graph.Node][]float64{start: {8}, rate: {1.5}, paid: {2, 0, 4}}) {
		fmt.Println(v)
	}
	// Output:
	// [35.5]
	// [14 21 35.5]
	// [2.25 1.5 1]
}

// ExampleWhileOf is Newton's iteration for a square root, until it stands still.
func ExampleWhileOf() {
	g := graph.New()
	a := g.Leaf("a", tensor.F32())
	next := func(x *graph.Node) *graph.Node { return ops.Scale(ops.Add(x, ops.Div(a, x)), 0.5) }
	root := ops.WhileOf([]*graph.Node{a},
		func(s []*graph.Node) *graph.Node {
			return ops.Gt(ops.Abs(ops.Sub(next(s[0]), s[0])), g.Fill(1e-12, a.Type()))
		},
		func(s []*graph.Node) []*graph.Node { return []*graph.Node{next(s[0])} })
	fmt.Printf("%.6f\n", evaluate(root, map[*graph.Node][]float64{a: {2}})[0])
	// Output: [1.414214]
}

// ExampleIfOf computes one of two things.
func ExampleIfOf() {
	g := graph.New()
	x := g.Leaf("x", tensor.F32())
	y := ops.IfOf(ops.Lt(x, ops.Like(x, 0)),
		func() []*graph.Node { return []*graph.Node{ops.Neg(x)} },
		func() []*graph.Node { return []*graph.Node{ops.Mul(x, x)} })
	for _, v := range []float64{-3, 5} {
		fmt.Println(evaluate([]*graph.Node{y[0], graph.Grad(y[0], x)[0]}, map[*graph.Node][]float64{x: {v}}))
	}
	// Output:
	// [[3] [-1]]
	// [[25] [10]]
}

// TestMistakesInBodiesAreReported: what is wrong in a body is the graph's first
// mistake, with its operation and the line of the model.
func TestMistakesInBodiesAreReported(t *testing.T) {
	one := func(n *graph.Node) []*graph.Node { return []*graph.Node{n} }
	scan := func(x *graph.Node, step func(c *graph.Node) *graph.Node) {
		ops.ScanOf(one(x), nil, ops.Loop{Length: 3}, func(c, _ []*graph.Node) (next, ys []*graph.Node) { return one(step(c[0])), nil })
	}
	for want, build := range map[string]func(g *graph.Graph, x *graph.Node){
		"flow_test.go": func(g *graph.Graph, x *graph.Node) {
			scan(x, func(c *graph.Node) *graph.Node { return ops.MatMul(c, x) })
		},
		"a carry changes its type": func(g *graph.Graph, x *graph.Node) {
			scan(x, func(c *graph.Node) *graph.Node { return ops.ReduceSum(c) })
		},
		"use a scan": func(g *graph.Graph, x *graph.Node) {
			y := ops.WhileOf(one(x), func([]*graph.Node) *graph.Node { return g.Fill(0, tensor.Type{DType: tensor.Bool}) },
				func(s []*graph.Node) []*graph.Node { return one(ops.Neg(s[0])) })
			graph.Grad(ops.ReduceSum(y[0]), x)
		},
		"no axis of time": func(g *graph.Graph, x *graph.Node) {
			ops.ScanOf(one(x), one(ops.ReduceSum(x)), ops.Loop{}, func(c, x []*graph.Node) (next, ys []*graph.Node) { return c, x })
		},
		"belongs to another graph": func(g *graph.Graph, x *graph.Node) {
			scan(x, func(c *graph.Node) *graph.Node { return ops.Add(c, graph.New().Leaf("y", x.Type())) })
		},
		"gives 2 results, else": func(g *graph.Graph, x *graph.Node) {
			in := []tensor.Type{x.Type()}
			two := body(t, "two", in, func(x *graph.Node) []*graph.Node { return []*graph.Node{x, x} })
			ops.If(g.Fill(1, tensor.Type{DType: tensor.Bool}), two, body(t, "else", in, one), x)
		},
	} {
		g := graph.New()
		build(g, g.Leaf("x", tensor.F32(2, 3)))
		if g.Err() == nil || !strings.Contains(g.Err().Error(), want) {
			t.Errorf("error = %v, want %q in it", g.Err(), want)
		}
	}
}

func body(t *testing.T, name string, in []tensor.Type, build func(x *graph.Node) []*graph.Node) *graph.Func {
	t.Helper()
	g := graph.New()
	x := g.Leaf("x", in[0])
	f, err := graph.NewFunc(name, []*graph.Node{x}, build(x))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestEqualScansAreOne: bodies are compared by what they compute.
func TestEqualScansAreOne(t *testing.T) {
	g := graph.New()
	x := g.Leaf("x", tensor.F32(4))
	build := func(by float64) *graph.Node {
		last, _ := ops.ScanOf([]*graph.Node{x}, nil, ops.Loop{Length: 3}, func(c, _ []*graph.Node) (next, ys []*graph.Node) {
			return []*graph.Node{ops.Scale(c[0], by)}, nil
		})
		return last[0]
	}
	twice, again, thrice := build(2), build(2), build(3)
	if twice != again || twice == thrice {
		t.Error("scans are compared wrongly")
	}
}

// TestTheThirdDerivativeOfAScan is that of x⁴, by three steps of products.
func TestTheThirdDerivativeOfAScan(t *testing.T) {
	g := graph.New()
	x := g.Leaf("x", tensor.F32())
	last, _ := ops.ScanOf([]*graph.Node{x}, nil, ops.Loop{Length: 3}, func(c, _ []*graph.Node) (next, ys []*graph.Node) {
		return []*graph.Node{ops.Mul(c[0], x)}, nil
	})
	y := last[0]
	for order, want := range []float64{4 * 27, 12 * 9, 24 * 3} {
		y = graph.Grad(y, x)[0]
		if got := evaluate([]*graph.Node{y}, map[*graph.Node][]float64{x: {3}})[0][0]; math.Abs(got-want) > 1e-9 {
			t.Errorf("derivative %d is %v, want %v", order+1, got, want)
		}
	}
}

// TestMapsHaveNoCarries maps squares over rows, with a gradient.
func TestMapsHaveNoCarries(t *testing.T) {
	g := graph.New()
	x, w := g.Leaf("x", tensor.F32(3, 2)), g.Leaf("w", tensor.F32(2))
	y := ops.MapOf([]*graph.Node{x}, func(x []*graph.Node) []*graph.Node {
		return []*graph.Node{ops.ReduceSum(ops.Mul(ops.Mul(x[0], x[0]), w))}
	})
	v := evaluate(append(y, graph.Grad(y[0], x, w)...), map[*graph.Node][]float64{x: {1, 2, 3, 4, 5, 6}, w: {1, 10}})
	if got := fmt.Sprint(v); got != "[[41 169 385] [2 40 6 80 10 120] [35 56]]" {
		t.Error(got)
	}
}
