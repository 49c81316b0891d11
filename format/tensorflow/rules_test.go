package tensorflow

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/tensor"
)

// inputInts is an input of whole numbers.
func inputInts(name string, dims ...int64) *Node {
	n := input(name, dims...)
	n.Attrs[0].Type = int32Type
	return n
}

// TestBranchesByNumber: any number but 0 takes the first branch.
func TestBranchesByNumber(t *testing.T) {
	branch := func(name, op string) *Function {
		return &Function{Name: name, Args: []string{"a"}, Results: []string{"r"}, Return: map[string]string{"r": "c:y:0"},
			Nodes: []*Node{node("c", op, []string{"a"})}}
	}
	for _, pred := range []*Node{single("p", 2), inputInts("p")} {
		g := &Graph{Functions: []*Function{branch("yes", "Abs"), branch("no", "Neg")}, Nodes: []*Node{
			input("x", 2), pred, node("y", "If", []string{"p", "x"}, function("yes", "then_branch"), function("no", "else_branch")),
		}}
		in := map[string]tensor.Tensor{"x": floats(1, -2)}
		if pred.Op == "Placeholder" {
			in["p"] = tensor.Scalar(int32(2))
		}
		agree(t, pred.Op, answer(t, g, in), floats(1, 2), 0)
	}
}

// TestOneHotOfAnyType keeps values that are no whole numbers.
func TestOneHotOfAnyType(t *testing.T) {
	f64 := func(name string, v float64) *Node { return numbers(name, tensor.Scalar(v)) }
	g := &Graph{Nodes: []*Node{inputInts("i", 3), single("d", 2), f64("on", 0.9), f64("off", 0.1), node("y", "OneHot", []string{"i", "d", "on", "off"})}}
	y := answer(t, g, map[string]tensor.Tensor{"i": tensor.From(tensor.Dims(3), []int32{1, -1, 0})})
	agree(t, "one-hot", y, tensor.From(tensor.Dims(3, 2), []float64{0.1, 0.9, 0.1, 0.1, 0.9, 0.1}), 0)
}

// TestPartsOfLists: some of a list's elements are not all of them.
func TestPartsOfLists(t *testing.T) {
	rows := tensor.From(tensor.Dims(3, 2), []float32{1, 2, 3, 4, 5, 6})
	list := []*Node{
		input("x", 3, 2), single("n", 3), node("a", "TensorArrayV3", []string{"n"}), vector("all", 0, 1, 2),
		node("f", "TensorArrayScatterV3", []string{"a", "all", "x", "a:1"}),
	}
	gather := node("y", "TensorArrayGatherV3", []string{"a", "i", "f"})
	in := map[string]tensor.Tensor{"x": rows}
	first := tensor.From(tensor.Dims(2, 2), []float32{1, 2, 3, 4})
	agree(t, "constant", answer(t, &Graph{Nodes: append(slices.Clone(list), vector("i", 0, 1), gather)}, in), first, 0)
	ranged := append(slices.Clone(list), inputInts("k"), single("zero", 0), single("one", 1), node("i", "Range", []string{"zero", "k", "one"}), gather)
	in["k"] = tensor.Scalar(int32(2))
	agree(t, "range", answer(t, &Graph{Nodes: ranged}, in), first, 0)
	m, err := Convert(&Graph{Nodes: append(slices.Clone(list), vector("i", 0, 1, 2), gather)}, Options{Outputs: []string{"y"}})
	if err != nil {
		t.Fatal(err)
	}
	for n := range m.AllNodes() {
		if n.Op == "Gather" {
			t.Errorf("all of a list is gathered one by one")
		}
	}
}

// TestReshapeToNothing: a size of 0 is 0, even where it is known only when the
// model runs.
func TestReshapeToNothing(t *testing.T) {
	g := &Graph{Nodes: []*Node{input("x", -1, 0, 4), inputInts("s", 2), node("y", "Reshape", []string{"x", "s"})}}
	y := answer(t, g, map[string]tensor.Tensor{
		"x": tensor.New(tensor.F32(2, 0, 4)), "s": tensor.From(tensor.Dims(2), []int32{0, 8}),
	})
	if y.Shape() != tensor.Dims(0, 8) {
		t.Errorf("shape %v", y.Shape())
	}
}

