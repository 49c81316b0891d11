package lower_test

import (
	"flag"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
)

var rounds = flag.Int("rounds", 3, "how often each recorded case is changed at random")

// TestValuesSurvive changes attributes, operands and shapes of the recorded cases
// of elementwise operators, texts and classical learning at random: whatever is
// asked for is computed or refused.
func TestValuesSurvive(t *testing.T) {
	pool := exec.NewPool(0)
	defer pool.Close()
	rnd := rand.New(rand.NewPCG(21, 22))
	for _, file := range []string{"elementwise", "texts", "learned"} {
		for _, c := range recordedCases(t, "testdata/"+file+".json.gz") {
			for range *rounds {
				m, in, _ := c.load(t)
				for name, h := range in {
					if in[name] = disturbedTexts(h, rnd); h.Kind == lower.KindTensor {
						in[name] = lower.TensorHost(disturbed(h.Tensor, rnd))
					}
				}
				for _, p := range m.Graph.Inputs {
					p.Type = nil
				}
				n := m.Graph.Nodes[0]
				disturbAttributes(n, rnd)
				disturbLists(n, rnd)
				survives(t, pool, c.Name, m, in, rnd.IntN(2) == 0)
			}
		}
	}
}

// disturbedTexts is h in another shape, or with other texts.
func disturbedTexts(h lower.Host, rnd *rand.Rand) lower.Host {
	if h.Kind != lower.KindStrings {
		return h
	}
	switch rnd.IntN(5) {
	case 0:
		return lower.StringsHost(nil, 0, 1<<40)
	case 1:
		return lower.StringsHost(h.Strings, len(h.Strings), 1, 1, 1, 1, 1, 1, 1, 1)
	case 2:
		return lower.StringsHost([]string{"\xff", strings.Repeat("a", 99)}, 2, 1)
	}
	return h
}

// disturbLists changes lists of texts and of floats.
func disturbLists(n *onnx.Node, rnd *rand.Rand) {
	for i := range n.Attrs {
		a := &n.Attrs[i]
		if rnd.IntN(8) > 0 {
			continue
		}
		switch k := rnd.IntN(3); {
		case k == 0:
			a.Strs, a.Floats = a.Strs[:len(a.Strs)/2], a.Floats[:len(a.Floats)/2]
		case k == 1 && len(a.Strs) > 0:
			a.Strs[rnd.IntN(len(a.Strs))] = []byte("(")
		case k == 1 && len(a.Floats) > 0:
			a.Floats[rnd.IntN(len(a.Floats))] = []float32{float32(math.NaN()), float32(math.Inf(1)), -1e38}[rnd.IntN(3)]
		case k == 1 && len(a.Ints) > 0:
			a.Ints[rnd.IntN(len(a.Ints))] = oddNumbers[rnd.IntN(len(oddNumbers))]
		case k == 2:
			a.Str = []byte("LOGISTIC")
		}
	}
}
