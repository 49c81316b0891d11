package plan_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// loops makes random functions with a scan, as a scan and unrolled.
type loops struct {
	*rand.Rand
	n, d, length int
	reverse      bool
	kind         int
	script       []int // what each operation of the body is
}

// step is a random body: two carries [n d], one of them only counted up, a
// constant weight [d d] and x [n d]; it gives the next carries and two results.
func (l *loops) step(h, c, w, x *graph.Node) (next, ys []*graph.Node) {
	nodes := []*graph.Node{h, x, c}
	for _, s := range l.script {
		a, b := nodes[s/8%len(nodes)], nodes[s/64%len(nodes)]
		switch s % 8 {
		case 0:
			a = ops.Tanh(ops.MatMul(a, w))
		case 1:
			a = ops.Scale(ops.Add(a, b), 0.5)
		case 2:
			a = ops.Mul(ops.Tanh(a), b)
		case 3:
			a = ops.Sub(a, ops.Scale(b, 0.3))
		case 4:
			a = ops.Scale(ops.Add(a, ops.Tanh(ops.MatMul(b, w))), 0.5)
		case 5:
			a = ops.Logistic(a)
		case 6:
			a = ops.Mul(a, ops.Tanh(ops.Mean(b, 0)))
		default:
			a = ops.Tanh(ops.Add(a, b))
		}
		nodes = append(nodes, a)
	}
	last, before := nodes[len(nodes)-1], nodes[len(nodes)-2]
	next, ys = []*graph.Node{ops.Tanh(last), before}, []*graph.Node{ops.Scale(last, 2), ops.Mul(h, before)}
	switch l.kind {
	case 1: // a result over time is the next carry
		ys[0] = next[0]
	case 2: // another is a carry as it was
		ys[0], ys[1] = next[0], c
	case 3: // carries change places
		next[0], next[1], ys[1] = c, next[0], h
	case 4: // both results are the same carry
		ys[0], ys[1] = next[1], next[1]
	}
	return next, ys
}

// function is the scan or its unrolled form: results and their gradients.
func (l *loops) function(t *testing.T, unroll bool) *graph.Func {
	t.Helper()
	g := graph.New()
	state := tensor.F32(l.n, l.d)
	h, c := g.Leaf("h", state), g.Leaf("c", state)
	w, xs := g.Leaf("w", tensor.F32(l.d, l.d)), g.Leaf("xs", tensor.F32(l.length, l.n, l.d))
	var carry, ys []*graph.Node
	if unroll {
		carry, ys = l.unrolled(h, c, w, xs)
	} else {
		carry, ys = ops.ScanOf([]*graph.Node{h, c}, []*graph.Node{xs}, ops.Loop{Reverse: l.reverse}, func(carry, x []*graph.Node) (next, ys []*graph.Node) {
			return l.step(carry[0], carry[1], w, x[0])
		})
	}
	out := append(slices.Clone(carry), ys...)
	loss := ops.ReduceSum(ops.Tanh(ops.Add(ops.ReduceSum(out[0], 1), ops.ReduceSum(out[2], 0, 2))))
	out = append(out, graph.Grad(ops.Add(loss, ops.ReduceSum(ops.Mul(out[1], out[1]))), h, c, w, xs)...)
	return function(t, []*graph.Node{h, c, w, xs}, out...)
}

func (l *loops) unrolled(h, c, w, xs *graph.Node) (carry, ys []*graph.Node) {
	state := tensor.Dims(l.n, l.d)
	parts := make([][2]*graph.Node, l.length)
	for i := range l.length {
		at := i
		if l.reverse {
			at = l.length - 1 - i
		}
		x := ops.Reshape(ops.Slice(xs, []int{at, 0, 0}, []int{at + 1, l.n, l.d}, nil), state)
		next, y := l.step(h, c, w, x)
		h, c = next[0], next[1]
		parts[at] = [2]*graph.Node{ops.Reshape(y[0], tensor.Dims(1, l.n, l.d)), ops.Reshape(y[1], tensor.Dims(1, l.n, l.d))}
	}
	for k := range 2 {
		var all []*graph.Node
		for _, p := range parts {
			all = append(all, p[k])
		}
		ys = append(ys, ops.Concatenate(0, all...))
	}
	return []*graph.Node{h, c}, ys
}

