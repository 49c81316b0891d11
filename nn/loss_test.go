package nn_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/ihae/ihae/check"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/tensor"
)

// TestLossKit is the test that every loss gets for free.
func TestLossKit(t *testing.T) { check.Each(t, nn.Losses(), nn.LookupLoss, check.Loss) }

// goldenLoss is one case of testdata/losses.json, which testdata/losses.py wrote.
type goldenLoss struct {
	Loss     string
	Settings []float64
	Value    float64
	Args     []struct {
		Dims          []int
		Values        []float64
		Whole, Target bool
	}
	Grads [][]float64
}

// build is the loss of a case; its settings are in s.
func (c goldenLoss) build(a []*graph.Node) *graph.Node {
	s := append(append([]float64{}, c.Settings...), 0)
	switch c.Loss {
	case "cross-entropy":
		return nn.CrossEntropy(a[0], a[1], s[0])
	case "mse":
		return nn.MSE(a[0], a[1])
	case "l1":
		return nn.L1(a[0], a[1])
	case "huber":
		return nn.Huber(a[0], a[1], s[0])
	case "smooth-l1":
		return nn.SmoothL1(a[0], a[1], s[0])
	case "bce":
		return nn.BCE(a[0], a[1])
	case "bce-with-logits":
		return nn.BCEWithLogits(a[0], a[1], c.Settings)
	case "nll":
		return nn.NLL(a[0], a[1])
	case "kl":
		return nn.KL(a[0], a[1])
	case "focal":
		return nn.Focal(a[0], a[1], s[0])
	case "hinge":
		return nn.Hinge(a[0], a[1])
	case "multi-margin":
		return nn.MultiMargin(a[0], a[1], s[0])
	case "cosine-embedding":
		return nn.CosineEmbedding(a[0], a[1], a[2], s[0])
	case "triplet":
		return nn.Triplet(a[0], a[1], a[2], s[0])
	case "triplet-batch-hard":
		return nn.TripletBatchHard(a[0], a[1], s[0])
	case "ctc":
		return ops.Mean(nn.CTC(ops.LogSoftmax(a[0], -1), a[1], a[2], a[3], 0), 0)
	case "info-nce":
		return nn.InfoNCE(a[0], a[1], s[0])
	case "nt-xent":
		return nn.NTXent(a[0], a[1], s[0])
	}
	return a[0]
}

// TestPyTorchLosses compares values and gradients with PyTorch's in float64, and
// asks for a case of every loss.
func TestPyTorchLosses(t *testing.T) {
	text, err := os.ReadFile("testdata/losses.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct{ Cases []goldenLoss }
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i, c := range golden.Cases {
		seen[c.Loss] = true
		t.Run(fmt.Sprint(i, " ", c.Loss, c.Settings), func(t *testing.T) { c.compare(t) })
	}
	for _, name := range nn.Losses() {
		if !seen[name] {
			t.Errorf("no case of %s", name)
		}
	}
}

func (c goldenLoss) compare(t *testing.T) {
	g := graph.New()
	var args, free []*graph.Node
	var feeds []tensor.Wide
	for i, a := range c.Args {
		w := tensor.Wide{Type: tensor.F32(a.Dims...), F: a.Values}
		if a.Whole {
			w = tensor.NewWide(tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(a.Dims...)})
			for j, v := range a.Values {
				w.I[j] = int64(v)
			}
		}
		n := g.Leaf(fmt.Sprint("in", i), w.Type)
		args, feeds = append(args, n), append(feeds, w)
		if !a.Target {
			free = append(free, n)
		}
	}
	loss := c.build(args)
	f, err := graph.NewFunc("loss", args, append([]*graph.Node{loss}, graph.Grad(loss, free...)...))
	if err != nil {
		t.Fatal(err)
	}
	out := graph.Eval(f, feeds)
	for i, want := range append([][]float64{{c.Value}}, c.Grads...) {
		for j, v := range want {
			if d := math.Abs(out[i].F[j] - v); !(d <= 1e-10*max(1, math.Abs(v))) {
				t.Fatalf("result %d is %v at %d, want %v", i, out[i].F[j], j, v)
			}
		}
	}
}
