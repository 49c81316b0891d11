package lower_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/tensor"
)

// TestMutated runs recorded nodes with operands of other shapes, operands left out
// and attributes of other values: whatever they say is an error or a result, never a
// panic, and takes no long time.
func TestMutated(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(0)
	defer pool.Close()
	rnd := rand.New(rand.NewPCG(3, 1))
	ran, refused := 0, 0
	for _, file := range files {
		for _, c := range recordedCases(t, file) {
			for k := range 4 {
				m, in, _ := c.load(t)
				what := mutate(rnd, m, in)
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				err := runMutated(ctx, m, in, pool)
				if ctx.Err() != nil {
					t.Errorf("%s, change %d: %s takes more than 10 s", c.Name, k, what)
				}
				cancel()
				if ran++; err != nil {
					refused++
				}
			}
		}
	}
	t.Logf("%d runs, %d refused", ran, refused)
	if refused < ran/10 || refused > ran*9/10 {
		t.Errorf("%d of %d runs are refused: the changes are too small or too large", refused, ran)
	}
}

func runMutated(ctx context.Context, m *onnx.Model, in map[string]lower.Host, pool *exec.Pool) error {
	s, err := lower.NewSession(m, lower.Options{Pool: pool, MaxElements: 1 << 16})
	if err != nil {
		return err
	}
	_, err = s.RunHosts(ctx, in)
	return err
}

// mutate changes one or two things of a model of one node and of its inputs.
func mutate(rnd *rand.Rand, m *onnx.Model, in map[string]lower.Host) (what string) {
	for _, p := range m.Graph.Inputs {
		p.Type = nil
	}
	node := m.Graph.Nodes[0]
	for range 1 + rnd.IntN(2) {
		switch k := rnd.IntN(3); {
		case k == 0 && len(node.Attrs) > 0:
			a := &node.Attrs[rnd.IntN(len(node.Attrs))]
			mutateAttr(rnd, a)
			what += fmt.Sprintf("%s %q = %v %v %v %q; ", node.Op, a.Name, a.Int, a.Ints, a.Float, a.Str)
		case k == 1 && len(node.In) > 1:
			i := rnd.IntN(len(node.In))
			node.In[i] = ""
			what += fmt.Sprintf("%s without operand %d; ", node.Op, i)
		default:
			for _, p := range m.Graph.Inputs { // the first of them, or the second …
				if h := in[p.Name]; h.Kind == lower.KindTensor && rnd.IntN(2) == 0 {
					in[p.Name] = lower.TensorHost(otherShape(rnd, h.Tensor))
					what += fmt.Sprintf("%s with %s %v; ", node.Op, p.Name, in[p.Name].Tensor.Type())
					break
				}
			}
		}
	}
	if rnd.IntN(4) == 0 { // what is known is computed while the graph is built
		for name, h := range in {
			if h.Kind == lower.KindTensor {
				m.Graph.Inits = append(m.Graph.Inits, onnx.NewTensor(name, h.Tensor))
				delete(in, name)
			}
		}
	}
	return what
}

// odd is numbers that attributes should not have, and some that they may.
var odd = []int64{-1 << 62, -1 << 31, -3, -2, -1, 0, 1, 2, 3, 5, 1000, 1 << 31, 1 << 40, 1<<63 - 1}

func mutateAttr(rnd *rand.Rand, a *onnx.Attr) {
	pick := func() int64 { return odd[rnd.IntN(len(odd))] }
	switch a.Kind {
	case onnx.AttrInt:
		a.Int = pick()
	case onnx.AttrInts:
		a.Ints = append([]int64{}, a.Ints...)
		if len(a.Ints) == 0 || rnd.IntN(4) == 0 {
			a.Ints = append(a.Ints, pick())
		} else {
			a.Ints[rnd.IntN(len(a.Ints))] = pick()
		}
	case onnx.AttrFloat:
		a.Float = float32(pick())
	case onnx.AttrString:
		a.Str = []byte("odd")
	}
}

// otherShape is a tensor of t's type with one axis of another size, or with an axis
// more or less, of zeros and of elements of t.
func otherShape(rnd *rand.Rand, t tensor.Tensor) tensor.Tensor {
	dims := t.Shape().Dims()
	switch k := rnd.IntN(4); {
	case k == 0 || len(dims) == 0:
		dims = append(dims, rnd.IntN(3))
	case k == 1:
		dims = dims[1:]
	default:
		dims[rnd.IntN(len(dims))] = rnd.IntN(4)
	}
	if len(dims) > tensor.MaxRank {
		dims = dims[1:]
	}
	y := tensor.New(tensor.Type{DType: t.DType(), Shape: tensor.Dims(dims...)})
	copy(y.Bytes(), t.Bytes())
	return y
}
