package lower

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// loopModel is a Loop of the operands in, of which x is an input, whose body f builds:
// it takes i, go and v, if that is carried, and gives what f returns.
func loopModel(t *testing.T, in []string, f func(b *onnx.Builder) []string) *onnx.Builder {
	t.Helper()
	b := onnx.NewBuilder("loop")
	b.Input("x", 1, nil)
	b.Init("three", tensor.Scalar(int64(3)))
	b.Init("twenty", tensor.Scalar(int64(20)))
	b.Init("many", tensor.Scalar(int64(1)<<40))
	b.Init("yes", boolTensor(true))
	body := b.Body("body")
	body.Input("i", 7)
	body.Input("go", 9)
	if len(in) > 2 {
		body.Input("v", 1)
	}
	results := f(body)
	for _, name := range results {
		body.OutputAny(name, onnx.ElemNone)
	}
	g, err := body.Graph()
	if err != nil {
		t.Fatal(err)
	}
	y := b.AddNode(&onnx.Node{Op: "Loop", In: in, Attrs: []onnx.Attr{onnx.GraphAttr("body", g)}}, max(1, len(results)-1))
	for _, name := range y {
		b.OutputAny(name, onnx.ElemNone)
	}
	return b
}

// TestLoopOfACountAlone: the condition, and values that are carried, may be left out.
func TestLoopOfACountAlone(t *testing.T) {
	s := session(t, loopModel(t, []string{"three"}, func(b *onnx.Builder) []string {
		return []string{"go", b.Add("Mul", []string{"x", b.Add("Cast", []string{"i"}, onnx.Int("to", 1))})}
	}), Options{})
	y, err := s.Run(t.Context(), map[string]tensor.Tensor{"x": floats(1, 2)})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(y["Loop"].Shape(), y["Loop"].Floats()); got != "[3 2] [0 0 1 2 2 4]" {
		t.Errorf("three steps gather %s", got)
	}
}

// TestLoopsRefused: bodies that give too little, and more steps than there may be.
func TestLoopsRefused(t *testing.T) {
	for _, c := range []struct {
		want    string
		in      []string
		results []string
	}{
		{"gives 1 results", []string{"three", "", "x"}, []string{"go"}},
		{"gives 0 results", []string{"three"}, nil},
		{"at most", []string{"many", "yes", "x"}, []string{"go", "v", "i"}},
	} {
		s := session(t, loopModel(t, c.in, func(*onnx.Builder) []string { return c.results }), Options{})
		_, err := s.Run(t.Context(), map[string]tensor.Tensor{"x": floats(1, 2)})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "Loop") {
			t.Errorf("%q gives %q: %v, want an error with %q", c.in, c.results, err, c.want)
		}
	}
}

// TestEmptyBodiesCount: steps of a loop in which nothing is computed count, so that
// one without end is found out.
func TestEmptyBodiesCount(t *testing.T) {
	b := loopModel(t, []string{"three", "", "x"}, func(*onnx.Builder) []string { return []string{"go", "v", "i"} })
	m, err := b.Model(17)
	if err != nil {
		t.Fatal(err)
	}
	for done, want := range map[int]string{maxSteps - 4: "", maxSteps - 3: "does not end"} {
		l := newLowering(m, options{}, graph.New())
		l.steps = done
		_, err := l.model1([]*value{l.nodeValue(l.root.Leaf("x", tensor.F32(2)))}, []string{"Loop"})
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("three steps after %d: %v, want %q", done, err, want)
		}
	}
}

// TestGrowingLoopRunsOnce: a loop whose value grows until its sum is 5 or more goes
// through each step once: the session has two points for each of three, one for what
// is behind the loop, and the end.
func TestGrowingLoopRunsOnce(t *testing.T) {
	s := session(t, loopModel(t, []string{"", "yes", "x"}, func(b *onnx.Builder) []string {
		next := b.Add("Concat", []string{"v", "v"}, onnx.Int("axis", 0))
		sum := b.Add("ReduceSum", []string{next}, onnx.Int("keepdims", 0))
		return []string{b.Add("Less", []string{sum, b.Scalar("five", 5)}), next}
	}), Options{})
	y, err := s.Run(t.Context(), map[string]tensor.Tensor{"x": floats(1)})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(y["Loop"].Floats()); got != "[1 1 1 1 1 1 1 1]" {
		t.Errorf("the value grows to %s", got)
	}
	if s.points > 2*3+2 {
		t.Errorf("%d points", s.points)
	}
}

// TestBranchesOfTwoShapes: an If in a loop of 20 steps, too many to lay out, that
// doubles its value in the first two.
func TestBranchesOfTwoShapes(t *testing.T) {
	b := loopModel(t, []string{"twenty", "", "x"}, func(b *onnx.Builder) []string {
		graph := func(op string, in ...string) *onnx.Graph {
			c := b.Body(op)
			c.OutputAny(c.Add(op, in), onnx.ElemNone)
			g, err := c.Graph()
			if err != nil {
				t.Fatal(err)
			}
			if op == "Concat" {
				g.Nodes[0].Attrs = []onnx.Attr{onnx.Int("axis", 0)}
			}
			return g
		}
		first := b.Add("Less", []string{"i", b.Init("two", tensor.Scalar(int64(2)))})
		return []string{"go", b.Add("If", []string{first},
			onnx.GraphAttr("then_branch", graph("Concat", "v", "v")), onnx.GraphAttr("else_branch", graph("Neg", "v")))}
	})
	s := session(t, b, Options{})
	y, err := s.Run(t.Context(), map[string]tensor.Tensor{"x": floats(1)})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(y["Loop"].Floats()); got != "[1 1 1 1]" {
		t.Errorf("after two doublings and 18 changes of sign: %s", got)
	}
}