func function(t *testing.T, in []*graph.Node, out ...*graph.Node) *graph.Func {
	t.Helper()
	f, err := graph.NewFunc("f", in, out)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func newLoops(seed uint64) *loops {
	l := &loops{Rand: rand.New(rand.NewPCG(seed, 2))}
	l.n, l.d, l.length = 1+l.IntN(5), 1+l.IntN(20), 1+l.IntN(6)
	if l.IntN(3) == 0 {
		l.n, l.d = 4, 16 // elements that stay where they are
	}
	if l.IntN(8) == 0 {
		l.n, l.d = 64, 96 // products worth several workers
	}
	l.reverse, l.kind = l.IntN(2) == 0, l.IntN(5)
	for range 2 + l.IntN(10) {
		l.script = append(l.script, l.IntN(1<<12))
	}
	return l
}

func (l *loops) feeds(f *graph.Func) (feeds []tensor.Tensor, wide []tensor.Wide) {
	for _, n := range f.In {
		t := tensor.New(n.Type())
		for j := range t.Floats() {
			t.Floats()[j] = float32(2*l.Float64()-1) / 2
		}
		feeds, wide = append(feeds, t), append(wide, tensor.Widen(t))
	}
	return feeds, wide
}

// TestScansComputeWhatUnrolledGraphsDo runs random scans and their gradients on
// several threads, with their carries donated and without fusion, and compares
// with the definitions of the unrolled graph.
func TestScansComputeWhatUnrolledGraphsDo(t *testing.T) {
	pools := map[int]*exec.Pool{}
	for _, n := range []int{1, 2, 3} {
		pools[n] = exec.NewPool(n)
		defer pools[n].Close()
	}
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			l := newLoops(seed)
			f := l.function(t, false)
			feeds, wide := l.feeds(f)
			want := graph.Eval(l.function(t, true), wide)
			donate := plan.Options{Donate: [][2]int{{0, 0}, {5, 1}}}
			one := runs(t, f, plan.Options{}, pools[1], feeds)
			equal(t, "2 threads", runs(t, f, plan.Options{}, pools[2], feeds), one)
			equal(t, "3 threads, donated", runs(t, f, donate, pools[3], feeds), one)
			for what, got := range map[string][]tensor.Tensor{
				"fused": one, "no fusion": runs(t, f, plan.Options{NoFusion: true}, pools[2], feeds),
			} {
				if err := near(got, want, 1e-4); err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
			for _, o := range []plan.Options{{}, donate} {
				p, err := plan.Compile(f, o)
				if err == nil {
					err = checkMemory(p)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestForwardRunsOnce: what the gradient of a scan stores is computed by the
// scan that was there, in one pass.
func TestForwardRunsOnce(t *testing.T) {
	l := newLoops(3)
	l.length, l.script = 5, []int{0, 1, 2}
	f := l.function(t, false)
	p := compile(t, plan.Options{}, f.In, f.Out...)
	n := 0
	for _, s := range steps(p) {
		n += strings.Count(s, "scan")
	}
	if n != 2 {
		t.Errorf("%d scans, want one forward and one back: %q", n, steps(p))
	}
}

// TestGradientsOfGradientsRun plans the gradient of a squared gradient of random
// scans, in which forward and backward steps are needed by several scans.
func TestGradientsOfGradientsRun(t *testing.T) {
	pool := exec.NewPool(2)
	defer pool.Close()
	for seed := range uint64(12) {
		l := newLoops(seed)
		l.n, l.d, l.length = min(l.n, 4), min(l.d, 16), min(l.length, 4)
		f := l.function(t, false)
		size := ops.Like(ops.ReduceSum(f.Out[0]), 0)
		for _, d := range f.Out[4:] {
			size = ops.Add(size, ops.ReduceSum(ops.Mul(d, d)))
		}
		second := function(t, f.In, append(graph.Grad(size, f.In...), f.Out[0])...)
		feeds, wide := l.feeds(second)
		if err := near(runs(t, second, plan.Options{}, pool, feeds), graph.Eval(second, wide), 1e-3); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		p := compile(t, plan.Options{}, second.In, second.Out...)
		scans := 0
		for _, s := range steps(p) {
			scans += strings.Count(s, "scan")
		}
		if scans > 6 {
			t.Errorf("seed %d: %d scans", seed, scans)
		}
	}
}

// TestWhatIsTheSameInEveryStepIsComputedOnce: it stands before the scan, and
// what nobody needs stands nowhere.
func TestWhatIsTheSameInEveryStepIsComputedOnce(t *testing.T) {
	inner := graph.New()
	state := tensor.F32(4, 16)
	h, w, x := inner.Leaf("h", state), inner.Leaf("w", tensor.F32(16, 16)), inner.Leaf("x", state)
	next := ops.Tanh(ops.Add(ops.MatMul(h, ops.Exp(w)), x))
	body := function(t, []*graph.Node{h, w, x}, next, ops.Sin(next), ops.Cos(next))
	g := graph.New()
	in := []*graph.Node{g.Leaf("h", state), g.Leaf("w", w.Type()), g.Leaf("x", tensor.F32(9, 4, 16))}
	_, ys := ops.Scan(body, in[:1], in[1:2], in[2:], 9, false)
	p := compile(t, plan.Options{}, in, ys[0])
	wantSteps(t, p, "exp", "scan")
	if b := p.Steps[1].Nest.Programs[0]; len(b.Out) != 2 || slices.ContainsFunc(steps(b), func(s string) bool {
		return strings.Contains(s, "cos") || strings.Contains(s, "exp")
	}) {
		t.Errorf("the body computes %q", steps(b))
	}
}
