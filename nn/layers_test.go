package nn_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// eval evaluates nodes of c's graph with the model's parameters, x, and a key.
func eval(t *testing.T, c *nn.Ctx, root nn.Layer, x tensor.Wide, nodes ...*graph.Node) []tensor.Wide {
	t.Helper()
	in := []*graph.Node{c.Graph.Leaf("x", x.Type), c.Key()}
	values := []tensor.Wide{x, {Type: c.Key().Type(), I: []int64{7, 8}}}
	for _, p := range nn.Params(root) {
		in, values = append(in, c.Graph.Leaf(p.Path, p.Value.Type())), append(values, tensor.Widen(p.Value))
	}
	f, err := graph.NewFunc("test", in, nodes)
	if err != nil {
		t.Fatal(err)
	}
	return graph.Eval(f, values)
}

func draw(s tensor.Shape) tensor.Wide {
	x := tensor.New(tensor.Type{DType: tensor.Float32, Shape: s})
	rng.New(9).Normal(x.Floats(), 1, 2)
	return tensor.Widen(x)
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(b)) }

// TestBatchNormRunningAverages compares outputs and buffers with the paper's
// formulas on [6 2].
func TestBatchNormRunningAverages(t *testing.T) {
	l := nn.NewBatchNorm(2)
	copy(l.Scale.Value.Floats(), []float32{2, -1})
	copy(l.Bias.Value.Floats(), []float32{0.5, 1})
	copy(l.Mean.Value.Floats(), []float32{3, 4})
	copy(l.Variance.Value.Floats(), []float32{5, 6})
	x := draw(tensor.Dims(6, 2))
	mean, square := [2]float64{}, [2]float64{}
	for i, v := range x.F {
		mean[i%2] += v / 6
	}
	for i, v := range x.F {
		square[i%2] += (v - mean[i%2]) * (v - mean[i%2])
	}
	for _, train := range []bool{true, false} {
		c := nn.NewCtx(l)
		c.Train = train
		nodes := []*graph.Node{l.Forward(c, c.Graph.Leaf("x", x.Type))}
		for _, u := range c.Updates() {
			nodes = append(nodes, u.Node)
		}
		out := eval(t, c, l, x, nodes...)
		m, v := []float64{3, 4}, []float64{5, 6}
		if train {
			m, v = mean[:], []float64{square[0] / 6, square[1] / 6}
			for k := range 2 {
				if !near(out[1].F[k], 0.9*float64(3+k)+0.1*mean[k]) || !near(out[2].F[k], 0.9*float64(5+k)+0.1*square[k]/5) {
					t.Errorf("channel %d: running %v and %v", k, out[1].F[k], out[2].F[k])
				}
			}
		}
		for i, got := range out[0].F {
			k := i % 2
			if want := (x.F[i]-m[k])/math.Sqrt(v[k]+1e-5)*[]float64{2, -1}[k] + []float64{0.5, 1}[k]; !near(got, want) {
				t.Errorf("training %v: element %d is %v, want %v", train, i, got, want)
			}
		}
	}
}

func TestBatchNormRefusesOneValue(t *testing.T) {
	l := nn.NewBatchNorm(3)
	c := nn.NewCtx(l)
	c.Train = true
	l.Forward(c, c.Graph.Leaf("x", tensor.F32(1, 1, 1, 3)))
	if c.Graph.Err() == nil {
		t.Error("one value per channel is normalised")
	}
}

// TestDropoutShare drops about as many as the rate says, scales the others,
// and drops otherwise in another layer.
func TestDropoutShare(t *testing.T) {
	const rate, n = 0.3, 10_000
	l := nn.Seq{nn.Dropout{Rate: rate}, nn.Dropout{Rate: rate}}
	c := nn.NewCtx(l)
	c.Train = true
	x := tensor.NewWide(tensor.F32(10, n/10))
	for i := range x.F {
		x.F[i] = 1
	}
	leaf := c.Graph.Leaf("x", x.Type)
	out := eval(t, c, l, x, c.In("0", l[0], leaf), c.In("1", l[1], leaf))
	dropped := 0
	for i, v := range out[0].F {
		switch {
		case v == 0:
			dropped++
		case !near(v, 1/(1-rate)):
			t.Fatalf("element %d is %v", i, v)
		}
	}
	if math.Abs(float64(dropped)-rate*n) > 5*math.Sqrt(n*rate*(1-rate)) {
		t.Errorf("%d of %d dropped", dropped, n)
	}
	if slices.Equal(out[0].F, out[1].F) {
		t.Error("two layers drop the same places")
	}
}

