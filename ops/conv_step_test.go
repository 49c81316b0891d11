package ops_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// network is a small convolutional network with a normalisation, a residual sum
// and both pools: its loss, statistics and gradients.
func network(t *testing.T) *graph.Func {
	g := graph.New()
	x := g.Leaf("x", tensor.F32(4, 9, 8, 3)) // [N H W C]
	labels := g.Leaf("labels", tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(4)})
	var weights []*graph.Node
	leaf := func(name string, dims ...int) *graph.Node {
		w := g.Leaf(name, tensor.F32(dims...))
		weights = append(weights, w)
		return w
	}
	same := ops.ConvDims{PadLow: ops.List(1, 1), PadHigh: ops.List(1, 1)}
	h := ops.Conv(x, leaf("w1", 3, 3, 3, 16), nil, same)
	h, mean, variance := ops.Normalize(h, leaf("scale", 16), leaf("shift", 16), ops.NormDims{Axes: ops.List(0, 1, 2), Eps: 1e-5})
	h = ops.MaxPool(ops.ReLU(h), ops.WindowDims{Size: ops.List(2, 2)}) // [N 4 4 16]
	h = ops.ReLU(ops.Add(ops.Conv(h, leaf("w2", 3, 3, 16, 16), leaf("b2", 16), same), h))
	h = ops.AvgPool(h, ops.WindowDims{Size: ops.List(3, 3), Stride: ops.List(2, 2), PadLow: ops.List(1, 1)}, false)
	logits := ops.Linear(ops.Mean(h, 1, 2), leaf("w3", 16, 5), leaf("b3", 5))
	loss := ops.Mean(ops.CrossEntropy(logits, labels, 0.1))
	out := append([]*graph.Node{loss, mean, variance}, graph.Grad(loss, weights...)...)
	f, err := graph.NewFunc("step", append([]*graph.Node{x, labels}, weights...), out)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestStepIsItsDefinition holds a compiled training step, in which kernels have
// absorbed residual sums and ReLUs, to the definitions of its operations.
func TestStepIsItsDefinition(t *testing.T) {
	f := network(t)
	var wide []tensor.Wide
	var in []tensor.Tensor
	for i, n := range f.In {
		w, r := tensor.NewWide(n.Type()), rng.New(uint64(i)).Rand()
		for j := range w.F {
			w.F[j] = float64(r.Float32() - 0.5)
		}
		for j := range w.I {
			w.I[j] = int64(r.IntN(5))
		}
		in, wide = append(in, w.Narrow()), append(wide, tensor.Widen(w.Narrow()))
	}
	p, err := plan.Compile(f, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var dump bytes.Buffer
	p.Dump(&dump)
	if strings.Contains(dump.String(), "relu") {
		t.Errorf("a ReLU is left over:\n%s", dump.String())
	}
	pool := exec.NewPool(2)
	defer pool.Close()
	got, err := exec.NewMachine(p, pool).Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range graph.Eval(f, wide) {
		wantNear(t, tensor.Widen(got[i]).F, want.F, 2e-6)
	}
}
