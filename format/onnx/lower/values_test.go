package lower_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// TestValuesRefused: elementwise operators of operands and attributes that do not
// fit.
func TestValuesRefused(t *testing.T) {
	x, row := tensor.F32(2, 3), tensor.F32(3)
	whole := ints64(2, 3)
	tall, wide := tensor.F32(1<<13, 1), tensor.F32(1<<13)
	two := func(op string, opset int64, a, b tensor.Type, want string, attrs ...onnx.Attr) refusal {
		return refusal{op, opset, []tensor.Type{a, b}, attrs, want}
	}
	one := func(op string, opset int64, want string, attrs ...onnx.Attr) refusal {
		return refusal{op, opset, []tensor.Type{x}, attrs, want}
	}
	refuse(t, []refusal{
		two("Add", 13, x, tensor.F32(2), "broadcast"),
		two("Add", 13, x, whole, "float32 and int64"),
		two("Add", 13, tall, wide, "more than"),
		two("Add", 6, x, row, "without the attribute broadcast"),
		two("Add", 6, x, tensor.F32(2), "broadcast", onnx.Int("broadcast", 1)),
		two("Add", 6, x, tensor.F32(2), "axis 2", onnx.Int("broadcast", 1), onnx.Int("axis", 2)),
		two("Add", 6, row, x, "does not stretch", onnx.Int("broadcast", 1)),
		two("And", 7, x, x, "bool"),
		two("BitShift", 11, whole, whole, "direction"),
		two("Mod", 13, x, tensor.F32(4), "broadcast"),
		two("PRelu", 9, row, x, "do not stretch"),
		{"Add", 13, []tensor.Type{x}, nil, "takes 2 operands"},
		{"Max", 6, []tensor.Type{x, row}, nil, "operands of shapes"},
		{"Where", 16, []tensor.Type{x, x, x}, nil, "bool"},
		{"Clip", 13, []tensor.Type{x, row}, nil, "want one number"},
		one("Gelu", 20, "approximate", onnx.String("approximate", "erf")),
		one("Celu", 12, "alpha", onnx.Float("alpha", 0)),
		one("ScaledTanh", 1, "alpha"),
		one("Crop", 1, "want 4 and 2", onnx.Ints("border", 1, 1, 1, 1)),
		one("ImageScaler", 1, "[N C H W]", onnx.Floats("bias", 1, 2, 3)),
		one("Hardmax", 13, "axis 2", onnx.Int("axis", 2)),
		one("Cast", 13, "complex64", onnx.Int("to", 14)),
		one("Cast", 13, "element type 99", onnx.Int("to", 99)),
		one("Cast", 1, "have no arithmetic", onnx.String("to", "FLOAT8")),
		one("Cast", 25, "round_mode", onnx.Int("to", 24), onnx.String("round_mode", "away")),
		one("BitCast", 26, "of 64", onnx.Int("to", 11)),
		one("RegexFullMatch", 20, "no tensor of texts", onnx.String("pattern", "a")),
		one("RegexFullMatch", 20, "missing closing", onnx.String("pattern", "(")),
		one("RegexFullMatch", 20, "unexpected )", onnx.String("pattern", "a)(b")),
		one("StringNormalizer", 10, "case_change_action", onnx.String("case_change_action", "Title")),
		one("TfIdfVectorizer", 9, "mode", onnx.String("mode", "tf")),
		one("TfIdfVectorizer", 9, "whole numbers", onnx.String("mode", "TF")),
		one("TfIdfVectorizer", 9, "3-grams", onnx.String("mode", "TF"), onnx.Ints("ngram_counts", 0, 0, 0), onnx.Ints("pool_int64s", 1, 2)),
		one("TfIdfVectorizer", 9, "place 1099511627776", onnx.String("mode", "TF"), onnx.Ints("ngram_counts", 0), onnx.Ints("pool_int64s", 1), onnx.Ints("ngram_indexes", 1<<40)),
	})
}

// learnedModel is a model of one operator of classical learning.
func learnedModel(t *testing.T, op string, results int, attrs ...onnx.Attr) *onnx.Model {
	t.Helper()
	b := onnx.NewBuilder(op)
	x := b.Input("x", onnx.Elem(1))
	out := b.AddNode(&onnx.Node{Op: op, Domain: "ai.onnx.ml", In: []string{x}, Attrs: attrs}, results)
	m := built(t, b, out...)
	m.Opsets = append(m.Opsets, onnx.Opset{Domain: "ai.onnx.ml", Version: 5})
	return m
}

