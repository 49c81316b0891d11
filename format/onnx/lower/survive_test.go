package lower_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/tensor"
)

// oddNumbers is what sizes, axes and places become.
var oddNumbers = []int64{math.MinInt64, -1 << 40, -7, -1, 0, 1, 2, 3, 9, 1 << 31, 1 << 40, 1 << 62, math.MaxInt64}

// TestRulesSurvive changes attributes, operands and shapes of the recorded cases
// at random: whatever is asked for is computed or refused.
func TestRulesSurvive(t *testing.T) {
	pool := exec.NewPool(0)
	defer pool.Close()
	rnd := rand.New(rand.NewPCG(11, 12))
	for _, file := range []string{"arrays", "sums", "signals"} {
		for _, c := range recordedCases(t, "testdata/"+file+".json.gz") {
			for range 20 {
				m, in, _ := c.load(t)
				for name, h := range in {
					if h.Kind == lower.KindTensor {
						in[name] = lower.TensorHost(disturbed(h.Tensor, rnd))
					}
					if n := h.Tensor.Shape(); h.Kind == lower.KindTensor && rnd.IntN(20) == 0 {
						in[name] = lower.StringsHost(make([]string, n.Size()), n.Dims()...)
					}
				}
				for _, p := range m.Graph.Inputs {
					p.Type = nil
				}
				disturbAttributes(m.Graph.Nodes[0], rnd)
				survives(t, pool, c.Name, m, in, rnd.IntN(2) == 0)
			}
		}
	}
}

// survives runs a model, with its inputs known if asked, and fails on a panic.
func survives(t *testing.T, pool *exec.Pool, name string, m *onnx.Model, in map[string]lower.Host, known bool) {
	t.Helper()
	defer func() {
		if x := recover(); x != nil {
			what := ""
			for name, h := range in {
				what += fmt.Sprintf(" %s %v", name, h.Tensor.Type())
			}
			t.Errorf("%s: %v\n%+v\n%s", name, x, m.Graph.Nodes[0], what)
		}
	}()
	if known {
		for name, h := range in {
			if h.Kind == lower.KindTensor {
				m.Graph.Inits = append(m.Graph.Inits, onnx.NewTensor(name, h.Tensor))
				delete(in, name)
			}
		}
	}
	s, err := lower.NewSession(m, lower.Options{Pool: pool, MaxElements: 1 << 16})
	if err == nil {
		_, _ = s.RunHosts(t.Context(), in)
	}
}

// disturbed is t with other numbers, or with another shape.
func disturbed(t tensor.Tensor, rnd *rand.Rand) tensor.Tensor {
	w := tensor.Widen(t)
	for i := range w.I {
		if rnd.IntN(3) == 0 {
			w.I[i] = oddNumbers[rnd.IntN(len(oddNumbers))]
		}
	}
	w.Wrap()
	if rnd.IntN(4) > 0 || t.Shape().Rank() == 0 {
		return w.Narrow()
	}
	s := t.Shape().With(rnd.IntN(t.Shape().Rank()), rnd.IntN(4))
	if rnd.IntN(4) == 0 { // much of nothing
		for i := range s.Rank() {
			s = s.With(i, []int{0, 1, 2, 3, 1 << 12, 1 << 24, 1 << 40}[rnd.IntN(7)])
		}
		if many, err := tensor.CheckedDims(s.Dims()...); err == nil && many.Size() == 0 {
			return tensor.New(tensor.Type{DType: t.DType(), Shape: s})
		}
		s = t.Shape()
	}
	if rnd.IntN(3) == 0 {
		s = s.Without(0)
	}
	return tensor.New(tensor.Type{DType: t.DType(), Shape: s})
}

// disturbAttributes changes or takes away attributes.
func disturbAttributes(n *onnx.Node, rnd *rand.Rand) {
	for i := range n.Attrs {
		a := &n.Attrs[i]
		switch rnd.IntN(6) {
		case 0:
			a.Int = oddNumbers[rnd.IntN(len(oddNumbers))]
			for j := range a.Ints {
				a.Ints[j] = oddNumbers[rnd.IntN(len(oddNumbers))]
			}
			a.Float = float32(oddNumbers[rnd.IntN(len(oddNumbers))])
		case 1:
			a.Ints = a.Ints[:len(a.Ints)/2]
		case 2:
			a.Name += "?"
		}
	}
}
