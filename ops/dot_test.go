package ops_test

import (
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
	"pgregory.net/rapid"
)

// TestDotChecks runs the checks of operations on drawn contractions: axes of
// each operand in any order, so that all ways of making a matrix are met.
func TestDotChecks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nb, nk := rapid.IntRange(0, 2).Draw(t, "batch"), rapid.IntRange(0, 2).Draw(t, "contracted")
		shared := rapid.SliceOfN(rapid.IntRange(1, 3), nb+nk, nb+nk).Draw(t, "shared")
		operand := func(name string, seed uint64, g *graph.Graph) (x *graph.Node, batch, contract []int) {
			free := rapid.SliceOfN(rapid.IntRange(1, 3), 0, 2).Draw(t, name+" free")
			sizes := append(append([]int{}, shared...), free...)
			order := rapid.Permutation(numbers(len(sizes))).Draw(t, name+" order")
			dims, at := make([]int, len(sizes)), make([]int, len(sizes))
			for i, from := range order {
				dims[i], at[from] = sizes[from], i
			}
			return noise(g, seed, dims...), at[:nb], at[nb : nb+nk]
		}
		g := graph.New()
		a, batchA, contractA := operand("a", 1, g)
		b, batchB, contractB := operand("b", 2, g)
		kit(t, ops.DotGeneral(a, b, ops.DotDims{
			BatchA: ops.List(batchA...), BatchB: ops.List(batchB...),
			ContractA: ops.List(contractA...), ContractB: ops.List(contractB...),
		}), -1, 1)
	})
}

func numbers(n int) []int {
	l := make([]int, n)
	for i := range l {
		l[i] = i
	}
	return l
}

// TestMatMulShapes follows NumPy's matmul.
func TestMatMulShapes(t *testing.T) {
	for _, c := range []struct{ a, b, want tensor.Shape }{
		{tensor.Dims(2, 3), tensor.Dims(3, 4), tensor.Dims(2, 4)},
		{tensor.Dims(3), tensor.Dims(3, 4), tensor.Dims(4)},
		{tensor.Dims(2, 3), tensor.Dims(3), tensor.Dims(2)},
		{tensor.Dims(3), tensor.Dims(3), tensor.Dims()},
		{tensor.Dims(5, 2, 3), tensor.Dims(3, 4), tensor.Dims(5, 2, 4)},
		{tensor.Dims(5, 2, 3), tensor.Dims(5, 3, 4), tensor.Dims(5, 2, 4)},
		{tensor.Dims(2, 3), tensor.Dims(5, 3, 4), tensor.Dims(5, 2, 4)},
		{tensor.Dims(6, 1, 2, 3), tensor.Dims(5, 3, 4), tensor.Dims(6, 5, 2, 4)},
		{tensor.Dims(3), tensor.Dims(5, 3, 4), tensor.Dims(5, 4)},
	} {
		g := graph.New()
		y := ops.MatMul(noise(g, 1, c.a.Dims()...), noise(g, 2, c.b.Dims()...))
		if y.Shape() != c.want || g.Err() != nil {
			t.Errorf("%v·%v = %v, want %v (%v)", c.a, c.b, y.Shape(), c.want, g.Err())
		}
	}
	g := graph.New()
	ops.MatMul(noise(g, 1, 2, 3), noise(g, 2, 4, 5))
	if g.Err() == nil {
		t.Error("[2 3]·[4 5] is no mistake")
	}
}

// TestMatMulValues checks one product by hand.
func TestMatMulValues(t *testing.T) {
	g := graph.New()
	a := g.Constant(tensor.From(tensor.Dims(2, 2), []float32{1, 2, 3, 4}))
	b := g.Constant(tensor.From(tensor.Dims(1, 2, 2), []float32{5, 6, 7, 8}))
	wantNear(t, values(t, ops.MatMul(a, b)), []float64{19, 22, 43, 50}, 0)
}
