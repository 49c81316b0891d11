package zoo_test

import (
	"math"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// TestCompiledNetworksFollowTheDefinition compiles the loss and all gradients
// of each small network, in training, and compares what float32 kernels make of
// them with the definitions in float64.
func TestCompiledNetworksFollowTheDefinition(t *testing.T) {
	pool := exec.NewPool(2)
	defer pool.Close()
	for _, name := range imageNets() {
		t.Run(name, func(t *testing.T) {
			f, in := lossAndGradients(t, name)
			wide := make([]tensor.Wide, len(in))
			for i, v := range in {
				wide[i] = tensor.Widen(v)
			}
			want := graph.Eval(f, wide)
			fn, err := exec.Compile(f, pool, plan.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := fn.Call(t.Context(), in...)
			if err != nil {
				t.Fatal(err)
			}
			for i, w := range want {
				largest, far := 0.0, 0.0
				for j, v := range tensor.Widen(got[i]).F {
					largest, far = max(largest, math.Abs(w.F[j])), max(far, math.Abs(v-w.F[j]))
				}
				if !(far <= 1e-4*max(largest, 0.01)) {
					t.Errorf("output %d %v: off by %g of %g", i, f.Out[i], far, largest)
				}
			}
		})
	}
}

// lossAndGradients is the training loss of a small network and its gradients,
// and drawn values of all inputs.
func lossAndGradients(t *testing.T, name string) (*graph.Func, []tensor.Tensor) {
	t.Helper()
	s, r := small[name], rng.New(5)
	net, err := zoo.New(name, r, zoo.Image(s.in), 3, s.set)
	if err != nil {
		t.Fatal(err)
	}
	c := nn.NewCtx(net)
	c.Train = true
	x := tensor.New(tensor.F32(append([]int{8}, s.in.Dims()...)...))
	r.Split("x").Normal(x.Floats(), 0, 1)
	labels := tensor.From(tensor.Dims(8), []int32{0, 1, 2, 0, 1, 2, 0, 1})
	leaves := []*graph.Node{c.Graph.Leaf("x", x.Type()), c.Graph.Leaf("labels", labels.Type()), c.Key()}
	in := []tensor.Tensor{x, labels, tensor.From(tensor.Dims(2), []uint32{1, 2})}
	y := net.Forward(c, leaves[0])
	if y.Shape().Rank() == 4 { // a place of each image
		y = ops.Reshape(ops.Slice(y, []int{0, 1, 2, 0}, []int{8, 2, 3, 3}, nil), tensor.Dims(8, 3))
	}
	loss := nn.CrossEntropy(y, leaves[1], 0.1)
	var trained []*graph.Node
	for _, p := range nn.Params(net) {
		n := c.Graph.Leaf(p.Path, p.Value.Type())
		leaves, in = append(leaves, n), append(in, p.Value)
		if !p.Buffer {
			trained = append(trained, n)
		}
	}
	out := append([]*graph.Node{loss}, graph.Grad(loss, trained...)...)
	for _, u := range c.Updates() {
		out = append(out, u.Node)
	}
	f, err := graph.NewFunc(name, leaves, out)
	if err != nil {
		t.Fatal(err)
	}
	return f, in
}