// TestLosses compares with closed forms.
func TestLosses(t *testing.T) {
	c := nn.NewCtx(nn.Flatten{})
	logits := c.Graph.Leaf("x", tensor.F32(2, 3))
	labels := c.Graph.Constant(tensor.From(tensor.Dims(2), []int32{0, 2}))
	x := tensor.Wide{Type: logits.Type(), F: []float64{0, math.Log(2), math.Log(5), 0, 0, 0}}
	out := eval(t, c, nn.Flatten{}, x,
		nn.CrossEntropy(logits, labels, 0), nn.CrossEntropy(logits, labels, 0.3), nn.MSE(logits, c.Graph.Fill(1, logits.Type())))
	a, b := -math.Log(1./8), math.Log(3)
	smooth := 0.7*a + 0.1*(-math.Log(1./8)-math.Log(2./8)-math.Log(5./8))
	l2, l5 := math.Log(2)-1, math.Log(5)-1
	for i, want := range []float64{(a + b) / 2, (smooth + b) / 2, (4 + l2*l2 + l5*l5) / 6} {
		if !near(out[i].F[0], want) {
			t.Errorf("loss %d is %v, want %v", i, out[i].F[0], want)
		}
	}
}

// TestSamePadding keeps sides, or divides them by the stride, rounded up.
func TestSamePadding(t *testing.T) {
	for side := 1; side < 9; side++ {
		for size := 1; size < 5; size++ {
			for stride := 1; stride < 4; stride++ {
				l := nn.NewConv(rng.New(1), 1, 1, nn.ConvConfig{Size: []int{size}, Stride: []int{stride}, Dilation: []int{2}, Padding: nn.Padding{Same: true}})
				c := nn.NewCtx(l)
				y := l.Forward(c, c.Graph.Leaf("x", tensor.F32(1, side, 1)))
				if want := (side + stride - 1) / stride; c.Graph.Err() != nil || y.Shape().Dim(1) != want {
					t.Errorf("side %d, size %d, stride %d: %v, want %d (%v)", side, size, stride, y.Shape(), want, c.Graph.Err())
				}
			}
		}
	}
}

// TestNamesOfResults finds the nodes of the parts by their paths.
func TestNamesOfResults(t *testing.T) {
	r := rng.New(1)
	l := nn.Seq{nn.NewLinear(r, 2, 3), &nn.Residual{Body: nn.Seq{nn.NewLinear(r, 3, 3), nn.Dropout{Rate: 0.5}}, After: nn.Activation("relu")}}
	c := nn.NewCtx(l)
	l.Forward(c, c.Graph.Leaf("x", tensor.F32(1, 2)))
	var names []string
	for _, n := range c.Graph.Insts() {
		if name := n.Out()[0].Name(); name != "" {
			names = append(names, name)
		}
	}
	if want := []string{"0", "1.body.0", "1.after"}; !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
}

func TestUnknownActivation(t *testing.T) {
	c := nn.NewCtx(nn.Activation("step"))
	nn.Activation("step").Forward(c, c.Graph.Leaf("x", tensor.F32(1)))
	if c.Graph.Err() == nil {
		t.Error("an unknown activation is applied")
	}
}

func ExampleSummary() {
	r := rng.New(1)
	net := nn.Seq{
		nn.NewConv(r, 1, 8, nn.ConvConfig{Size: []int{3, 3}, Padding: nn.Padding{Same: true}}),
		nn.Activation("relu"), nn.Flatten{}, nn.NewLinear(r, 16*8, 2),
	}
	rows, err := nn.Summary(net, tensor.F32(1, 4, 4, 1))
	if err != nil {
		fmt.Println(err)
	}
	for _, r := range rows {
		fmt.Printf("%-2s %-10s %-18v %4d %6d\n", r.Path, r.Layer, r.Out, r.Params, r.FLOPs)
	}
	// Output:
	// 0  Conv       float32[1 4 4 8]     80   2432
	// 1  Activation float32[1 4 4 8]      0    128
	// 2  Flatten    float32[1 128]        0      0
	// 3  Linear     float32[1 2]        258    514
	//    Seq        float32[1 2]        338   3074
}
