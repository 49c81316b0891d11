package lower_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/tensor"
)

// moments is the mean and the variance of the elements of t.
func moments(t tensor.Tensor) (mean, variance float64) {
	w := tensor.Widen(t)
	if w.F == nil {
		for _, v := range w.I {
			w.F = append(w.F, float64(v))
		}
	}
	for _, v := range w.F {
		mean += v / float64(len(w.F))
	}
	for _, v := range w.F {
		variance += (v - mean) * (v - mean) / float64(len(w.F))
	}
	return mean, variance
}

// TestDrawsHaveTheirMoments: mean and variance of what is drawn are those of the
// distribution, within five standard deviations of their estimates.
func TestDrawsHaveTheirMoments(t *testing.T) {
	const n = 20000
	shape := onnx.Ints("shape", n)
	p := tensor.New(tensor.F32(n))
	for i := range p.Floats() {
		p.Floats()[i] = 0.3
	}
	classes := tensor.From(tensor.Dims(1, 3), []float32{float32(math.Log(2)), float32(math.Log(5)), float32(math.Log(3))})
	for _, c := range []struct {
		op             string
		opset          int64
		in             []any
		attrs          []onnx.Attr
		d              tensor.DType
		mean, variance float64
	}{
		{"RandomUniform", 1, nil, []onnx.Attr{shape, onnx.Float("low", -1), onnx.Float("high", 3)}, tensor.Float32, 1, 16.0 / 12},
		{"RandomUniformLike", 1, []any{p}, []onnx.Attr{onnx.Int("dtype", 11)}, tensor.Float64, 0.5, 1.0 / 12},
		{"RandomNormal", 1, nil, []onnx.Attr{shape, onnx.Float("mean", 2), onnx.Float("scale", 3)}, tensor.Float32, 2, 9},
		{"RandomNormalLike", 22, []any{p}, []onnx.Attr{onnx.Int("dtype", 10), onnx.Float("seed", 5)}, tensor.Float16, 0, 1},
		{"Bernoulli", 15, []any{p}, []onnx.Attr{onnx.Int("dtype", 9)}, tensor.Bool, 0.3, 0.21},
		{"Bernoulli", 15, []any{p}, nil, tensor.Float32, 0.3, 0.21},
		{"Multinomial", 7, []any{classes}, []onnx.Attr{onnx.Int("sample_size", n), onnx.Int("dtype", 7)}, tensor.Int64, 1.1, 0.49},
	} {
		m := oneNode(t, c.op, c.opset, c.in, c.attrs...)
		out, err := run(t, m, nil)
		if err != nil {
			t.Fatal(err)
		}
		y := out[m.Graph.Outputs[0].Name]
		if y.DType() != c.d || y.Shape().Size() != n {
			t.Errorf("%s gives %v, want %d of %v", c.op, y.Type(), n, c.d)
		}
		mean, variance := moments(y)
		if math.Abs(mean-c.mean) > 5*math.Sqrt(c.variance/n) || math.Abs(variance-c.variance) > 5*c.variance*math.Sqrt(2.0/n) {
			t.Errorf("%s has mean %.4f and variance %.4f, want %v and %v", c.op, mean, variance, c.mean, c.variance)
		}
	}
}

// TestDrawsAreReproducible: two nodes and two runs draw other numbers; two
// sessions of one seed draw the same.
func TestDrawsAreReproducible(t *testing.T) {
	b := onnx.NewBuilder("two")
	for _, name := range []string{"a", "b"} {
		b.Output(b.AddAs(name, "RandomUniform", nil, onnx.Ints("shape", 4)), 1, 4)
	}
	m, err := b.Model(17)
	if err != nil {
		t.Fatal(err)
	}
	draw := func(seed uint64) (all [][]byte) {
		s, err := lower.NewSession(m, lower.Options{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for range 2 {
			out, err := s.Run(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, out["a"].Bytes(), out["b"].Bytes())
		}
		return all
	}
	first, again, other := draw(1), draw(1), draw(2)
	for i := range first {
		if !bytes.Equal(first[i], again[i]) {
			t.Errorf("draw %d differs in a session of the same seed", i)
		}
		if bytes.Equal(first[i], other[i]) {
			t.Errorf("draw %d is the same with another seed", i)
		}
		for j := range i {
			if bytes.Equal(first[i], first[j]) {
				t.Errorf("draws %d and %d are the same", i, j)
			}
		}
	}
}

// TestDropoutInTraining: what is kept is divided by its share, the mask says what
// is kept, and the gradient passes there alone.
func TestDropoutInTraining(t *testing.T) {
	for _, opset := range []int64{7, 13} {
		const n = 10000
		b := onnx.NewBuilder("dropout")
		x := b.Input("x", 1, n)
		node := &onnx.Node{Op: "Dropout", In: []string{x}, Out: []string{"y", "mask"}}
		if opset < 12 {
			node.Attrs = []onnx.Attr{onnx.Float("ratio", 0.2)}
		} else {
			node.In = append(node.In, b.Scalar("ratio", 0.2))
		}
		b.AddNode(node, 2)
		b.Output("y", 1, n)
		m, err := b.Model(opset)
		if err != nil {
			t.Fatal(err)
		}
		l, err := lower.Lower(m, lower.Binding{
			Types: map[string]tensor.Type{"x": tensor.F32(n)}, Outputs: []string{"y", "mask"}, Train: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		key := l.Graph.Leaf(lower.KeyLabel, tensor.Type{DType: tensor.Uint32, Shape: tensor.Dims(2)})
		f, err := graph.NewFunc("f", append(l.Inputs, key), append(l.Outputs, graph.Grad(l.Outputs[0], l.Inputs...)...))
		if err != nil {
			t.Fatal(err)
		}
		in, k := tensor.NewWide(tensor.F32(n)), tensor.NewWide(key.Type())
		for i := range in.F {
			in.F[i] = float64(i + 1)
		}
		k.I[0] = 9
		checkDropout(t, in.F, graph.Eval(f, []tensor.Wide{in, k}))
	}
}

// checkDropout looks at y, the mask and the gradient for a ratio of 0.2.
func checkDropout(t *testing.T, x []float64, out []tensor.Wide) {
	t.Helper()
	kept := 0
	for i, v := range x {
		keep := out[1].F != nil && out[1].F[i] == 1 || out[1].F == nil && out[1].I[i] == 1
		factor := 0.0
		if keep {
			factor = 1.25
			kept++
		}
		if math.Abs(out[0].F[i]-v*factor) > 1e-6*v || math.Abs(out[2].F[i]-factor) > 1e-6 {
			t.Fatalf("element %d is %v with gradient %v, kept %v", i, out[0].F[i], out[2].F[i], keep)
		}
	}
	n := float64(len(x))
	if math.Abs(float64(kept)-0.8*n) > 5*math.Sqrt(0.16*n) {
		t.Errorf("%d of %v are kept, want about 80 %%", kept, n)
	}
}
