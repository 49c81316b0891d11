package optim_test

import (
	"math"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/optim"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// TestLBFGSFitsALogisticModel fits the logistic regression, with a penalty, of
// labels that a known vector drew. At the minimum the gradient, worked out here,
// is zero.
func TestLBFGSFitsALogisticModel(t *testing.T) {
	const n, d, penalty = 200, 5, 0.01
	draw := rng.New(1).Rand()
	x, y := tensor.New(tensor.F32(n, d)), tensor.New(tensor.F32(n))
	for i := range n {
		z := 0.0
		for j := range d {
			v := draw.NormFloat64()
			x.Floats()[i*d+j] = float32(v)
			z += v * float64(j-2)
		}
		if draw.Float64() < 1/(1+math.Exp(-z)) {
			y.Floats()[i] = 1
		}
	}
	g := graph.New()
	w := g.Leaf("w", tensor.F32(d))
	xs, ys := g.Leaf("x", x.Type()), g.Leaf("y", y.Type())
	z := ops.Reshape(ops.MatMul(xs, ops.Reshape(w, tensor.Dims(d, 1))), tensor.Dims(n))
	loss := ops.Mean(ops.Sub(ops.Softplus(z), ops.Mul(ys, z)), 0)
	loss = ops.Add(loss, ops.Scale(ops.ReduceSum(ops.Mul(w, w), 0), penalty))
	f, err := graph.NewFunc("logistic", []*graph.Node{w, xs, ys}, append([]*graph.Node{loss}, graph.Grad(loss, w)...))
	if err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(1)
	defer pool.Close()
	fn, err := exec.Compile(f, pool, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	at := make([]float64, d)
	m, err := optim.LBFGS{Iterations: 50, Gradient: 1e-5}.Minimize(t.Context(), at, optim.Compiled(fn, []tensor.Tensor{tensor.New(w.Type())}, x, y))
	if err != nil || !m.Converged || m.Iterations > 20 {
		t.Fatalf("%+v, %v", m, err)
	}
	for j := range d {
		slope := 2 * penalty * at[j]
		for i := range n {
			z := 0.0
			for k := range d {
				z += float64(x.Floats()[i*d+k]) * at[k]
			}
			slope += (1/(1+math.Exp(-z)) - float64(y.Floats()[i])) * float64(x.Floats()[i*d+j]) / n
		}
		if math.Abs(slope) > 1e-4 {
			t.Errorf("the slope of component %d is %v at %v", j, slope, at)
		}
	}
}
