package graph_test

import (
	"strings"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// TestBodiesCaptureWhatTheyUse: of two surrounding graphs each value once;
// constants and what grows from one operand are made again.
func TestBodiesCaptureWhatTheyUse(t *testing.T) {
	g := graph.New()
	x, small := g.Leaf("x", tensor.F32(4, 3)), g.Leaf("small", tensor.F32(3))
	repeated, one := ops.BroadcastInDim(small, x.Shape(), 1), g.Fill(1, x.Type())
	body := g.Body()
	inner := body.Body()
	y := inner.Leaf("y", x.Type())
	z := ops.Add(ops.Add(ops.Mul(y, x), ops.Mul(repeated, y)), ops.Mul(x, ops.Sub(one, y)))
	if g.Err() != nil || body.Err() != nil || inner.Err() != nil || z.Graph() != inner {
		t.Fatal(g.Err(), body.Err(), inner.Err())
	}
	for _, b := range []*graph.Graph{inner, body} {
		outer, leaves := b.Captured()
		if len(outer) != 2 || len(leaves) != 2 || leaves[0].Type() != x.Type() || leaves[1].Type() != small.Type() {
			t.Errorf("captured %v as %v", outer, leaves)
		}
	}
	if outer, _ := body.Captured(); outer[0] != x || outer[1] != small {
		t.Errorf("captured %v", outer)
	}
	if ops.Add(y, graph.New().Leaf("a", x.Type())); inner.Err() == nil {
		t.Error("a body takes a node of a graph that does not surround it")
	}
	if g.Adopt(inner); g.Err() == nil || !strings.Contains(g.Err().Error(), "another graph") {
		t.Errorf("error = %v", g.Err())
	}
}

// TestKeysAreOfStructure: labels and names do not count, order does.
func TestKeysAreOfStructure(t *testing.T) {
	build := func(label string, swap bool) *graph.Func {
		g := graph.New()
		a, b := g.Leaf(label+"a", tensor.F32(2)), g.Leaf(label+"b", tensor.F32(2))
		in := []*graph.Node{a, b}
		if swap {
			in = []*graph.Node{b, a}
		}
		f, err := graph.NewFunc(label, in, []*graph.Node{ops.Sub(a, ops.Exp(b)).Named(label)})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	if build("x", false).Key() != build("y", false).Key() {
		t.Error("equal functions have different keys")
	}
	if build("x", false).Key() == build("x", true).Key() {
		t.Error("functions that differ in the order of inputs have one key")
	}
}
