package tensorflow

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/tensor"
)

func vector(name string, v ...int32) *Node { return numbers(name, tensor.From(tensor.Dims(len(v)), v)) }

func single(name string, v int32) *Node { return numbers(name, tensor.Scalar(v)) }

func floats(v ...float32) tensor.Tensor { return tensor.From(tensor.Dims(len(v)), v) }

// answer translates a graph and runs it; y is its only output.
func answer(t *testing.T, g *Graph, in map[string]tensor.Tensor) tensor.Tensor {
	t.Helper()
	m, err := Convert(g, Options{Outputs: []string{"y"}})
	if err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(1)
	defer pool.Close()
	return run(t, pool, m, in)["y"]
}

// TestFunctionsWaiting: a node that waits for a parameter does not take it, and
// one may wait for a call without results.
func TestFunctionsWaiting(t *testing.T) {
	twice := &Function{Name: "twice", Args: []string{"a"}, Results: []string{"r"}, Return: map[string]string{"r": "s:sum:0"},
		Nodes: []*Node{node("s", "AddN", []string{"a", "a", "^a"})}}
	nothing := &Function{Name: "nothing", Args: []string{"a"}, Nodes: []*Node{node("z", "NoOp", []string{"^a"})}}
	g := &Graph{Functions: []*Function{twice, nothing}, Nodes: []*Node{
		input("x", 2), node("w", "Neg", []string{"x"}), node("check", "PartitionedCall", []string{"w"}, function("nothing", "f")),
		node("c", "PartitionedCall", []string{"w:0", "^check"}, function("twice", "f")), node("y", "Identity", []string{"c"}),
	}}
	agree(t, "twice", answer(t, g, map[string]tensor.Tensor{"x": floats(1, -2)}), floats(-2, 4), 0)
	g.Nodes = append(g.Nodes[:3], node("y", "Relu", []string{"w", "^check"}))
	agree(t, "relu", answer(t, g, map[string]tensor.Tensor{"x": floats(1, -2)}), floats(0, 2), 0)
}

// TestFunctionsCalledByName: within functions, results of a function that is
// called by its own name have its names for them.
func TestFunctionsCalledByName(t *testing.T) {
	both := &Function{Name: "Both", Args: []string{"a"}, Results: []string{"plus", "minus"},
		Return: map[string]string{"plus": "p:y:0", "minus": "m:y:0"},
		Nodes:  []*Node{node("p", "Abs", []string{"a"}), node("m", "Neg", []string{"a"})}}
	outer := &Function{Name: "Outer", Args: []string{"a"}, Results: []string{"r"}, Return: map[string]string{"r": "c:minus:0"},
		Nodes: []*Node{node("c", "Both", []string{"a"})}}
	g := &Graph{Functions: []*Function{both, outer}, Nodes: []*Node{input("x", 2), node("c", "Outer", []string{"x"}), node("y", "Identity", []string{"c"})}}
	agree(t, "minus", answer(t, g, map[string]tensor.Tensor{"x": floats(1, -2)}), floats(-1, 2), 0)
}

// TestResultsOfCallsAsOutputs: what a call gives can be asked for by the call's
// name.
func TestResultsOfCallsAsOutputs(t *testing.T) {
	f := &Function{Name: "f", Args: []string{"a"}, Results: []string{"plus", "minus"},
		Return: map[string]string{"plus": "p:y:0", "minus": "m:y:0"},
		Nodes:  []*Node{node("p", "Abs", []string{"a"}), node("m", "Neg", []string{"a"})}}
	g := &Graph{Functions: []*Function{f}, Nodes: []*Node{input("x", 2), node("c", "PartitionedCall", []string{"x"}, function("f", "f"))}}
	m, err := Convert(g, Options{Outputs: []string{"c:0", "c:1"}})
	if err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(1)
	defer pool.Close()
	got := run(t, pool, m, map[string]tensor.Tensor{"x": floats(1, -2)})
	agree(t, "c:0", got["c"], floats(1, 2), 0)
	agree(t, "c:1", got["c:1"], floats(-1, 2), 0)
}