// TestScanOfNoBatch: Scan of opset 8 wants sequences of one batch, which is not empty.
func TestScanOfNoBatch(t *testing.T) {
	for _, c := range [][2]tensor.Type{
		{tensor.F32(0, 3), tensor.F32(0, 3, 2)}, {tensor.F32(), tensor.F32(2, 3, 2)}, {tensor.F32(2, 3), tensor.F32()},
		{tensor.F32(2, 3), tensor.F32(1, 3, 2)}, {tensor.F32(1<<30, 0), tensor.F32(1<<30, 0, 2)},
	} {
		b := onnx.NewBuilder("scan")
		body := b.Body("body")
		state, x := body.Input("s", 1), body.Input("v", 1)
		body.OutputAny(state, 1)
		body.OutputAny(x, 1)
		g, err := body.Graph()
		if err != nil {
			t.Fatal(err)
		}
		in := []string{"", b.Input("a", 1), b.Input("b", 1)}
		y := b.AddNode(&onnx.Node{Op: "Scan", In: in, Attrs: []onnx.Attr{onnx.GraphAttr("body", g), onnx.Int("num_scan_inputs", 1)}}, 2)
		b.OutputAny(y[0], 1)
		m, err := b.Model(8)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Lower(m, Binding{Types: map[string]tensor.Type{"a": c[0], "b": c[1]}})
		if err == nil || !strings.Contains(err.Error(), "the same batch") {
			t.Errorf("a state %v and a sequence %v: %v", c[0], c[1], err)
		}
	}
}

// TestLoopsDrawAnew: random operators in a loop, with a seed and without, give other
// numbers in each step, whether it is laid out, a Scan, one within another, or a While.
func TestLoopsDrawAnew(t *testing.T) {
	draw := func(b *onnx.Builder) []string {
		shape := onnx.Ints("shape", 2)
		return []string{b.Add("RandomUniform", nil, shape), b.Add("RandomUniform", nil, shape, onnx.Float("seed", 1))}
	}
	for _, trips := range []string{"three", "twenty"} {
		s := session(t, loopModel(t, []string{trips}, func(b *onnx.Builder) []string {
			return append([]string{"go"}, draw(b)...)
		}), Options{})
		wantDistinct(t, trips, s)
		s = session(t, loopModel(t, []string{trips}, func(b *onnx.Builder) []string {
			c := b.Body("within")
			c.Input("k", 7)
			for _, name := range append([]string{c.Input("on", 9)}, draw(c)...) {
				c.OutputAny(name, onnx.ElemNone)
			}
			g, err := c.Graph()
			if err != nil {
				t.Fatal(err)
			}
			return append([]string{"go"}, b.AddNode(&onnx.Node{Op: "Loop", In: []string{"twenty"}, Attrs: []onnx.Attr{onnx.GraphAttr("body", g)}}, 2)...)
		}), Options{})
		wantDistinct(t, trips+" times twenty", s)
	}
	s := session(t, loopModel(t, []string{"", "yes", "x"}, func(b *onnx.Builder) []string {
		// v is what was drawn before: when the same comes again, the loop ends.
		u := draw(b)[0]
		top := func(name string) string { return b.Add("ReduceMax", []string{name}, onnx.Int("keepdims", 0)) }
		again := b.Add("Equal", []string{top(u), top("v")})
		few := b.Add("Less", []string{"i", b.Init("last", tensor.Scalar(int64(20)))})
		next := b.Add("Where", []string{again, b.Add("Neg", []string{u}), u})
		return []string{b.Add("And", []string{b.Add("Not", []string{again}), few}), next}
	}), Options{})
	y, err := s.Run(t.Context(), map[string]tensor.Tensor{"x": floats(1, 2)})
	if err != nil {
		t.Fatal(err)
	}
	if v := y["Loop"].Floats(); v[0] <= 0 {
		t.Errorf("a While drew the same twice: %v", v)
	}
}

// wantDistinct runs a model and asks that the pairs of numbers of each of its outputs
// all differ.
func wantDistinct(t *testing.T, what string, s *Session) {
	t.Helper()
	y, err := s.Run(t.Context(), map[string]tensor.Tensor{"x": floats(1, 2)})
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range y {
		seen, f := map[[2]float32]bool{}, v.Floats()
		for i := 0; i < len(f); i += 2 {
			seen[[2]float32{f[i], f[i+1]}] = true
		}
		if len(seen) != len(f)/2 || len(f) < 6 {
			t.Errorf("%s, output %s: %d distinct pairs of %d", what, name, len(seen), len(f)/2)
		}
	}
}

// TestScansDrawAnew is TestLoopsDrawAnew for the operator Scan.
func TestScansDrawAnew(t *testing.T) {
	b := onnx.NewBuilder("scan")
	b.Input("x", 1, 2)
	body := b.Body("body")
	v := body.Input("v", 1)
	body.OutputAny(body.Add("RandomUniformLike", []string{v}), 1)
	body.OutputAny(body.Add("RandomNormalLike", []string{v}, onnx.Float("seed", 1)), 1)
	g, err := body.Graph()
	if err != nil {
		t.Fatal(err)
	}
	zeros := b.Add("ConstantOfShape", []string{b.Ints("shape", 20, 2)})
	for _, y := range b.AddNode(&onnx.Node{Op: "Scan", In: []string{zeros}, Attrs: []onnx.Attr{onnx.GraphAttr("body", g), onnx.Int("num_scan_inputs", 1)}}, 2) {
		b.OutputAny(y, 1)
	}
	wantDistinct(t, "scan", session(t, b, Options{}))
}
