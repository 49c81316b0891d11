package plan_test

import (
	"math"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// TestNaNsTravelAsDefined: a NaN among the data comes out of every kernel at
// the places where the definitions have one, so that training sees it.
func TestNaNsTravelAsDefined(t *testing.T) {
	pool := exec.NewPool(1)
	defer pool.Close()
	g := graph.New()
	x, w, b := g.Leaf("x", tensor.F32(2, 5, 5, 16)), g.Leaf("w", tensor.F32(3, 3, 16, 16)), g.Leaf("b", tensor.F32(16))
	same := ops.ConvDims{PadLow: ops.List(1, 1), PadHigh: ops.List(1, 1)}
	matrix := g.Constant(numbers(400, 20))
	pairs := ops.WindowDims{Size: ops.List(2, 2)}
	out := []*graph.Node{
		ops.ReLU(ops.Conv(x, w, b, same)),
		ops.ReLU(ops.Linear(ops.Reshape(x, tensor.Dims(2, 400)), matrix, nil)),
		ops.MaxPool(x, pairs), ops.AvgPool(x, pairs, true),
		ops.Softmax(x, 3), ops.LogSoftmax(x, 3),
		ops.ReduceMax(x, 1, 2), ops.ReduceMin(x, 3), ops.ReduceSum(x, 0),
		ops.Clamp(x, 0, 1), ops.Max(x, ops.Like(x, 0)), ops.Min(ops.Like(x, 0), x),
		ops.ReLU(x), ops.ReLU6(x), ops.LeakyReLU(x, 0.1), ops.Sign(x), ops.Tanh(x), ops.Logistic(x), ops.Exp(x), ops.Log(x),
		ops.GELU(x), ops.SiLU(x), ops.Softplus(x), ops.HardSwish(x), ops.Erf(x), ops.Sin(x), ops.Sqrt(x), ops.Floor(x),
	}
	f, err := graph.NewFunc("nan", []*graph.Node{x, w, b}, out)
	if err != nil {
		t.Fatal(err)
	}
	in := []tensor.Tensor{numbers(x.Shape().Dims()...), tensor.New(w.Type()), tensor.New(b.Type())}
	in[0].Floats()[17], in[0].Floats()[500] = float32(math.NaN()), float32(math.NaN())
	wide := []tensor.Wide{tensor.Widen(in[0]), tensor.Widen(in[1]), tensor.Widen(in[2])}
	want := graph.Eval(f, wide)
	for _, o := range []plan.Options{{}, {NoFusion: true}} {
		fn, err := exec.Compile(f, pool, o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := fn.Call(t.Context(), in...)
		if err != nil {
			t.Fatal(err)
		}
		for i, y := range got {
			for j, v := range y.Floats() {
				if is, must := v != v, math.IsNaN(want[i].F[j]); is != must {
					t.Errorf("%v: element %d is %v, want %v", f.Out[i], j, v, want[i].F[j])
					break
				}
			}
		}
	}
}
