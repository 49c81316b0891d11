package ops_test

import (
	"math"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// TestConversionsThereAndBackThatAreLeftOut goes through all values of all types
// of up to 8 bits and all types to convert them to and back: where the two
// conversions are simplified away, they change nothing.
func TestConversionsThereAndBackThatAreLeftOut(t *testing.T) {
	left := 0
	for _, a := range dtypes(t) {
		if a.Bits() > 8 {
			continue
		}
		codes := tensor.New(tensor.Type{DType: a, Shape: tensor.Dims(256)})
		for c := range codes.Bytes() {
			codes.Bytes()[c] = uint8(c)
		}
		x := tensor.Widen(codes)
		for _, b := range dtypes(t) {
			g := graph.New()
			leaf := g.Leaf("x", x.Type)
			back := ops.Convert(ops.Convert(leaf, b), a)
			if s, ok := back.Op().(graph.Simplifier); a == b || !ok || s.Simplify(back.Inst()) == nil {
				continue
			}
			left++
			y := converted(t, converted(t, x, b), a)
			for i := range 256 {
				if y.F != nil && math.Float64bits(y.F[i]) != math.Float64bits(x.F[i]) && (y.F[i] == y.F[i] || x.F[i] == x.F[i]) {
					t.Fatalf("%v by way of %v: %v becomes %v", a, b, x.F[i], y.F[i])
				}
				if y.I != nil && y.I[i] != x.I[i] {
					t.Fatalf("%v by way of %v: %v becomes %v", a, b, x.I[i], y.I[i])
				}
			}
		}
	}
	t.Logf("%d pairs", left)
	if left < 40 {
		t.Errorf("%d pairs are left out", left)
	}
}

// converted is x as elements of d, as memory holds them.
func converted(t *testing.T, x tensor.Wide, d tensor.DType) tensor.Wide {
	t.Helper()
	g := graph.New()
	leaf := g.Leaf("x", x.Type)
	f, err := graph.NewFunc("f", []*graph.Node{leaf}, []*graph.Node{ops.Convert(leaf, d)})
	if err != nil {
		t.Fatal(err)
	}
	return tensor.Widen(graph.Eval(f, []tensor.Wide{x})[0].Narrow())
}

func dtypes(t *testing.T) []tensor.DType {
	var list []tensor.DType
	for _, name := range tensor.DTypes() {
		d, err := tensor.ParseDType(name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, d)
	}
	return list
}
