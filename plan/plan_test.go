package plan_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

func compile(t *testing.T, o plan.Options, in []*graph.Node, out ...*graph.Node) *plan.Program {
	t.Helper()
	f, err := graph.NewFunc("f", in, out)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Compile(f, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkMemory(p); err != nil {
		t.Fatal(err)
	}
	return p
}

// steps is what each step computes.
func steps(p *plan.Program) []string {
	var s []string
	for i := range p.Steps {
		s = append(s, strings.Join(p.Steps[i].Ops, "·"))
	}
	return s
}

func wantSteps(t *testing.T, p *plan.Program, want ...string) {
	t.Helper()
	if got := steps(p); !slices.Equal(got, want) {
		t.Errorf("steps %q, want %q", got, want)
	}
}

func TestTranspositionsTravelUntilTheyCancel(t *testing.T) {
	g := graph.New()
	x, c := g.Leaf("x", tensor.F32(2, 3, 4, 5)), g.Leaf("c", tensor.F32(2, 3, 4, 5))
	nhwc := graph.Apply1(axes{"0231"}, x)
	y := ops.ReLU(nhwc)
	y = ops.Add(y, graph.Apply1(axes{"0231"}, c))
	y = ops.Tanh(graph.Apply1(axes{"0312"}, y))
	wantSteps(t, compile(t, plan.Options{}, []*graph.Node{x, c}, y), "relu·add·tanh")
	p := compile(t, plan.Options{}, []*graph.Node{x}, graph.Apply1(axes{"0312"}, ops.ReLU(graph.Apply1(axes{"0312"}, x))))
	wantSteps(t, p, "relu", "axes")
}

func TestOperationsTakeOnTheirUsers(t *testing.T) {
	g := graph.New()
	x := g.Leaf("x", tensor.F32(8))
	two := graph.Apply(halves{}, x)
	y := graph.Apply1(double{}, graph.Apply1(double{}, two[0]))
	wantSteps(t, compile(t, plan.Options{}, []*graph.Node{x}, y, two[1]), "halves")
	wantSteps(t, compile(t, plan.Options{}, []*graph.Node{x}, y, two[0]), "halves", "double·double")
	kept := compile(t, plan.Options{}, []*graph.Node{x}, ops.Add(y, two[1]))
	wantSteps(t, kept, "halves", "add")
	p := compile(t, plan.Options{}, []*graph.Node{x}, graph.Apply1(opaque{}, y), ops.Neg(two[0]))
	wantSteps(t, p, "halves", "double·double", "opaque", "neg")
}

// TestLoopsReadThroughViewsAndFold asks for one pass over what lies in memory.
func TestLoopsReadThroughViewsAndFold(t *testing.T) {
	g := graph.New()
	x, b := g.Leaf("x", tensor.F32(64, 32)), g.Leaf("b", tensor.F32(32))
	y := ops.Tanh(ops.Mul(x, graph.Apply1(repeated{64}, b)))
	p := compile(t, plan.Options{}, []*graph.Node{x, b}, graph.Apply1(rowSum{}, y))
	wantSteps(t, p, "mul·tanh·row-sum")
	if s := p.Stats(); s.Bytes != 4*(64*32+32+64) {
		t.Errorf("%d bytes moved", s.Bytes)
	}
	p = compile(t, plan.Options{}, []*graph.Node{x, b}, graph.Apply1(rowSum{}, y), y)
	wantSteps(t, p, "mul·tanh", "row-sum")
	p = compile(t, plan.Options{}, []*graph.Node{b}, graph.Apply1(repeated{64}, b))
	wantSteps(t, p, "repeated")
}

func TestWhatDependsOnConstantsIsComputedOnce(t *testing.T) {
	g := graph.New()
	x := g.Leaf("x", tensor.F32(3))
	w := g.Constant(tensor.From(tensor.Dims(3), []float32{1, 2, 3}))
	b := ops.Mul(ops.Exp(w), g.Fill(2, w.Type()))
	p := compile(t, plan.Options{}, []*graph.Node{x}, ops.Add(x, ops.Add(b, w)))
	wantSteps(t, p, "add")
	big := tensor.F32(1 << 20)
	y := g.Leaf("y", big)
	p = compile(t, plan.Options{}, []*graph.Node{y}, ops.Mul(y, ops.Sqrt(ops.Add(g.Fill(3, big), g.Fill(1, big)))))
	if s := p.Stats(); s.Constants > 64 || s.Instructions != 1 {
		t.Errorf("a large fill is stored: %+v", s)
	}
}

func TestOutputsHaveMemoryOfTheirOwn(t *testing.T) {
	g := graph.New()
	x := g.Leaf("x", tensor.F32(2))
	c := g.Constant(tensor.From(tensor.Dims(2), []float32{1, 2}))
	flat := ops.Reshape(x, tensor.Dims(2, 1))
	p := compile(t, plan.Options{}, []*graph.Node{x}, x, c, flat)
	for i, o := range p.Out {
		if o.Place.Space != plan.Arena {
			t.Errorf("output %d lies at %v", i, o.Place)
		}
	}
	wantSteps(t, compile(t, plan.Options{Donate: [][2]int{{0, 0}}}, []*graph.Node{x}, x))
}

// TestDonationCopiesOnlyWhereItMust swaps two inputs, and updates one that is
// read by the step that writes it.
func TestDonationCopiesOnlyWhereItMust(t *testing.T) {
	g := graph.New()
	a, b := g.Leaf("a", tensor.F32(4)), g.Leaf("b", tensor.F32(4))
	swap := compile(t, plan.Options{Donate: [][2]int{{0, 0}, {1, 1}}}, []*graph.Node{a, b}, b, a)
	if n := len(swap.Steps); n < 2 || n > 3 {
		t.Errorf("a swap takes %q", steps(swap))
	}
	pool := exec.NewPool(1)
	defer pool.Close()
	in := []tensor.Tensor{tensor.From(tensor.Dims(4), []float32{1, 2, 3, 4}), tensor.From(tensor.Dims(4), []float32{5, 6, 7, 8})}
	if _, err := exec.NewMachine(swap, pool).Run(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if in[0].Floats()[0] != 5 || in[1].Floats()[3] != 4 {
		t.Errorf("swapped: %v %v", in[0].Floats(), in[1].Floats())
	}
	loss := ops.ReduceSum(ops.Mul(a, b), 0)
	next := ops.Sub(a, ops.Scale(b, 0.1))
	p := compile(t, plan.Options{Donate: [][2]int{{0, 0}}}, []*graph.Node{a, b}, next, loss)
	if slices.Contains(steps(p), "copy") {
		t.Errorf("an update takes %q", steps(p))
	}
}

func TestDonationsThatCannotBe(t *testing.T) {
	g := graph.New()
	a, b := g.Leaf("a", tensor.F32(4)), g.Leaf("b", tensor.F32(5))
	f, err := graph.NewFunc("f", []*graph.Node{a, b}, []*graph.Node{ops.Neg(a), ops.Abs(a)})
	if err != nil {
		t.Fatal(err)
	}
	for want, donate := range map[string][][2]int{
		"f has 2 outputs and 2 inputs":           {{2, 0}},
		"output is float32[4], input is float32": {{0, 1}},
		"donated twice":                          {{0, 0}, {1, 0}},
	} {
		if _, err := plan.Compile(f, plan.Options{Donate: donate}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error = %v, want %q in it", donate, err, want)
		}
	}
}

// TestRecomputeLowersThePeak keeps h for the backward pass of each of several
// activations, from which the activation can be made again.
func TestRecomputeLowersThePeak(t *testing.T) {
	g := graph.New()
	x := g.Leaf("x", tensor.F32(1000))
	var hs, as []*graph.Node
	y := x
	for range 30 {
		h := graph.Apply1(opaque{}, ops.Scale(y, 1.01))
		y = graph.Apply1(opaque{}, ops.ReLU(h))
		hs, as = append(hs, h), append(as, ops.ReLU(h))
	}
	for i := len(hs) - 1; i >= 0; i-- {
		y = graph.Apply1(opaque{}, ops.Add(ops.Mul(y, graph.Apply1(opaque{2}, ops.Neg(hs[i]))), graph.Apply1(opaque{1}, as[i])))
	}
	keep := compile(t, plan.Options{NoRecompute: true}, []*graph.Node{x}, y)
	again := compile(t, plan.Options{}, []*graph.Node{x}, y)
	if k, a := keep.Stats(), again.Stats(); a.Peak > k.Peak*6/10 || a.Instructions <= k.Instructions {
		t.Errorf("recomputing takes %+v, keeping %+v", a, k)
	}
	pool := exec.NewPool(2)
	defer pool.Close()
	feeds := []tensor.Tensor{tensor.New(x.Type())}
	for i := range feeds[0].Floats() {
		feeds[0].Floats()[i] = float32(i%7) - 3
	}
	f, err := graph.NewFunc("f", []*graph.Node{x}, []*graph.Node{y})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "recompute", runs(t, f, plan.Options{}, pool, feeds), runs(t, f, plan.Options{NoRecompute: true}, pool, feeds))
}

// Example prints the program of a small update. The gradient of Σ w² is used at
// once, in one loop, and the next w lies in the memory of w.
func Example() {
	g := graph.New()
	w := g.Leaf("w", tensor.F32(2, 3))
	loss := ops.ReduceSum(ops.Mul(w, w), 0, 1)
	next := ops.Sub(w, ops.Scale(graph.Grad(loss, w)[0], 0.1)).Named("w.next")
	f, err := graph.NewFunc("update", []*graph.Node{w}, []*graph.Node{next})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := plan.Compile(f, plan.Options{Donate: [][2]int{{0, 0}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := p.Dump(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// update: 1 steps, 18 FLOPs, 48 bytes moved, 0 bytes arena, 0 bytes constants
	// step  operations   from              to                bytes  FLOPs  name
	// 0     sum·mul·sub  float32[2 3]@in0  float32[2 3]@in0  48     18     w.next
	// output 0 float32[2 3] at in0 w.next
}