// TestBackwardOfSpatialSizes: the sizes may be those of the spatial axes only. Of
// a picture of 5, windows of 1 at every 2 come from places 0, 2 and 4.
func TestBackwardOfSpatialSizes(t *testing.T) {
	one := numbers("w", tensor.From(tensor.Dims(1, 1, 1, 1), []float32{1}))
	g := &Graph{Nodes: []*Node{
		input("x", 1, 1, 3, 1), one, vector("s", 1, 5),
		node("y", "Conv2DBackpropInput", []string{"s", "w", "x"}, list("strides", 1, 1, 2, 1), text("padding", "SAME")),
	}}
	y := answer(t, g, map[string]tensor.Tensor{"x": tensor.From(tensor.Dims(1, 1, 3, 1), []float32{1, 2, 3})})
	agree(t, "picture", y, tensor.From(tensor.Dims(1, 1, 5, 1), []float32{1, 0, 2, 0, 3}), 0)
}

// TestRefusedRules: what would be answered wrongly, or make the translator give
// up, is refused with its reason.
func TestRefusedRules(t *testing.T) {
	x := input("x", 2, 3)
	p := node("p", "Placeholder", nil, Attr{Name: "dtype", Type: boolType}, Attr{Name: "shape", Shape: &Shape{}})
	filter := numbers("w", tensor.From(tensor.Dims(1, 1, 2, 3), make([]float32, 6)))
	unknownRank := []*Node{inputInts("s", -1), node("u", "Reshape", []string{"x", "s"})}
	back := func(sizes *Node) []*Node {
		return []*Node{input("g", 1, 4, 4, 6), filter, sizes, node("y", "Conv2DBackpropInput", []string{"s", "w", "g"})}
	}
	for name, c := range map[string]struct {
		nodes []*Node
		want  string
	}{
		"branches": {[]*Node{x, p, node("s", "Switch", []string{"x", "p"}), vector("a", 2, 1), node("t", "Tile", []string{"s", "a"}),
			node("y", "Merge", []string{"t", "s:1"})}, "branches of shapes [2 3] and [4 3]"},
		"scalar of three":  {[]*Node{vector("a", 1, 2, 3), vector("s"), node("y", "Reshape", []string{"a", "s"})}, ""},
		"squeezed three":   {[]*Node{vector("a", 1, 2, 3), node("y", "Squeeze", []string{"a"}, list("squeeze_dims", 0))}, ""},
		"no depth":         {[]*Node{inputInts("i", 2), vector("d"), single("v", 1), node("y", "OneHot", []string{"i", "d", "v", "v"})}, ""},
		"no count":         {[]*Node{x, vector("k"), node("y", "TopKV2", []string{"x", "k"})}, ""},
		"no step":          {[]*Node{single("z", 0), inputInts("k"), vector("s"), node("y", "Range", []string{"z", "k", "s"})}, ""},
		"rank":             {append([]*Node{x, node("b", "IsNan", []string{"v"}), input("v", 2)}, append(unknownRank, node("y", "Select", []string{"b", "u", "u"}))...), "how many axes"},
		"groups":           {back(vector("s", 1, 4, 4, 4)), "4 channels from 6 with a filter of shape [1 1 2 3]"},
		"over channels":    {[]*Node{input("g", 1, 4, 4, 4), vector("k", 1, 1, 1, 2), vector("s", 1, 1, 1, 1), node("y", "MaxPoolV2", []string{"g", "k", "s"})}, "examples or channels"},
		"past the end":     {[]*Node{x, vector("b", 0, 4), vector("n", -1, -1), node("y", "Slice", []string{"x", "b", "n"})}, "elements from [0 4] of [2 3]"},
		"too many":         {[]*Node{x, vector("b", 0, 1), vector("n", 2, 3), node("y", "Slice", []string{"x", "b", "n"})}, "elements from [0 1] of [2 3]"},
		"parameter":        {[]*Node{x, node("y", "Cast", []string{"x"}, Attr{Name: "DstT", Kind: attrParam})}, "DstT is a parameter"},
		"mirror of axes":   {[]*Node{x, numbers("a", tensor.From(tensor.Dims(1, 2), []int32{1, 1})), node("y", "MirrorPad", []string{"x", "a"})}, "for each axis"},
		"channels of back": {back(vector("s", 1, 4, 4, 2)), "2 channels from 6"},
	} {
		_, err := Convert(&Graph{Nodes: c.nodes}, Options{Outputs: []string{"y"}})
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error = %v, want %s", name, err, c.want)
		}
	}
	if _, err := Convert(&Graph{Nodes: []*Node{x, node("z", "NoOp", nil)}}, Options{Outputs: []string{"^z"}}); err == nil ||
		!strings.Contains(err.Error(), `"^z" is no result`) {
		t.Errorf("waiting as an output: %v", err)
	}
}

