package lower_test

import (
	"math"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
)

const training = "ai.onnx.preview.training"

// gradientOf adds a node that differentiates y by xs, fed with in.
func gradientOf(b *onnx.Builder, y string, in []string, attrs ...onnx.Attr) []string {
	n := 0
	for _, a := range attrs {
		if a.Name == "xs" {
			n = len(a.Strs)
		}
	}
	node := &onnx.Node{Op: "Gradient", Domain: training, In: in, Attrs: append(attrs, onnx.String("y", y))}
	return b.AddNode(node, n)
}

func trained(t *testing.T, b *onnx.Builder, outputs ...string) *onnx.Model {
	t.Helper()
	m := built(t, b, outputs...)
	m.Opsets = append(m.Opsets, onnx.Opset{Domain: training, Version: 1})
	return m
}

// TestGradientOperator holds gradients to those worked out by hand: by a value in
// the middle, at another place than the model's own, by two names of one value,
// beside values that are held, and of a gradient.
func TestGradientOperator(t *testing.T) {
	b := onnx.NewBuilder("gradient")
	w, x := b.Input("w", onnx.Elem(1)), b.Input("x", onnx.Elem(1))
	h := b.AddAs("h", "Mul", []string{w, x})                         // wx
	y := b.AddAs("y", "Mul", []string{h, b.Add("Exp", []string{h})}) // h·eʰ
	b.AddAs("z", "Mul", []string{y, w})                              // w²x·e^(wx)
	p, q := b.AddAs("p", "Identity", []string{x}), b.AddAs("q", "Identity", []string{x})
	b.AddAs("pq", "Mul", []string{b.Add("Mul", []string{p, p}), q}) // p²q

	whole := gradientOf(b, "z", []string{"w", "x"}, onnx.Strings("xs", "w", "x"))
	middle := gradientOf(b, "y", []string{"h"}, onnx.Strings("xs", "h"))
	elsewhere := gradientOf(b, "y", []string{"x"}, onnx.Strings("xs", "h"))
	held := gradientOf(b, "z", []string{"w", "y"}, onnx.Strings("xs", "w"), onnx.Strings("zs", "y"))
	two := gradientOf(b, "pq", []string{"x", "x"}, onnx.Strings("xs", "p", "q"))
	second := gradientOf(b, middle[0], []string{"h"}, onnx.Strings("xs", "h"))

	const wv, xv = 0.5, 1.5
	hv := wv * xv
	e := math.Exp(hv)
	want := map[string]float64{
		whole[0]: (2*hv + hv*hv) * e, whole[1]: wv * wv * (1 + hv) * e,
		middle[0]: (1 + hv) * e, elsewhere[0]: (1 + xv) * math.Exp(xv), held[0]: hv * e,
		two[0]: 2 * xv * xv, two[1]: xv * xv, second[0]: (2 + hv) * e,
	}
	var names []string
	for name := range want {
		names = append(names, name)
	}
	out, err := runHosts(t, trained(t, b, names...), map[string]lower.Host{"w": floats(wv), "x": floats(xv)})
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range want {
		if got := float64(out[name].Tensor.Floats()[0]); math.Abs(got-v) > 1e-5*v {
			t.Errorf("%s is %v, want %v", name, got, v)
		}
	}
}

// TestGradientOperatorRefused: names that do not fit, and gradients of themselves.
func TestGradientOperatorRefused(t *testing.T) {
	for _, c := range []struct {
		want string
		add  func(b *onnx.Builder) []string
	}{
		{"1 operands for 2 names", func(b *onnx.Builder) []string {
			return gradientOf(b, "y", []string{"x"}, onnx.Strings("xs", "x"), onnx.Strings("zs", "w"))
		}},
		{"nothing computes", func(b *onnx.Builder) []string { return gradientOf(b, "q", []string{"x"}, onnx.Strings("xs", "x")) }},
		{"no gradient", func(b *onnx.Builder) []string { return gradientOf(b, "big", []string{"x"}, onnx.Strings("xs", "x")) }},
		{"deep", func(b *onnx.Builder) []string { return gradientOf(b, "self", []string{"x"}, onnx.Strings("xs", "x")) }},
	} {
		b := onnx.NewBuilder("refused")
		x := b.Input("x", onnx.Elem(1))
		b.AddAs("y", "Exp", []string{x})
		b.AddAs("big", "Greater", []string{x, "y"})
		m := trained(t, b, c.add(b)...)
		if last := m.Graph.Nodes[len(m.Graph.Nodes)-1]; c.want == "deep" {
			last.Out[0], m.Graph.Outputs[0].Name = "self", "self"
		}
		_, err := runHosts(t, m, map[string]lower.Host{"x": floats(1)})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}
