package inspect

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

func open(t *testing.T, name string) *onnx.Model {
	t.Helper()
	path := "../../../../shared/data/models/" + name
	if _, err := os.Stat(path); err != nil {
		t.Skip("the models are not in ../shared/data/models")
	}
	m, err := onnx.Open(path, onnx.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// TestPublishedCosts holds counts to those in the literature: MobileNetV2's
// 300,774,272 multiply-adds and 3,504,872 parameters, of which the file has folded
// 34,112 scales and means of batch normalisations into 17,056 biases; SqueezeNet
// 1.1's 1,235,496 parameters.
func TestPublishedCosts(t *testing.T) {
	m := open(t, "imagenet-mobilenetv2/mobilenet_v2_dequant_f32.onnx")
	s, x, err := Of(m, nil, nil)
	if err != nil || x == nil {
		t.Fatal(err, s.Dynamic)
	}
	if s.MACs != 300_774_272 {
		t.Errorf("MobileNetV2 takes %d multiply-adds, want 300,774,272", s.MACs)
	}
	layers := int64(0)
	for _, l := range s.Layers {
		if l.Op == "Conv" || l.Op == "Gemm" {
			layers += l.Parameters
		}
	}
	if want := int64(3_504_872 - 17_056); layers != want {
		t.Errorf("MobileNetV2's layers have %d parameters, want %d", layers, want)
	}
	s, _, err = Of(open(t, "imagenet-squeezenet1.1/squeezenet1.1_f32.onnx"), nil, nil)
	if err != nil || s.Parameters != 1_235_496 {
		t.Errorf("SqueezeNet has %d parameters, want 1,235,496 (%v)", s.Parameters, err)
	}
}

// TestDynamicModelsAreSummed: what is known of a model is told, and why the rest is
// not; with the content that decides, it is known.
func TestDynamicModelsAreSummed(t *testing.T) {
	m := open(t, "silero-vad/silero_vad.onnx")
	s, x, err := Of(m, Sizes{}, nil)
	if err != nil || x != nil || s.Dynamic == "" || s.Parameters == 0 {
		t.Errorf("without sizes: %v, %q, %d parameters", err, s.Dynamic, s.Parameters)
	}
}

// chain is a model of n layers with a skip over every third.
func chain(t *testing.T, n int) *onnx.Model {
	t.Helper()
	b := onnx.NewBuilder("chain")
	x := b.Input("x", 1, 1, 4)
	before := x
	for i := range n {
		x = b.AddAs(fmt.Sprint("m", i), "MatMul", []string{x, b.Init("w", tensor.New(tensor.F32(4, 4)))})
		x = b.Add("Relu", []string{x})
		if i%3 == 2 {
			x = b.Add("Add", []string{x, before})
			before = x
		}
	}
	b.AddAs("y", "Identity", []string{x})
	b.Output("y", 1, 1, 4)
	m, err := b.Model(17)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestDrawingsStayReadable(t *testing.T) {
	for _, n := range []int{3, 30, 1000} {
		m := chain(t, n)
		_, x, err := Of(m, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		f := Sketch(m, x)
		if len(f.Boxes) > MaxBoxes+2 {
			t.Errorf("%d layers: %d boxes", n, len(f.Boxes))
		}
		for _, a := range f.Arrows {
			if a[0] >= a[1] {
				t.Errorf("%d layers: arrow %v leads back", n, a)
			}
		}
		text := ""
		for _, b := range f.Boxes {
			text += strings.Join(b.Lines, "\n") + "\n"
		}
		if n == 3 && (strings.Count(text, "MatMul 4×4\nRelu") != 3 || !strings.Contains(text, "Add\n1×4")) {
			t.Errorf("3 layers are drawn as\n%s", text)
		}
		reached := map[int]bool{0: true}
		for _, a := range f.Arrows {
			if reached[a[0]] {
				reached[a[1]] = true
			}
		}
		if len(reached) != len(f.Boxes) {
			t.Errorf("%d layers: %d of %d boxes hang on the input", n, len(reached), len(f.Boxes))
		}
	}
}

// TestDrawingsTakeLittleTime draws 60,000 layers: with a look at all nodes for each
// that took minutes.
func TestDrawingsTakeLittleTime(t *testing.T) {
	if f := Sketch(chain(t, 60_000), nil); len(f.Boxes) > MaxBoxes+2 || len(f.Arrows) < len(f.Boxes)-1 {
		t.Errorf("%d boxes, %d arrows", len(f.Boxes), len(f.Arrows))
	}
}

// TestDrawingsShowWhatBodiesUse: a value that only the body of a body uses leads to
// the node that has them, and is drawn apart from what else uses it; a body's own
// value of a later one's name leads nowhere.
func TestDrawingsShowWhatBodiesUse(t *testing.T) {
	b := onnx.NewBuilder("deep")
	x := b.Input("x", 1, 2)
	w := b.AddAs("used", "Exp", []string{x})
	c := b.AddAs("c", "IsNaN", []string{x})
	outer, inner := b.Body("then"), b.Body("then")
	inner.OutputAny(inner.AddAs("y", "Neg", []string{w}), 1)
	deep, err := inner.Graph()
	if err != nil {
		t.Fatal(err)
	}
	outer.OutputAny(outer.AddAs("o", "If", []string{c}, onnx.GraphAttr("then_branch", deep)), 1)
	g, err := outer.Graph()
	if err != nil {
		t.Fatal(err)
	}
	v := b.AddAs("v", "If", []string{c}, onnx.GraphAttr("then_branch", g))
	b.AddAs("y", "Add", []string{v, w})
	b.Output("y", 1, 2)
	m, err := b.Model(18)
	if err != nil {
		t.Fatal(err)
	}
	f := Sketch(m, nil)
	at := map[string]int{}
	for i, box := range f.Boxes {
		at[box.Lines[0]] = i
	}
	arrows := map[[2]int]bool{}
	for _, a := range f.Arrows {
		arrows[a] = true
	}
	if !arrows[[2]int{at["Exp"], at["If"]}] || !arrows[[2]int{at["Exp"], at["Add"]}] || arrows[[2]int{at["Add"], at["If"]}] {
		t.Errorf("boxes %v, arrows %v", f.Boxes, f.Arrows)
	}
}
