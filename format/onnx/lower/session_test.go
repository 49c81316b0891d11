package lower

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

func floats(v ...float32) tensor.Tensor { return tensor.From(tensor.Dims(len(v)), v) }

func session(t *testing.T, b *onnx.Builder, o Options) *Session {
	t.Helper()
	m, err := b.Model(17)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSession(m, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// above is a model of two outputs: the elements of x above 1, doubled, and their
// number. How many there are depends on data.
func above() *onnx.Builder {
	b := onnx.NewBuilder("above")
	x := b.Input("x", 1, "N")
	keep := b.Add("Greater", []string{x, b.Scalar("one", 1)})
	y := b.Add("Compress", []string{b.Add("Add", []string{x, x}), keep}, onnx.Int("axis", 0))
	b.AddAs("y", "Relu", []string{y})
	b.AddAs("count", "Shape", []string{"y"})
	b.Output("y", 1, nil)
	b.Output("count", 7, 1)
	return b
}

func TestShapesThatDependOnData(t *testing.T) {
	s := session(t, above(), Options{})
	points := 0
	for round, c := range []struct{ in, want string }{
		{"[0 2 3]", "[4 6] [2]"}, {"[5 0 7]", "[10 14] [2]"}, {"[0 0 0]", "[] [0]"}, {"[9 2 3]", "[18 4 6] [3]"},
		{"[0 2 3]", "[4 6] [2]"}, {"[0 0 0]", "[] [0]"},
	} {
		var v []float32
		for _, f := range strings.Fields(strings.Trim(c.in, "[]")) {
			var x float32
			if _, err := fmt.Sscan(f, &x); err != nil {
				t.Fatal(err)
			}
			v = append(v, x)
		}
		out, err := s.Run(t.Context(), map[string]tensor.Tensor{"x": floats(v...)})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(out["y"].Floats(), tensor.Of[int64](out["count"])); got != c.want {
			t.Errorf("%s: %s, want %s", c.in, got, c.want)
		}
		if round == 3 {
			points = s.points
		}
	}
	if s.points != points {
		t.Errorf("runs of known shapes added to the tree: %d points, then %d", points, s.points)
	}
}

func TestConcurrentRuns(t *testing.T) {
	s := session(t, above(), Options{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for round := range 20 {
				v := make([]float32, 4)
				for k := range (i + round) % 5 {
					v[k] = float32(2 + k)
				}
				out, err := s.Run(context.Background(), map[string]tensor.Tensor{"x": floats(v...)})
				if err != nil {
					t.Error(err)
					return
				}
				if n := tensor.Of[int64](out["count"])[0]; int(n) != (i+round)%5 {
					t.Errorf("%v: %d elements above 1", v, n)
				}
			}
		})
	}
	wg.Wait()
}

func TestOneGraphNeedsStaticShapes(t *testing.T) {
	m, err := above().Model(17)
	if err != nil {
		t.Fatal(err)
	}
	x := map[string]tensor.Type{"x": tensor.F32(3)}
	var dynamic *DynamicError
	if _, err := Lower(m, Binding{Types: x}); !errors.As(err, &dynamic) {
		t.Errorf("%v, want a DynamicError", err)
	}
	l, err := Lower(m, Binding{Values: map[string]tensor.Tensor{"x": floats(0, 2, 3)}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := graph.NewFunc("f", nil, l.Outputs[:1])
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(graph.Eval(f, nil)[0].F); got != "[4 6]" {
		t.Errorf("with the input as a value: %s", got)
	}
}

// TestShapesOfLargeValues: a shape that follows from a large constant, here its sum
// and 2, is not computed while the graph is built.
func TestShapesOfLargeValues(t *testing.T) {
	b := onnx.NewBuilder("large")
	b.Input("x", 1, 2)
	zeros := b.Add("ConstantOfShape", []string{b.Ints("size", 2*maxLargest)})
	sum := b.Add("Cast", []string{b.Add("ReduceSum", []string{zeros})}, onnx.Int("to", 7))
	b.AddAs("y", "Reshape", []string{"x", b.Add("Add", []string{sum, b.Ints("two", 2)})})
	b.OutputAny("y", 1)
	m, err := b.Model(17)
	if err != nil {
		t.Fatal(err)
	}
	var dynamic *DynamicError
	if _, err := Lower(m, Binding{Types: map[string]tensor.Type{"x": tensor.F32(2)}}); !errors.As(err, &dynamic) {
		t.Errorf("one graph: %v, want a DynamicError", err)
	}
	y, err := session(t, b, Options{}).Run(t.Context(), map[string]tensor.Tensor{"x": floats(3, 4)})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(y["y"].Floats()); got != "[3 4]" {
		t.Errorf("a session gives %s", got)
	}
}

// collatz is a loop whose steps depend on data: from n to 1, gathering nothing.
func collatz() *onnx.Builder {
	b := onnx.NewBuilder("collatz")
	n := b.Input("n", 7)
	one, two, three := b.Init("1", tensor.Scalar(int64(1))), b.Init("2", tensor.Scalar(int64(2))), b.Init("3", tensor.Scalar(int64(3)))
	body := b.Body("body")
	body.Input("i", 7)
	body.Input("go", 9)
	v := body.Input("v", 7)
	c := body.Input("c", 7)
	odd := body.Add("Cast", []string{body.Add("Mod", []string{v, two})}, onnx.Int("to", 9))
	next := body.Add("Where", []string{odd, body.Add("Add", []string{body.Add("Mul", []string{v, three}), one}), body.Add("Div", []string{v, two})})
	body.OutputAny(body.Add("Greater", []string{next, one}), 9)
	body.OutputAny(body.Add("Identity", []string{next}), 7)
	body.OutputAny(body.Add("Add", []string{c, one}), 7)
	g, err := body.Graph()
	if err != nil {
		panic(err)
	}
	going := b.Add("Greater", []string{n, one})
	out := b.AddNode(&onnx.Node{Op: "Loop", In: []string{"", going, n, b.Init("0", tensor.Scalar(int64(0)))}, Attrs: []onnx.Attr{onnx.GraphAttr("body", g)}}, 2)
	b.AddAs("steps", "Identity", []string{out[1]})
	b.Output("steps", 7)
	return b
}

func TestLoopsWhoseEndDependsOnData(t *testing.T) {
	s := session(t, collatz(), Options{})
	for n, want := range map[int64]int64{1: 0, 2: 1, 6: 8, 7: 16, 27: 111} {
		out, err := s.Run(t.Context(), map[string]tensor.Tensor{"n": tensor.Scalar(n)})
		if err != nil {
			t.Fatal(err)
		}
		if got := tensor.Of[int64](out["steps"])[0]; got != want {
			t.Errorf("%d takes %d steps, want %d", n, got, want)
		}
	}
}

func TestGradientsOfModels(t *testing.T) {
	b := onnx.NewBuilder("square")
	x := b.Input("x", 1, "N")
	w := b.Init("w", floats(2, 3))
	b.AddAs("p", "Mul", []string{x, w})
	b.AddAs("y", "ReduceSum", []string{b.Add("Mul", []string{"p", "p"})}, onnx.Int("keepdims", 0))
	b.Output("y", 1)
	m, err := b.Model(13)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Lower(m, Binding{Types: map[string]tensor.Type{"x": tensor.F32(2)}, Param: func(string, tensor.Type) bool { return true }})
	if err != nil {
		t.Fatal(err)
	}
	if l.Value("p") == nil || len(l.Params) != 1 || l.Params[0].Name != "w" {
		t.Fatalf("intermediate %v, parameters %v", l.Value("p"), l.Params)
	}
	grads := graph.Grad(l.Outputs[0], l.Inputs[0], l.Params[0].Node, l.Value("p"))
	f, err := graph.NewFunc("grad", []*graph.Node{l.Inputs[0], l.Params[0].Node}, grads)
	if err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(1)
	defer pool.Close()
	fn, err := exec.Compile(f, pool, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := fn.Call(t.Context(), floats(5, 7), floats(2, 3))
	if err != nil {
		t.Fatal(err)
	}
	// y = Σ(xw)²: by x 2xw², by w 2x²w, by p 2p.
	for i, want := range []string{"[40 126]", "[100 294]", "[20 42]"} {
		if got := fmt.Sprint(out[i].Floats()); got != want {
			t.Errorf("gradient %d is %s, want %s", i, got, want)
		}
	}
}

// TestOnlyWhatIsWantedIsLowered: a part that cannot be lowered does not matter to
// who asks for another.
func TestOnlyWhatIsWantedIsLowered(t *testing.T) {
	b := onnx.NewBuilder("two")
	x := b.Input("x", 1, 2)
	b.AddAs("good", "Relu", []string{x})
	b.AddAs("bad", "Reshape", []string{"good", b.Ints("s", 3, 5)})
	b.Output("bad", 1, 3, 5)
	s := session(t, b, Options{Outputs: []string{"good"}})
	out, err := s.Run(t.Context(), map[string]tensor.Tensor{"x": floats(-1, 2)})
	if err != nil || fmt.Sprint(out["good"].Floats()) != "[0 2]" {
		t.Errorf("%v, %v", out, err)
	}
}

func TestInputsAreChecked(t *testing.T) {
	s := session(t, above(), Options{})
	for name, c := range map[string]struct {
		in   map[string]tensor.Tensor
		want string
	}{
		"none":            {nil, `input "x": is not given`},
		"another":         {map[string]tensor.Tensor{"x": floats(1), "z": floats(1)}, `input "z": the model has no such input; it has x`},
		"another type":    {map[string]tensor.Tensor{"x": tensor.From(tensor.Dims(1), []int64{1})}, "wants float32[N], given int64[1]"},
		"too many axes":   {map[string]tensor.Tensor{"x": tensor.New(tensor.F32(1, 1))}, "wants float32[N]"},
		"what it expects": {map[string]tensor.Tensor{"x": floats(1)}, ""},
	} {
		_, err := s.Run(t.Context(), c.in)
		if c.want == "" && err == nil {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, c.want)
		}
	}
}

func TestMissingOperatorsAreAllNamed(t *testing.T) {
	b := onnx.NewBuilder("odd")
	x := b.Input("x", 1, 1)
	b.AddNode(&onnx.Node{Op: "Magic", Domain: "com.example", In: []string{x}, Out: []string{"a"}}, 1)
	b.AddAs("y", "NoSuchThing", []string{"a"})
	b.Output("y", 1, 1)
	m, err := b.Model(17)
	if err != nil {
		t.Fatal(err)
	}
	var missing *MissingError
	if _, err := NewSession(m, Options{}); !errors.As(err, &missing) || fmt.Sprint(missing.Ops) != "[NoSuchThing (opset 17) com.example.Magic (opset 0)]" {
		t.Errorf("%v", err)
	}
}

// TestLyingModels is case 6 of the hostile inputs: results without bound.
func TestLyingModels(t *testing.T) {
	build := func(f func(b *onnx.Builder) string) *onnx.Builder {
		b := onnx.NewBuilder("lie")
		b.Input("x", 1, 2)
		b.AddAs("y", "Identity", []string{f(b)})
		b.OutputAny("y", 1)
		return b
	}
	const huge = int64(1) << 40
	for name, c := range map[string]struct {
		model *onnx.Builder
		want  string
	}{
		"ConstantOfShape": {build(func(b *onnx.Builder) string { return b.Add("ConstantOfShape", []string{b.Ints("s", huge)}) }), "elements"},
		"Expand":          {build(func(b *onnx.Builder) string { return b.Add("Expand", []string{"x", b.Ints("s", huge, 2)}) }), "elements"},
		"Tile":            {build(func(b *onnx.Builder) string { return b.Add("Tile", []string{"x", b.Ints("s", huge)}) }), "elements"},
		"Range": {build(func(b *onnx.Builder) string {
			return b.Add("Range", []string{b.Scalar("a", 0), b.Scalar("b", 1e12), b.Scalar("c", 1)})
		}), "elements"},
		"Gather": {build(func(b *onnx.Builder) string { return b.Add("Gather", []string{"x", b.Ints("i", 5)}) }), "5"},
	} {
		s := session(t, c.model, Options{})
		_, err := s.Run(t.Context(), map[string]tensor.Tensor{"x": floats(1, 2)})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, c.want)
		}
	}
}

func TestEndlessLoopsCanBeInterrupted(t *testing.T) {
	b := onnx.NewBuilder("endless")
	x := b.Input("x", 1, 2)
	body := b.Body("body")
	body.Input("i", 7)
	going := body.Input("go", 9)
	v := body.Input("v", 1, 2)
	body.OutputAny(body.Add("Identity", []string{going}), 9)
	body.OutputAny(body.Add("Neg", []string{v}), 1)
	g, err := body.Graph()
	if err != nil {
		t.Fatal(err)
	}
	trips := b.Init("trips", tensor.Scalar(int64(1)<<62))
	y := b.AddNode(&onnx.Node{Op: "Loop", In: []string{trips, "", x}, Attrs: []onnx.Attr{onnx.GraphAttr("body", g)}}, 1)
	b.Output(y[0], 1, 2)
	s := session(t, b, Options{})
	if _, err := s.Run(t.Context(), map[string]tensor.Tensor{"x": floats(1, 2)}); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("2^62 steps: %v", err)
	}
}
