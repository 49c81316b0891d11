package ops_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// TestSortOfSpecialValues: zeros are equal and keep their order, infinities are
// at the ends, NaN is above all.
func TestSortOfSpecialValues(t *testing.T) {
	nan, inf, minus := float32(math.NaN()), float32(math.Inf(1)), float32(math.Copysign(0, -1))
	x := tensor.From(tensor.Dims(9), []float32{0, nan, minus, inf, -1, -nan, 2, -inf, 0})
	for _, c := range []struct {
		descending bool
		want       string
	}{{false, "[7 4 0 2 8 6 3 1 5]"}, {true, "[1 5 3 6 0 2 8 4 7]"}} {
		g := graph.New()
		leaf := g.Leaf("x", x.Type())
		f, err := graph.NewFunc("f", []*graph.Node{leaf}, []*graph.Node{ops.ArgSort(leaf, 0, c.descending)})
		if err != nil {
			t.Fatal(err)
		}
		defined := graph.Eval(f, []tensor.Wide{tensor.Widen(x)})[0].I
		ran := tensor.Of[int32](ranThreads(t, f.In, f.Out[0], x))
		if fmt.Sprint(defined) != c.want || fmt.Sprint(ran) != c.want {
			t.Errorf("descending %v: definition %v, kernel %v, want %v", c.descending, defined, ran, c.want)
		}
	}
}

// TestSortIsStable sorts few different keys with their places as payload.
func TestSortIsStable(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		keys := rapid.SliceOfN(rapid.Int32Range(-3, 3), 1, 900).Draw(r, "keys")
		k := rapid.IntRange(1, len(keys)).Draw(r, "k")
		x := tensor.From(tensor.Dims(len(keys)), keys)
		g := graph.New()
		leaf := g.Leaf("x", x.Type())
		place := ops.Iota(g, tensor.Type{DType: tensor.Int64, Shape: x.Shape()}, 0)
		sorted := ops.SortBy(0, false, leaf, place)
		_, least := ops.BottomK(leaf, k, 0)
		want := make([]int64, len(keys))
		for i := range want {
			want[i] = int64(i)
		}
		slices.SortStableFunc(want, func(a, b int64) int { return int(keys[a] - keys[b]) })
		if got := tensor.Of[int64](ranThreads(t, []*graph.Node{leaf}, sorted[1], x)); !slices.Equal(got, want) {
			r.Errorf("%v sorts to %v, want %v", keys, got, want)
		}
		for i, p := range tensor.Of[int32](ranThreads(t, []*graph.Node{leaf}, least, x)) {
			if int64(p) != want[i] {
				r.Errorf("place %d of the %d least of %v is %d, want %d", i, k, keys, p, want[i])
			}
		}
	})
}

func ExampleTopK() {
	g := graph.New()
	x := g.Constant(tensor.From(tensor.Dims(5), []float32{3, 1, 4, 1, 5}))
	values, places := ops.TopK(x, 2, -1)
	f, err := graph.NewFunc("f", nil, []*graph.Node{values, places})
	if err != nil {
		fmt.Println(err)
		return
	}
	out := graph.Eval(f, nil)
	fmt.Println(out[0].F, out[1].I)
	// Output: [5 4] [4 2]
}
