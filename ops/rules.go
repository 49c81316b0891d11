package ops

import (
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// unaryRules is what all elementwise operations of one operand answer alike.
type unaryRules struct{}

// InPlace implements graph.InPlace.
func (unaryRules) InPlace() [][2]int { return [][2]int{{0, 0}} }

// Simplify implements graph.Simplifier.
func (unaryRules) Simplify(n *graph.Inst) []*graph.Node { return foldFills(n) }

// binaryRules is what all elementwise operations of two operands answer alike.
type binaryRules struct{}

// InPlace implements graph.InPlace.
func (binaryRules) InPlace() [][2]int { return [][2]int{{0, 0}, {0, 1}} }

// Simplify implements graph.Simplifier.
func (binaryRules) Simplify(n *graph.Inst) []*graph.Node { return foldFills(n) }

// isOp says whether n is the result of an operation of type T.
func isOp[T graph.Op](n *graph.Node) bool {
	_, ok := n.Op().(T)
	return ok
}

// fillOf is the value of a node whose elements are all one.
func fillOf(n *graph.Node) (value float64, ok bool) {
	f, ok := n.Op().(graph.Fill)
	return f.Value, ok
}

// isFill says whether every element of n is value.
func isFill(n *graph.Node, value float64) bool {
	v, ok := fillOf(n)
	return ok && v == value
}

// exact is the largest whole number up to which float64 has them all.
const exact = 1 << 53

// foldFills computes an elementwise operation of fills at one element: the result
// is a fill again. It gives nil where an operand is no fill.
func foldFills(n *graph.Inst) []*graph.Node {
	in := make([]tensor.Wide, len(n.In()))
	for i, x := range n.In() {
		f, ok := x.Op().(graph.Fill)
		if !ok {
			return nil
		}
		f.Of.Shape = tensor.Dims()
		in[i] = tensor.NewWide(f.Of)
		f.Ref(in[i:i+1], nil)
	}
	t := n.Out()[0].Type()
	out := tensor.NewWide(tensor.Type{DType: t.DType})
	n.Op().Ref([]tensor.Wide{out}, in)
	out.Wrap()
	if out.F != nil {
		return []*graph.Node{n.Graph().Fill(out.F[0], t)}
	}
	if v := out.I[0]; v > -exact && v < exact {
		return []*graph.Node{n.Graph().Fill(float64(v), t)}
	}
	return nil
}
