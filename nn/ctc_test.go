package nn_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// ctcCase is a batch, as testdata/ctc.py writes it: labels [N S], logits [N T V].
type ctcCase struct {
	T, V, S, Blank          int
	Labels, Inputs, Lengths []int64
	Logits, Weights         []float64
	Loss, Grad              []float64
}

// function is the losses, and the gradient of their weighted sum by the logits.
func (c ctcCase) function(t *testing.T) (f *graph.Func, feeds []tensor.Wide) {
	t.Helper()
	g, n := graph.New(), len(c.Inputs)
	ints := func(label string, v []int64, dims ...int) *graph.Node {
		l := g.Leaf(label, tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(dims...)})
		feeds = append(feeds, tensor.Wide{Type: l.Type(), I: v})
		return l
	}
	labels, inputs, lengths := ints("labels", c.Labels, n, c.S), ints("inputs", c.Inputs, n), ints("lengths", c.Lengths, n)
	logits, weights := g.Leaf("logits", tensor.F32(n, c.T, c.V)), g.Leaf("weights", tensor.F32(n))
	feeds = append(feeds, tensor.Wide{Type: logits.Type(), F: c.Logits}, tensor.Wide{Type: weights.Type(), F: c.Weights})
	loss := nn.CTC(ops.LogSoftmax(logits, -1), labels, inputs, lengths, c.Blank)
	grad := graph.Backward{Of: []*graph.Node{loss}, Seeds: []*graph.Node{weights}}.Grad(logits)
	f, err := graph.NewFunc("ctc", []*graph.Node{labels, inputs, lengths, logits, weights}, []*graph.Node{loss, grad[0]})
	if err != nil {
		t.Fatal(err)
	}
	return f, feeds
}

// TestCTCIsThatOfPyTorch compares losses and gradients: the definitions in
// float64, a program in float32. PyTorch is asked for zero where ours is +Inf.
func TestCTCIsThatOfPyTorch(t *testing.T) {
	data, err := os.ReadFile("testdata/ctc.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct{ Cases []ctcCase }
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(2)
	defer pool.Close()
	for i, c := range golden.Cases {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			f, feeds := c.function(t)
			v := graph.Eval(f, feeds)
			finite(v[0].F)
			if a, b := farthest(v[0].F, c.Loss), farthest(v[1].F, c.Grad); !(a <= 1e-10 && b <= 1e-10) {
				t.Errorf("the definition is %g and %g off", a, b)
			}
			fn, err := exec.Compile(f, pool, plan.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var in []tensor.Tensor
			for _, w := range feeds {
				in = append(in, w.Narrow())
			}
			out, err := fn.Call(t.Context(), in...)
			if err != nil {
				t.Fatal(err)
			}
			loss := tensor.Widen(out[0]).F
			finite(loss)
			if a, b := farthest(loss, c.Loss), farthest(tensor.Widen(out[1]).F, c.Grad); !(a <= 1e-5 && b <= 1e-5) {
				t.Errorf("the program is %g and %g off", a, b)
			}
		})
	}
}

// finite puts zero in place of +Inf.
func finite(v []float64) {
	for i := range v {
		if math.IsInf(v[i], 1) {
			v[i] = 0
		}
	}
}

// TestCTCAddsUpAllPaths compares with the sum over every path of a few symbols,
// and with the two-step case of warp-ctc, which has a single path.
func TestCTCAddsUpAllPaths(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 12 {
		c := ctcCase{T: 1 + r.IntN(5), V: 2 + r.IntN(2), S: 1 + r.IntN(3), Weights: []float64{1}}
		c.Blank = r.IntN(c.V)
		for range c.S {
			c.Labels = append(c.Labels, int64((c.Blank+1+r.IntN(c.V-1))%c.V))
		}
		c.Inputs, c.Lengths = []int64{int64(c.T)}, []int64{int64(r.IntN(c.S + 1))}
		for range c.T * c.V {
			c.Logits = append(c.Logits, r.NormFloat64())
		}
		f, feeds := c.function(t)
		got, want := graph.Eval(f, feeds)[0].F[0], -math.Log(c.probability())
		if d := math.Abs(got - want); d > 1e-10 && got != want {
			t.Errorf("%+v: loss %v, all paths %v", c, got, want)
		}
	}
	warp := ctcCase{
		T: 2, V: 5, S: 2, Labels: []int64{1, 2}, Inputs: []int64{2}, Lengths: []int64{2}, Weights: []float64{1},
		Logits: []float64{.1, .6, .1, .1, .1, .1, .1, .6, .1, .1},
	}
	f, feeds := warp.function(t)
	p := math.Exp(.6) / (math.Exp(.6) + 4*math.Exp(.1))
	if got := graph.Eval(f, feeds)[0].F[0]; math.Abs(got+2*math.Log(p)) > 1e-12 {
		t.Errorf("warp-ctc's small case gives %v, want %v", got, -2*math.Log(p))
	}
}

// probability is that of the labels: the sum over all paths.
func (c ctcCase) probability() float64 {
	rows := make([][]float64, c.T)
	for i := range rows {
		sum := 0.0
		for _, x := range c.Logits[i*c.V : (i+1)*c.V] {
			sum += math.Exp(x)
		}
		for _, x := range c.Logits[i*c.V : (i+1)*c.V] {
			rows[i] = append(rows[i], math.Exp(x)/sum)
		}
	}
	total := 0.0
	path := make([]int, c.T)
	for {
		p := 1.0
		for i, s := range path {
			p *= rows[i][s]
		}
		if c.spells(path) {
			total += p
		}
		i := 0
		for ; i < c.T; i++ {
			if path[i]++; path[i] < c.V {
				break
			}
			path[i] = 0
		}
		if i == c.T {
			return total
		}
	}
}

// spells says whether a path comes out as the labels.
func (c ctcCase) spells(path []int) bool {
	var out []int64
	for i, s := range path {
		if s != c.Blank && (i == 0 || path[i-1] != s) {
			out = append(out, int64(s))
		}
	}
	if len(out) != int(c.Lengths[0]) {
		return false
	}
	for i, s := range out {
		if s != c.Labels[i] {
			return false
		}
	}
	return true
}
