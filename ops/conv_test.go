package ops_test

import (
	"math"
	"testing"

	"github.com/ihae/ihae/check"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"pgregory.net/rapid"
)

// values computes a node of a graph whose sources are constants.
func values(t rapid.TB, n *graph.Node) []float64 {
	t.Helper()
	f, err := graph.NewFunc("test", nil, []*graph.Node{n})
	if err != nil {
		t.Fatal(err)
	}
	w := graph.Eval(f, nil)[0]
	for _, v := range w.I {
		w.F = append(w.F, float64(v))
	}
	return w.F
}

// noise is a constant of even draws from [-1, 1).
func noise(g *graph.Graph, seed uint64, dims ...int) *graph.Node {
	r := rng.New(seed).Rand()
	data := make([]float32, tensor.Dims(dims...).Size())
	for i := range data {
		data[i] = 2*r.Float32() - 1
	}
	return g.Constant(tensor.From(tensor.Dims(dims...), data))
}

// wantNear compares two lists of numbers.
func wantNear(t rapid.TB, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d numbers, want %d", len(got), len(want))
	}
	for i, w := range want {
		if d := math.Abs(got[i] - w); !(d <= tolerance*max(1, math.Abs(w))) {
			t.Fatalf("element %d is %v, want %v", i, got[i], w)
		}
	}
}

// kit runs all checks of the registered operations on this node's.
func kit(t rapid.TB, n *graph.Node, low, high float64) {
	t.Helper()
	if err := n.Graph().Err(); err != nil {
		t.Fatal(err)
	}
	s := graph.Sample{In: n.Inst().InTypes(), Low: low, High: high}
	if err := check.Op(graph.Entry{Op: n.Op(), Doc: "a node of a test", Samples: []graph.Sample{s}}); err != nil {
		t.Fatal(err)
	}
}

// drawConv draws a convolution of the given number of spatial axes.
func drawConv(t *rapid.T, g *graph.Graph, spatial int) (x, w, bias *graph.Node, d ops.ConvDims) {
	small := func(name string, low, high int) []int {
		return rapid.SliceOfN(rapid.IntRange(low, high), spatial, spatial).Draw(t, name)
	}
	groups := rapid.IntRange(1, 2).Draw(t, "groups")
	c, k := groups*rapid.IntRange(1, 2).Draw(t, "c"), groups*rapid.IntRange(1, 2).Draw(t, "k")
	in, taps := small("in", 1, 4), small("taps", 1, 3)
	low, high, dil, idil := small("low", 0, 2), small("high", 0, 2), small("dilation", 1, 2), small("input dilation", 1, 2)
	for i := range in { // room for one window
		high[i] = max(high[i], (taps[i]-1)*dil[i]+1-low[i]-((in[i]-1)*idil[i]+1))
	}
	x = noise(g, 1, append(append([]int{rapid.IntRange(1, 2).Draw(t, "n")}, in...), c)...)
	w = noise(g, 2, append(taps, c/groups, k)...)
	return x, w, noise(g, 3, k), ops.ConvDims{
		Stride: ops.List(small("stride", 1, 3)...), PadLow: ops.List(low...), PadHigh: ops.List(high...),
		Dilation: ops.List(dil...), InputDilation: ops.List(idil...), Groups: groups,
	}
}

// TestConvIsAProductOfPatches holds convolutions to another way: every output
// looks up its padded and dilated input by place, three spatial axes always.
func TestConvIsAProductOfPatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graph.New()
		spatial := rapid.IntRange(1, 3).Draw(t, "axes")
		x, w, bias, d := drawConv(t, g, spatial)
		y := ops.Conv(x, w, bias, d)
		wantNear(t, values(t, y), convByPlace(t, x, w, bias, y.Shape(), d, spatial), 1e-12)
	})
}

func convByPlace(t *rapid.T, x, w, bias *graph.Node, y tensor.Shape, d ops.ConvDims, spatial int) []float64 {
	lift := func(l []int, fill int) [3]int {
		s := [3]int{fill, fill, fill}
		copy(s[3-spatial:], l)
		return s
	}
	xs, ws := x.Shape().Dims(), w.Shape().Dims()
	in, taps, out := lift(xs[1:1+spatial], 1), lift(ws[:spatial], 1), lift(y.Dims()[1:1+spatial], 1)
	stride, low := lift(d.Stride.Slice(), 1), lift(d.PadLow.Slice(), 0)
	dil, idil := lift(d.Dilation.Slice(), 1), lift(d.InputDilation.Slice(), 1)
	c, cg, k := xs[spatial+1], ws[spatial], ws[spatial+1]
	xv, wv, bv := values(t, x), values(t, w), values(t, bias)
	var result []float64
	for i := range y.Size() {
		to := i % k
		place, rest := [3]int{}, i/k
		for a := 2; a >= 0; a-- {
			place[a], rest = rest%out[a], rest/out[a]
		}
		sum := bv[to]
		for j := range taps[0] * taps[1] * taps[2] * cg {
			ch, tap := j%cg+to/(k/d.Groups)*cg, j/cg
			at, inside := rest, true
			for a, f := range []int{tap / (taps[1] * taps[2]), tap / taps[2] % taps[1], tap % taps[2]} {
				p := place[a]*stride[a] + f*dil[a] - low[a]
				inside = inside && p >= 0 && p%idil[a] == 0 && p/idil[a] < in[a]
				at = at*in[a] + p/idil[a]
			}
			if inside {
				sum += xv[at*c+ch] * wv[j*k+to]
			}
		}
		result = append(result, sum)
	}
	return result
}

