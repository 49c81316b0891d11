package plan_test

import (
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// normalised is the gradient of residual blocks of two linear maps, each with a
// normalisation and a ReLU: every output that is kept for the backward pass can
// be made again from what the map gave.
func normalised(t *testing.T) *graph.Func {
	t.Helper()
	const rows, width = 256, 32
	g := graph.New()
	x := g.Leaf("x", tensor.F32(rows, width))
	in, y, outer := []*graph.Node{x}, x, x
	for i := range 24 {
		w := g.Leaf("w"+string(rune('a'+i)), tensor.F32(width, width))
		scale := g.Leaf("s"+string(rune('a'+i)), tensor.F32(width))
		in = append(in, w, scale)
		h, _, _ := ops.Normalize(ops.MatMul(y, w), scale, ops.Like(scale, 0.1), ops.NormDims{Axes: ops.List(0), Eps: 1e-5})
		if i%2 == 1 {
			h = ops.Add(h, outer)
		}
		if y = ops.ReLU(h); i%2 == 1 {
			outer = y
		}
	}
	out := graph.Grad(ops.ReduceSum(ops.Mul(y, y), 0, 1), in...)
	f, err := graph.NewFunc("normalised", in, out)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestSpareKeepsLessAndTheBits runs normalisations again.
func TestSpareKeepsLessAndTheBits(t *testing.T) {
	f := normalised(t)
	keep, err1 := plan.Compile(f, plan.Options{})
	spare, err2 := plan.Compile(f, plan.Options{Spare: true})
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	k, s := keep.Stats(), spare.Stats()
	if s.Peak > k.Peak*75/100 || s.FLOPs > k.FLOPs*105/100 {
		t.Errorf("sparing takes %+v, keeping %+v", s, k)
	}
	pool := exec.NewPool(2)
	defer pool.Close()
	var feeds []tensor.Tensor
	for i, n := range f.In {
		x := tensor.New(n.Type())
		for j := range x.Floats() {
			x.Floats()[j] = float32((i*7+j*13)%17)/17 - 0.4
		}
		feeds = append(feeds, x)
	}
	equal(t, "spare", runs(t, f, plan.Options{Spare: true}, pool, feeds), runs(t, f, plan.Options{}, pool, feeds))
}