// TestLoopsByNumber: the condition of a loop must be a truth value.
func TestLoopsByNumber(t *testing.T) {
	body := &Function{Name: "body", Args: []string{"a"}, Results: []string{"r"}, Return: map[string]string{"r": "c:y:0"},
		Nodes: []*Node{node("c", "Neg", []string{"a"})}}
	cond := &Function{Name: "cond", Args: []string{"a"}, Results: []string{"r"}, Return: map[string]string{"r": "a"}}
	g := &Graph{Functions: slices.Collect(maps.Values(map[int]*Function{0: body, 1: cond})), Nodes: []*Node{
		inputInts("x"), node("y", "While", []string{"x"}, function("body", "body"), function("cond", "cond"))}}
	if _, err := Convert(g, Options{Outputs: []string{"y"}}); err == nil || !strings.Contains(err.Error(), "no truth value") {
		t.Errorf("error = %v", err)
	}
}

// TestConstantsInBothBranches: a constant that stands in either branch is in none
// itself.
func TestConstantsInBothBranches(t *testing.T) {
	p := input("p")
	p.Attrs[0].Type = boolType
	g := &Graph{Nodes: []*Node{
		numbers("c", floats(1, -2)), p, node("s", "Switch", []string{"p", "p"}), node("no", "Identity", []string{"s"}),
		node("yes", "Identity", []string{"s:1"}), node("a", "Identity", []string{"c", "^yes"}), node("b", "Identity", []string{"c", "^no"}),
		node("n", "Neg", []string{"b"}), node("y", "Merge", []string{"n", "a"}),
	}}
	for p, want := range map[bool]tensor.Tensor{true: floats(1, -2), false: floats(-1, 2)} {
		truth := tensor.New(tensor.Type{DType: tensor.Bool})
		if p {
			truth.Bytes()[0] = 1
		}
		agree(t, "y", answer(t, g, map[string]tensor.Tensor{"p": truth}), want, 0)
	}
}

// TestEmptyLists: a list that is made empty has no elements, however many it may
// have.
func TestEmptyLists(t *testing.T) {
	g := &Graph{Nodes: []*Node{input("x", 2), vector("s", 2), single("most", 7), node("l", "EmptyTensorList", []string{"s", "most"}),
		node("n", "TensorListLength", []string{"l"}), node("f", "Cast", []string{"n"}), node("y", "Add", []string{"x", "f"})}}
	agree(t, "y", answer(t, g, map[string]tensor.Tensor{"x": floats(1, 2)}), floats(1, 2), 0)
}

// TestReductionsOfNothing: none of no truth values is true, and all of them are;
// over no axes the norm of a number is its absolute value.
func TestReductionsOfNothing(t *testing.T) {
	for op, want := range map[string]byte{"Any": 0, "All": 1} {
		g := &Graph{Nodes: []*Node{inputInts("a", -1), node("e", "Equal", []string{"a", "a"}), vector("r", 0), node("y", op, []string{"e", "r"})}}
		if y := answer(t, g, map[string]tensor.Tensor{"a": tensor.New(tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(0)})}); y.Bytes()[0] != want {
			t.Errorf("%s of nothing is %d", op, y.Bytes()[0])
		}
	}
	g := &Graph{Nodes: []*Node{input("x", 2), vector("r"), node("y", "EuclideanNorm", []string{"x", "r"})}}
	agree(t, "norm", answer(t, g, map[string]tensor.Tensor{"x": floats(-3, 4)}), floats(3, 4), 0)
}