// TestConvChecks runs the checks of operations on drawn convolutions.
func TestConvChecks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, w, bias, d := drawConv(t, graph.New(), rapid.IntRange(1, 3).Draw(t, "axes"))
		if rapid.Bool().Draw(t, "plain") {
			d.InputDilation = ops.Ints{}
			for i := range d.Stride.Len() {
				if (w.Shape().Dim(i)-1)*d.Dilation.At(i)+1 > x.Shape().Dim(1+i)+d.PadLow.At(i)+d.PadHigh.At(i) {
					return
				}
			}
		}
		kit(t, ops.Conv(x, w, bias, d), -1, 1)
	})
}

// TestConvGradInputUpsamples: a stride-2 transposed convolution of [1 2] with a
// filter of three ones puts a copy of the filter at every second place.
func TestConvGradInputUpsamples(t *testing.T) {
	g := graph.New()
	y := g.Constant(tensor.From(tensor.Dims(1, 2, 1), []float32{1, 2}))
	w := g.Constant(tensor.From(tensor.Dims(3, 1, 1), []float32{1, 1, 1}))
	x := ops.ConvGradInput(y, w, ops.List(5), ops.ConvDims{Stride: ops.List(2)})
	wantNear(t, values(t, x), []float64{1, 1, 3, 2, 2}, 0)
}

// TestConvRefuses names what does not fit.
func TestConvRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		w tensor.Type
		d ops.ConvDims
	}{
		"channels":         {tensor.F32(2, 2, 3, 4), ops.ConvDims{}},
		"too large":        {tensor.F32(5, 5, 2, 4), ops.ConvDims{}},
		"groups":           {tensor.F32(2, 2, 1, 3), ops.ConvDims{Groups: 2}},
		"negative padding": {tensor.F32(2, 2, 2, 4), ops.ConvDims{PadLow: ops.List(-1, 0)}},
		"huge padding":     {tensor.F32(2, 2, 2, 4), ops.ConvDims{PadLow: ops.List(1<<40, 1<<40)}},
		"lists of three":   {tensor.F32(2, 2, 2, 4), ops.ConvDims{Stride: ops.Repeat(1, 3)}},
		"zero stride":      {tensor.F32(2, 2, 2, 4), ops.ConvDims{Stride: ops.Repeat(0, 2)}},
	} {
		g := graph.New()
		ops.Conv(g.Leaf("x", tensor.F32(1, 4, 4, 2)), g.Leaf("w", c.w), nil, c.d)
		if g.Err() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestConvFarHoles: elements of an input that are far apart are not stored with
// the zeros between them.
func TestConvFarHoles(t *testing.T) {
	const far = 1 << 29
	g := graph.New()
	x := g.Leaf("x", tensor.F32(1, 1, 2, 1))
	w := g.Leaf("w", tensor.F32(1, 1, 1, 1))
	y := ops.Conv(x, w, nil, ops.ConvDims{Stride: ops.List(1, far), InputDilation: ops.List(1, far)})
	for _, n := range append(graph.Grad(ops.ReduceSum(y), x, w), y) {
		for _, s := range n.Op().(graph.Simplifier).Simplify(n.Inst()) {
			t.Errorf("%v becomes %v of %v", n, s, s.In()[0].Type())
		}
	}
}

// TestConvFarPadding: padding and strides of any size take the memory of the
// operands, not of what is skipped.
func TestConvFarPadding(t *testing.T) {
	const far = 1 << 29
	g := graph.New()
	x := g.Constant(tensor.From(tensor.Dims(1, 1, 4, 1), []float32{1, 2, 3, 4}))
	w := g.Constant(tensor.From(tensor.Dims(1, 1, 1, 1), []float32{2}))
	y := ops.Conv(x, w, nil, ops.ConvDims{Stride: ops.List(1, far), PadLow: ops.List(0, far), PadHigh: ops.List(0, far)})
	wantNear(t, values(t, y), []float64{0, 2, 0}, 0)
	grads := graph.Grad(ops.ReduceSum(y), x, w)
	wantNear(t, values(t, grads[0]), []float64{2, 0, 0, 0}, 0)
	wantNear(t, values(t, grads[1]), []float64{1}, 0)
	for _, n := range append(grads, y) {
		k := n.Op().(graph.Kerneled).Kernel(n.Inst().InTypes(), n.Inst().OutTypes())
		if k != nil && k.Local+k.Shared > 1<<20 {
			t.Errorf("%v takes %d bytes of scratch", n, k.Local+k.Shared)
		}
	}
}
