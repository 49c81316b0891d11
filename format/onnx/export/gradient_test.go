package export_test

import (
	"fmt"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx/export"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// TestGradientsComeBack writes what a training step computes, gradients and the
// statistics of normalisations, and compares with the definition.
func TestGradientsComeBack(t *testing.T) {
	pool := exec.NewPool(1)
	defer pool.Close()
	for _, a := range []architecture{
		{"resnet", image(8, 7, 3), 3, map[string]any{"depth": 8, "width": 2}},
		{"squeezenet", image(28, 27, 2), 3, map[string]any{"squeeze": 1, "dropout": 0.0}},
		{"gpt", text(5, 7), 7, map[string]any{"layers": 1, "heads": 2, "width": 8}},
		{"char-lstm", text(4, 7), 7, map[string]any{"width": 5, "hidden": 6, "layers": 1}},
	} {
		t.Run(a.name, func(t *testing.T) {
			net, err := zoo.New(a.name, rng.New(1), a.in, a.out, a.set)
			if err != nil {
				t.Fatal(err)
			}
			f, in := a.gradient(t, net)
			m, err := export.Func(f, export.Spec{Name: "step"})
			if err != nil {
				t.Fatal(err)
			}
			got, err := runModel(pool, m, in)
			if err != nil {
				t.Fatal(err)
			}
			all := graph.Eval(f, in)
			keep(t, fmt.Sprintf("gradient-%s_0_%d", a.name, export.Opset), m, in, all)
			for i, want := range all {
				if off := distance(got[i], want.Narrow()); !(off <= 2e-4) {
					t.Errorf("result %d is off by %.2g of the largest", i, off)
				}
			}
		})
	}
}

// gradient is the loss of a batch of 3, its gradients by all parameters and the next
// values of buffers, as a function of inputs in0, in1 …, and values for these.
func (a architecture) gradient(t *testing.T, net nn.Layer) (*graph.Func, []tensor.Wide) {
	t.Helper()
	c := nn.NewCtx(net)
	c.Train = true
	batch := a.draw(3, rng.New(2))
	x := c.Graph.Leaf("x", batch.Type())
	y := c.In("", net, x)
	rows := y.Shape().Size() / a.out
	labels := tensor.New(tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(rows)})
	for i := range rows {
		tensor.Of[int32](labels)[i] = int32(i % a.out)
	}
	label := c.Graph.Leaf("label", labels.Type())
	loss := ops.Mean(ops.CrossEntropy(ops.Reshape(y, tensor.Dims(rows, a.out)), label, 0), 0)
	outer, in := []*graph.Node{x, label}, []tensor.Wide{tensor.Widen(batch), tensor.Widen(labels)}
	var by []*graph.Node
	for _, p := range c.Used() {
		leaf := c.Graph.Leaf(p.Path, p.Value.Type())
		outer, in = append(outer, leaf), append(in, tensor.Widen(p.Value))
		if !p.Buffer {
			by = append(by, leaf)
		}
	}
	out := append([]*graph.Node{loss}, graph.Grad(loss, by...)...)
	for _, u := range c.Updates() {
		out = append(out, u.Node)
	}
	f, err := graph.NewFunc("step", outer, out)
	if err != nil {
		t.Fatal(err)
	}
	g := graph.New()
	leaves := make([]*graph.Node, len(outer))
	for i, n := range outer {
		leaves[i] = g.Leaf(fmt.Sprint("in", i), n.Type())
	}
	named, err := graph.NewFunc("step", leaves, g.Inline(f, leaves...))
	if err != nil {
		t.Fatal(err)
	}
	return named, in
}
