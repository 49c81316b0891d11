package export_test

import (
	"slices"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/export"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// operators lists the operators of a model in order.
func operators(m *onnx.Model) []string {
	var list []string
	for n := range m.AllNodes() {
		list = append(list, n.Op)
	}
	return list
}

// TestLayersStayTogether writes a residual network: one transposition brings the
// images to the layout of the operators, and what is between layers has the
// layers' names, weights their paths.
func TestLayersStayTogether(t *testing.T) {
	in := zoo.Image(tensor.Dims(12, 12, 3))
	net, err := zoo.New("resnet", rng.New(1), in, 3, map[string]any{"depth": 8, "width": 2, "shortcut": "project"})
	if err != nil {
		t.Fatal(err)
	}
	m, err := zoo.Export("resnet", net, in, 0)
	if err != nil {
		t.Fatal(err)
	}
	turned := 0
	for _, op := range operators(m) {
		if op == "Transpose" {
			turned++
		}
	}
	if turned != 1 {
		t.Errorf("%d transpositions in %v", turned, operators(m))
	}
	w := m.Graph.Init("stages.1.0.first.conv.weight")
	if w == nil || !slices.Equal(w.Dims, []int64{4, 2, 3, 3}) {
		t.Errorf("the weights of a convolution are %+v", w)
	}
	i := slices.IndexFunc(m.Graph.Nodes, func(n *onnx.Node) bool { return n.Name == "stages.1.0.first.conv" })
	if i < 0 || m.Graph.Nodes[i].Op != "Conv" {
		t.Error("no convolution has its layer's name")
	}
}

// TestWhatIsWritten compares small graphs with the operators they should be.
func TestWhatIsWritten(t *testing.T) {
	bias := tensor.From(tensor.Dims(3), []float32{1, 2, 3})
	for _, c := range []struct {
		name string
		f    func(x *graph.Node) *graph.Node
		want []string
	}{
		{"a bias is not repeated", func(x *graph.Node) *graph.Node {
			return ops.Add(x, x.Graph().Constant(bias))
		}, []string{"Add"}},
		{"neither beside a transposition", func(x *graph.Node) *graph.Node {
			y := ops.Transpose(x, 0, 2, 1, 3)
			return ops.ReLU(ops.Transpose(ops.Mul(y, x.Graph().Constant(bias)), 0, 2, 1, 3))
		}, []string{"Mul", "Relu"}},
		{"a number is none", func(x *graph.Node) *graph.Node { return ops.Scale(x, 2) }, []string{"Mul"}},
		{"transpositions become one", func(x *graph.Node) *graph.Node {
			return ops.Transpose(ops.Exp(ops.Transpose(x, 3, 0, 1, 2)), 3, 0, 1, 2)
		}, []string{"Exp", "Transpose"}},
		{"a sum is taken where it is", func(x *graph.Node) *graph.Node {
			return ops.ReduceSum(ops.Tanh(ops.Transpose(x, 0, 2, 3, 1)), 3)
		}, []string{"Tanh", "ReduceSum"}},
		{"shapes become one", func(x *graph.Node) *graph.Node {
			return ops.Reshape(ops.Reshape(x, tensor.Dims(2, 60)), tensor.Dims(10, 12))
		}, []string{"Reshape"}},
		{"or none", func(x *graph.Node) *graph.Node {
			return ops.Exp(ops.Reshape(ops.Reshape(x, tensor.Dims(120)), x.Shape()))
		}, []string{"Exp"}},
		{"what nobody needs is left out", func(x *graph.Node) *graph.Node {
			y, _, _ := ops.Normalize(x, x.Graph().Constant(bias), x.Graph().Constant(bias), ops.NormDims{Axes: ops.List(3), Eps: 1e-5})
			return y
		}, []string{"LayerNormalization"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := graph.New().Leaf("x", tensor.F32(2, 4, 5, 3))
			f, err := graph.NewFunc("f", []*graph.Node{x}, []*graph.Node{c.f(x)})
			if err != nil {
				t.Fatal(err)
			}
			m, err := export.Func(f, export.Spec{Name: "f"})
			if err != nil {
				t.Fatal(err)
			}
			if got := operators(m); !slices.Equal(got, c.want) {
				t.Errorf("written as %v, want %v", got, c.want)
			}
		})
	}
}

// TestNames: a layer does not take an output's name, and inputs and outputs have
// names of their own.
func TestNames(t *testing.T) {
	g := graph.New()
	x, w := g.Leaf("x", tensor.F32(2, 3)), g.Leaf("w", tensor.F32(2, 3))
	hidden := ops.Mul(x, w).Named("y")
	f, err := graph.NewFunc("f", []*graph.Node{x, w}, []*graph.Node{ops.Tanh(hidden).Named("act"), hidden})
	if err != nil {
		t.Fatal(err)
	}
	params := map[int]tensor.Tensor{1: tensor.New(tensor.F32(2, 3))}
	m, err := export.Func(f, export.Spec{Name: "f", Params: params, Outputs: []string{"y", "act"}})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, n := range m.Graph.Nodes {
		names = append(names, n.Op+" "+n.Out[0])
	}
	if want := []string{"Mul act", "Tanh y"}; !slices.Equal(names, want) || m.Graph.Outputs[0].Name != "y" || m.Graph.Init("w") == nil {
		t.Errorf("nodes %v, outputs %q", names, m.Graph.Outputs[0].Name)
	}
	for _, s := range []export.Spec{
		{Outputs: []string{"x", "b"}}, {Outputs: []string{"b", "b"}}, {Inputs: []string{"w"}}, {Opset: 17}, {Opset: 27},
		{Params: map[int]tensor.Tensor{1: tensor.New(tensor.F32(3))}},
		{Params: map[int]tensor.Tensor{2: tensor.New(tensor.F32(2, 3))}}, {Inputs: []string{"", "", "z"}}, {Outputs: []string{"a", "b", "c"}},
	} {
		if _, err := export.Func(f, s); err == nil {
			t.Errorf("%+v is written", s)
		}
	}
}

// TestWeightsTurnedTwice: a weight that is used as it is, transposed, and that
// transposed again is held once, and each use computes what the definition does.
func TestWeightsTurnedTwice(t *testing.T) {
	pool := exec.NewPool(1)
	defer pool.Close()
	g := graph.New()
	w := g.Leaf("w", tensor.F32(2, 3, 4))
	once := ops.Transpose(w, 1, 0, 2)
	f, err := graph.NewFunc("f", []*graph.Node{w}, []*graph.Node{ops.Exp(w), ops.Neg(once), ops.Exp(ops.Transpose(once, 0, 2, 1)), ops.Transpose(once, 2, 1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	value := tensor.New(tensor.F32(2, 3, 4))
	for i := range value.Floats() {
		value.Floats()[i] = float32(i) / 8
	}
	m, err := export.Func(f, export.Spec{Name: "f", Params: map[int]tensor.Tensor{0: value}})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Graph.Inits) != 1 {
		t.Errorf("%d tensors are held", len(m.Graph.Inits))
	}
	got, err := runModel(pool, m, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range graph.Eval(f, []tensor.Wide{tensor.Widen(value)}) {
		if off := distance(got[i], want.Narrow()); !(off <= 1e-6) {
			t.Errorf("result %d is off by %g", i, off)
		}
	}
}

// TestSlopesMayBeTurned: of PRelu, which repeats its slopes alone, x stays as large
// as it is.
func TestSlopesMayBeTurned(t *testing.T) {
	pool := exec.NewPool(1)
	defer pool.Close()
	g := graph.New()
	slope, x := g.Leaf("slope", tensor.F32(2, 3, 4)), g.Leaf("x", tensor.F32(3))
	turned := ops.Transpose(slope, 0, 2, 1)
	f, err := graph.NewFunc("f", []*graph.Node{slope, x}, []*graph.Node{ops.PReLU(ops.BroadcastInDim(x, turned.Shape(), 2), turned)})
	if err != nil {
		t.Fatal(err)
	}
	m, err := export.Func(f, export.Spec{Name: "f", Inputs: []string{"in0", "in1"}})
	if err != nil {
		t.Fatal(err)
	}
	in := []tensor.Wide{tensor.NewWide(tensor.F32(2, 3, 4)), {Type: tensor.F32(3), F: []float64{-1, 2, -3}}}
	for i := range in[0].F {
		in[0].F[i] = float64(i) / 8
	}
	got, err := runModel(pool, m, in)
	if err != nil {
		t.Fatal(err)
	}
	if off := distance(got[0], graph.Eval(f, in)[0].Narrow()); !(off <= 1e-6) {
		t.Errorf("off by %g of the largest", off)
	}
}