// treeAttrs is a tree whose root asks about a feature and leads to yes and no.
func treeAttrs(feature, yes, no int64) []onnx.Attr {
	return []onnx.Attr{
		onnx.Strings("nodes_modes", "BRANCH_LEQ", "LEAF", "BRANCH_LT"), onnx.Ints("nodes_treeids", 0, 0, 0), onnx.Ints("nodes_nodeids", 0, 1, 2),
		onnx.Ints("nodes_featureids", feature, 0, 0), onnx.Floats("nodes_values", 0, 0, 1),
		onnx.Ints("nodes_truenodeids", yes, 0, 1), onnx.Ints("nodes_falsenodeids", no, 0, 0),
		onnx.Ints("target_treeids", 0), onnx.Ints("target_nodeids", 1), onnx.Ints("target_ids", 0), onnx.Floats("target_weights", 1),
	}
}

// TestLearnedRefused: trees that do not end, and numbers that do not fit.
func TestLearnedRefused(t *testing.T) {
	for _, c := range []struct {
		op, want string
		attrs    []onnx.Attr
	}{
		{"TreeEnsembleRegressor", "no node where it begins", treeAttrs(0, 1, 2)}, // node 2 leads back to the root
		{"TreeEnsembleRegressor", "no nodes 1 and 7", treeAttrs(0, 1, 7)},
		{"TreeEnsembleRegressor", "feature 9", treeAttrs(9, 1, 1)},
		{"TreeEnsembleRegressor", "more than", append(treeAttrs(0, 1, 1), onnx.Int("n_targets", 1<<40))},
		{"TreeEnsembleRegressor", "aggregate_function", append(treeAttrs(0, 1, 1), onnx.String("aggregate_function", "MEDIAN"))},
		{"TreeEnsembleClassifier", "for classes", treeAttrs(0, 1, 1)},
		{"LinearRegressor", "coefficients", []onnx.Attr{onnx.Floats("coefficients", 1, 2)}},
		{"LinearRegressor", "post_transform", []onnx.Attr{onnx.Floats("coefficients", 1, 2, 3), onnx.String("post_transform", "RELU")}},
		{"SVMRegressor", "kernel_params", []onnx.Attr{onnx.Floats("coefficients", 1), onnx.Int("n_supports", 1), onnx.Floats("support_vectors", 1, 2, 3), onnx.String("kernel_type", "RBF")}},
		{"SVMRegressor", "post_transform", []onnx.Attr{onnx.Floats("coefficients", 1, 2, 3), onnx.Floats("rho", 0), onnx.String("post_transform", "RELU")}},
		{"SVMClassifier", "coefficients", []onnx.Attr{onnx.Ints("classlabels_ints", 1, 2), onnx.Ints("vectors_per_class", 1<<62, 1<<62)}},
		{"Normalizer", "norm", []onnx.Attr{onnx.String("norm", "L3")}},
		{"Scaler", "2 numbers for 3 features", []onnx.Attr{onnx.Floats("offset", 1, 2)}},
		{"LabelEncoder", "keys", nil},
		{"LabelEncoder", "1 keys for 2 values", []onnx.Attr{onnx.Floats("keys_floats", 1), onnx.Ints("values_int64s", 1, 2)}},
		{"ZipMap", "for 2 classes", []onnx.Attr{onnx.Ints("classlabels_int64s", 1, 2)}},
	} {
		_, err := runHosts(t, learnedModel(t, c.op, 1, c.attrs...), map[string]lower.Host{"x": lower.TensorHost(tensor.New(tensor.F32(2, 3)))})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.op) {
			t.Errorf("%s: error %v, want one with %q", c.op, err, c.want)
		}
	}
}

// TestTreesThatAreNoTrees: paths through the nodes of a TreeEnsemble that come back
// or lead nowhere are refused.
func TestTreesThatAreNoTrees(t *testing.T) {
	for yes, want := range map[int64]string{0: "comes to node 0 twice", 1: "comes to node 0 twice", 5: "leads to node 5"} {
		_, err := runHosts(t, learnedModel(t, "TreeEnsemble", 1, onnx.Ints("tree_roots", 0), onnx.Int("n_targets", 1),
			onnx.TensorAttr("nodes_modes", tensor.From(tensor.Dims(2), []uint8{0, 0})), onnx.TensorAttr("nodes_splits", tensor.New(tensor.F32(2))),
			onnx.Ints("nodes_featureids", 0, 0), onnx.Ints("nodes_truenodeids", yes, 0), onnx.Ints("nodes_falsenodeids", 0, 0),
			onnx.Ints("nodes_trueleafs", 0, 0), onnx.Ints("nodes_falseleafs", 1, 1), onnx.Ints("leaf_targetids", 0),
			onnx.TensorAttr("leaf_weights", tensor.New(tensor.F32(1)))), map[string]lower.Host{"x": lower.TensorHost(tensor.New(tensor.F32(2, 3)))})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("true branch to %d: error %v, want one with %q", yes, err, want)
		}
	}
}