// TestSmallFilesMakeLittle: long names and lists that a small graph multiplies.
func TestSmallFilesMakeLittle(t *testing.T) {
	long := strings.Repeat("n", 100_000)
	f := &Function{Name: "f", Args: []string{"a"}, Results: []string{"r"}, Return: map[string]string{"r": "a"}}
	for i := range 2000 {
		f.Nodes = append(f.Nodes, node(fmt.Sprint(i), "Relu", []string{"a"}))
	}
	numbers4096 := vector("a", make([]int32, 4096)...)
	many := slices.Repeat([]string{"a"}, 20_000)
	chain := []*Node{numbers4096}
	for i := range 2000 {
		chain = append(chain, node(fmt.Sprint("b", i), "Add", []string{chain[i].Name, "a"}))
	}
	parts := Attr{Name: "num_split", Int: 4000}
	for name, g := range map[string]*Graph{
		"names":   {Functions: []*Function{f}, Nodes: []*Node{input("x", 2), node(long, "f", []string{"x"}), node("y", "Neg", []string{long})}},
		"results": {Nodes: []*Node{input("x", 4000), single("axis", 0), node(long, "Split", []string{"axis", "x"}, parts), node("y", "Neg", []string{long})}},
		"unpack":  {Nodes: []*Node{input("x", 4000), node(long, "Unpack", []string{"x"}, Attr{Name: "num", Int: 4000}), node("y", "Neg", []string{long})}},
		"lists":   {Nodes: append(chain, node("y", "Neg", []string{"b1999"}))},
		"concat":  {Nodes: []*Node{numbers4096, single("axis", 0), node("y", "ConcatV2", append(many, "axis"))}},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Convert(g, Options{Outputs: []string{"y"}, Limits: Limits{Nodes: 5000}})
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 80<<20 {
			t.Errorf("%s: %d MiB, %v", name, n>>20, err)
		}
		if name != "concat" && (err == nil || !strings.Contains(err.Error(), "see Limits.Nodes")) {
			t.Errorf("%s: error = %v", name, err)
		}
	}
}

// TestBranchesOfOneFunction: many conditions may have the same branches.
func TestBranchesOfOneFunction(t *testing.T) {
	branch := func(name, op string) *Function {
		return &Function{Name: name, Args: []string{"a"}, Results: []string{"r"}, Return: map[string]string{"r": "c:y:0"},
			Nodes: []*Node{node("c", op, []string{"a"})}}
	}
	p := input("p")
	p.Attrs[0].Type = boolType
	g := &Graph{Functions: []*Function{branch("yes", "Abs"), branch("no", "Neg")}, Nodes: []*Node{input("x", 2), p}}
	last := "x"
	for i := range 9 {
		name := fmt.Sprint("c", i)
		g.Nodes = append(g.Nodes, node(name, "If", []string{"p", last}, function("yes", "then_branch"), function("no", "else_branch")))
		last = name
	}
	g.Nodes = append(g.Nodes, node("y", "Identity", []string{last}))
	for p, want := range map[bool]tensor.Tensor{true: floats(1, 2), false: floats(-1, 2)} {
		truth := tensor.New(tensor.Type{DType: tensor.Bool})
		if p {
			truth.Bytes()[0] = 1
		}
		agree(t, "y", answer(t, g, map[string]tensor.Tensor{"x": floats(1, -2), "p": truth}), want, 0)
	}
}

// TestManyBranches: twice as many conditions take about twice the time. What is
// looked at is memory, which shows the same.
func TestManyBranches(t *testing.T) {
	f := &Function{Name: "f", Args: []string{"a"}, Results: []string{"r"}, Return: map[string]string{"r": "c:y:0"},
		Nodes: []*Node{node("c", "Neg", []string{"a"})}}
	taken := func(n int) uint64 {
		g := &Graph{Functions: []*Function{f}, Nodes: []*Node{input("c0", 2), inputInts("p")}}
		for i := range n {
			in := []string{"p", fmt.Sprint("c", i)}
			g.Nodes = append(g.Nodes, node(fmt.Sprint("c", i+1), "If", in, function("f", "then_branch"), function("f", "else_branch")))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Convert(g, Options{}); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	if few, many := taken(250), taken(1000); many > 6*few {
		t.Errorf("250 conditions took %d bytes, 1000 took %d", few, many)
	}
}