// TestQuestionsThatAreNone: nodes of a TreeEnsemble whose questions have no number.
func TestQuestionsThatAreNone(t *testing.T) {
	number := func(name string, v float64) onnx.Attr {
		return onnx.TensorAttr(name, tensor.From(tensor.Dims(1), []float32{float32(v)}))
	}
	for _, mode := range []float64{math.NaN(), math.Inf(1), -1, 7} {
		_, err := runHosts(t, learnedModel(t, "TreeEnsemble", 1, onnx.Ints("tree_roots", 0), number("nodes_modes", mode), number("nodes_splits", 0),
			onnx.Ints("nodes_featureids", 0), onnx.Ints("nodes_truenodeids", 0), onnx.Ints("nodes_falsenodeids", 0), onnx.Ints("nodes_trueleafs", 1),
			onnx.Ints("nodes_falseleafs", 1), onnx.Ints("leaf_targetids", 0), number("leaf_weights", 1)),
			map[string]lower.Host{"x": lower.TensorHost(tensor.New(tensor.F32(2, 3)))})
		if err == nil || !strings.Contains(err.Error(), "of mode") {
			t.Errorf("mode %v: %v", mode, err)
		}
	}
}

// TestManyClassesNeedLittle: no value in the graph of a support vector machine for 300
// classes is larger than its scores of pairs, of which the file has as many offsets.
func TestManyClassesNeedLittle(t *testing.T) {
	const classes, pairs = 300, 300 * 299 / 2
	labels, counts := make([]int64, classes), make([]int64, classes)
	counts[0] = 1
	m := learnedModel(t, "SVMClassifier", 2, onnx.Ints("classlabels_ints", labels...), onnx.Ints("vectors_per_class", counts...),
		onnx.Floats("coefficients", make([]float32, classes-1)...), onnx.Floats("support_vectors", 1, 2, 3), onnx.Floats("rho", make([]float32, pairs)...))
	x, err := lower.Lower(m, lower.Binding{Types: map[string]tensor.Type{"x": tensor.F32(1, 3)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range graph.Reachable(x.Outputs) {
		for _, y := range n.OutTypes() {
			if y.Shape.Size() > pairs {
				t.Errorf("%s is %v", n.Op().Name(), y)
			}
		}
	}
}

// TestScoresWithoutTheTexts: a classifier whose labels are texts is one graph of
// static shapes as long as nobody asks for the labels.
func TestScoresWithoutTheTexts(t *testing.T) {
	m := learnedModel(t, "LinearClassifier", 2, onnx.Floats("coefficients", 1, 0, 0, 0, 1, 0), onnx.Strings("classlabels_strings", "a", "b"))
	b := lower.Binding{Types: map[string]tensor.Type{"x": tensor.F32(2, 3)}, Outputs: []string{m.Graph.Outputs[1].Name}}
	x, err := lower.Lower(m, b)
	if err != nil {
		t.Fatal(err)
	}
	if got := x.Outputs[0].Type(); got != tensor.F32(2, 2) {
		t.Errorf("scores are %v", got)
	}
	if b.Outputs = nil; true {
		if _, err := lower.Lower(m, b); err == nil || !strings.Contains(err.Error(), "not texts") {
			t.Errorf("texts as a node: %v", err)
		}
	}
	out, err := runHosts(t, m, map[string]lower.Host{"x": lower.TensorHost(tensor.From(tensor.Dims(2, 3), []float32{2, 1, 0, 1, 2, 0}))})
	if err != nil {
		t.Fatal(err)
	}
	if y := out[m.Graph.Outputs[0].Name]; !slices.Equal(y.Strings, []string{"a", "b"}) {
		t.Errorf("labels %q", y.Strings)
	}
}

// TestActivationsAreOneNode: what the model has as one node is one for who reads the
// graph, under its name.
func TestActivationsAreOneNode(t *testing.T) {
	for _, c := range []struct {
		op    string
		opset int64
		name  string
		attrs []onnx.Attr
	}{
		{"Relu", 14, "relu", nil}, {"Sigmoid", 13, "logistic", nil}, {"Softsign", 22, "softsign", nil}, {"Elu", 6, "elu", nil},
		{"Celu", 12, "celu", nil}, {"Selu", 6, "selu", nil}, {"Selu", 6, "selu", []onnx.Attr{onnx.Float("alpha", 2)}},
		{"HardSigmoid", 6, "hard-sigmoid", nil}, {"HardSigmoid", 6, "hard-sigmoid", []onnx.Attr{onnx.Float("alpha", 1.0/6)}},
		{"ThresholdedRelu", 10, "thresholded-relu", nil}, {"Gelu", 20, "gelu", nil}, {"Swish", 24, "silu", nil},
		{"Swish", 24, "swish", []onnx.Attr{onnx.Float("alpha", 2)}}, {"Shrink", 9, "shrink", nil}, {"Mish", 18, "mish", nil},
		{"Clip", 6, "relu6", []onnx.Attr{onnx.Float("min", 0), onnx.Float("max", 6)}}, {"Clip", 6, "clamp", nil},
		{"ScaledTanh", 1, "scaled-tanh", []onnx.Attr{onnx.Float("alpha", 2), onnx.Float("beta", 2)}},
	} {
		m := oneNode(t, c.op, c.opset, []any{tensor.F32(2, 3)}, c.attrs...)
		x, err := lower.Lower(m, lower.Binding{Types: map[string]tensor.Type{"a": tensor.F32(2, 3)}})
		if err != nil {
			t.Fatal(err)
		}
		if y := x.Outputs[0]; y.Op().Name() != c.name || len(y.In()) != 1 || !isLeaf(y.In()[0]) {
			t.Errorf("%s is %s of %v", c.op, y.Op().Name(), y.In())
		}
	}
}

func isLeaf(n *graph.Node) bool {
	_, ok := n.Op().(graph.Leaf)
	return ok
}

// TestTypesOfTheModelMayBeWider: with floats in float64 bits of a float32 are seen
// as those of a float32 all the same.
func TestTypesOfTheModelMayBeWider(t *testing.T) {
	m := oneNode(t, "BitCast", 26, []any{tensor.F32(1)}, onnx.Int("to", 6))
	x, err := lower.Lower(m, lower.Binding{Types: map[string]tensor.Type{"a": tensor.F32(1)}, Floats: tensor.Float64})
	if err != nil {
		t.Fatal(err)
	}
	f, err := graph.NewFunc("bits", x.Inputs, x.Outputs)
	if err != nil {
		t.Fatal(err)
	}
	in := tensor.Wide{Type: x.Inputs[0].Type(), F: []float64{1}}
	if got := graph.Eval(f, []tensor.Wide{in})[0].I[0]; got != 0x3f800000 {
		t.Errorf("the bits of 1 are %#x", got)
	}
}

// TestForestsOnAnyThreads: trees give the same bits on one thread and on four.
func TestForestsOnAnyThreads(t *testing.T) {
	m := learnedModel(t, "TreeEnsembleRegressor", 1,
		onnx.Strings("nodes_modes", "BRANCH_LEQ", "LEAF", "LEAF"), onnx.Ints("nodes_treeids", 0, 0, 0), onnx.Ints("nodes_nodeids", 0, 1, 2),
		onnx.Ints("nodes_featureids", 1, 0, 0), onnx.Floats("nodes_values", 0, 0, 0), onnx.Ints("nodes_truenodeids", 1, 0, 0),
		onnx.Ints("nodes_falsenodeids", 2, 0, 0), onnx.Ints("target_treeids", 0, 0), onnx.Ints("target_nodeids", 1, 2),
		onnx.Ints("target_ids", 0, 0), onnx.Floats("target_weights", 1, 2))
	x := tensor.New(tensor.F32(100, 3))
	for i := range x.Floats() {
		x.Floats()[i] = float32(i%7) - 3
	}
	for _, threads := range []int{1, 4} {
		pool := exec.NewPool(threads)
		s, err := lower.NewSession(m, lower.Options{Pool: pool})
		if err != nil {
			t.Fatal(err)
		}
		out, err := s.Run(t.Context(), map[string]tensor.Tensor{"x": x})
		pool.Close()
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range out[m.Graph.Outputs[0].Name].Floats() {
			want := float32(1)
			if x.Floats()[3*i+1] > 0 {
				want = 2
			}
			if v != want {
				t.Fatalf("%d threads: row %d has %v votes, want %v", threads, i, v, want)
			}
		}
	}
}
