package optim_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/optim"
	"github.com/ihae/ihae/tensor"
)

// problem is a function to minimise: its gradient at p.
type problem struct {
	name  string
	start []float64
	grad  func(p []float64) []float64
}

var problems = []problem{
	{"quadratic", []float64{3, -2, 1}, func(p []float64) []float64 {
		return []float64{p[0], 4 * p[1], 0.5 * (p[2] - 2)}
	}},
	{"Rosenbrock", []float64{-1.2, 1}, func(p []float64) []float64 {
		d := p[1] - p[0]*p[0]
		return []float64{-400*p[0]*d - 2*(1-p[0]), 200 * d}
	}},
}

// state is a parameter and what an optimizer remembers of it.
type state struct{ p, a, b []float64 }

// byHand is one update of the papers' formulas; t counts from 1.
type byHand func(s *state, g []float64, lr float64, t int, decay bool)

func sgdByHand(o optim.SGD) byHand {
	return func(s *state, g []float64, lr float64, _ int, decay bool) {
		for i := range s.p {
			gi := g[i]
			if decay {
				gi += o.WeightDecay * s.p[i]
			}
			s.a[i] = o.Momentum*s.a[i] + gi
			if o.Nesterov {
				s.p[i] -= lr * (gi + o.Momentum*s.a[i])
			} else {
				s.p[i] -= lr * s.a[i]
			}
		}
	}
}

func adamByHand(beta1, beta2, eps, wd float64) byHand {
	return func(s *state, g []float64, lr float64, t int, decay bool) {
		for i := range s.p {
			s.a[i] = beta1*s.a[i] + (1-beta1)*g[i]
			s.b[i] = beta2*s.b[i] + (1-beta2)*g[i]*g[i]
			m := s.a[i] / (1 - math.Pow(beta1, float64(t)))
			v := s.b[i] / (1 - math.Pow(beta2, float64(t)))
			old := s.p[i]
			s.p[i] -= lr * m / (math.Sqrt(v) + eps)
			if decay {
				s.p[i] -= lr * wd * old
			}
		}
	}
}

// updates evaluates the graph of one update in float64.
type updates struct {
	f     *graph.Func
	slots int
	typ   tensor.Type
}

func newUpdates(t *testing.T, o optim.Optimizer, n int, decay bool) updates {
	t.Helper()
	g, typ := graph.New(), tensor.F32(n)
	u := optim.Step{Param: g.Leaf("param", typ), Grad: g.Leaf("grad", typ), LR: g.Leaf("lr", tensor.F32()), Count: g.Leaf("count", tensor.F32()), Decay: decay}
	in := []*graph.Node{u.Param, u.Grad, u.LR, u.Count}
	for _, name := range o.Slots(typ) {
		u.Slots = append(u.Slots, g.Leaf(name, typ))
	}
	p, slots := o.Update(u)
	f, err := graph.NewFunc("update", append(in, u.Slots...), append([]*graph.Node{p}, slots...))
	if err != nil {
		t.Fatal(err)
	}
	if len(slots) != len(u.Slots) {
		t.Fatalf("%d next slots of %d", len(slots), len(u.Slots))
	}
	return updates{f, len(slots), typ}
}

// step returns the next parameter and slots.
func (u updates) step(p, g []float64, lr float64, count int, slots []tensor.Wide) ([]float64, []tensor.Wide) {
	scalar := func(v float64) tensor.Wide { return tensor.Wide{Type: tensor.F32(), F: []float64{v}} }
	in := []tensor.Wide{{Type: u.typ, F: p}, {Type: u.typ, F: g}, scalar(lr), scalar(float64(count))}
	if slots == nil {
		for range u.slots {
			slots = append(slots, tensor.NewWide(u.typ))
		}
	}
	out := graph.Eval(u.f, append(in, slots...))
	return out[0].F, out[1:]
}

// TestTrajectories walks 100 updates, with a rate that changes, beside a loop
// of the formulas.
func TestTrajectories(t *testing.T) {
	for _, c := range []struct {
		o    optim.Optimizer
		hand byHand
		lr   float64
	}{
		{optim.SGD{}, sgdByHand(optim.SGD{}), 1e-3},
		{optim.SGD{WeightDecay: 0.1}, sgdByHand(optim.SGD{WeightDecay: 0.1}), 1e-3},
		{optim.SGD{Momentum: 0.9}, sgdByHand(optim.SGD{Momentum: 0.9}), 1e-4},
		{optim.SGD{Momentum: 0.8, Nesterov: true, WeightDecay: 0.01}, sgdByHand(optim.SGD{Momentum: 0.8, Nesterov: true, WeightDecay: 0.01}), 1e-4},
		{optim.AdamW{}, adamByHand(0.9, 0.999, 1e-8, 0), 0.05},
		{optim.AdamW{Beta1: 0.7, Beta2: 0.95, Eps: 1e-3, WeightDecay: 0.2}, adamByHand(0.7, 0.95, 1e-3, 0.2), 0.05},
	} {
		for _, problem := range problems {
			for _, decay := range []bool{true, false} {
				t.Run(fmt.Sprintf("%+v %s decay=%v", c.o, problem.name, decay), func(t *testing.T) {
					follow(t, c.o, c.hand, c.lr, problem, decay)
				})
			}
		}
	}
}

func follow(t *testing.T, o optim.Optimizer, hand byHand, lr float64, c problem, decay bool) {
	n := len(c.start)
	u := newUpdates(t, o, n, decay)
	want := state{append([]float64{}, c.start...), make([]float64, n), make([]float64, n)}
	p, slots := c.start, []tensor.Wide(nil)
	for step := 1; step <= 100; step++ {
		rate := lr / (1 + 0.01*float64(step))
		p, slots = u.step(p, c.grad(p), rate, step, slots)
		hand(&want, c.grad(want.p), rate, step, decay)
		for i := range p {
			if math.Abs(p[i]-want.p[i]) > 1e-9*max(1, math.Abs(want.p[i])) {
				t.Fatalf("step %d: %v, want %v", step, p, want.p)
			}
		}
	}
	if p[0] == c.start[0] {
		t.Error("nothing moved")
	}
}

// evalFloat32 rounds every node to its type, as a plan may.
func evalFloat32(out *graph.Node, at map[*graph.Node]tensor.Wide) float64 {
	for _, n := range graph.Reachable([]*graph.Node{out}) {
		if _, leaf := n.Op().(graph.Leaf); leaf {
			continue
		}
		var in, res []tensor.Wide
		for _, a := range n.In() {
			in = append(in, at[a])
		}
		for _, y := range n.Out() {
			res = append(res, tensor.NewWide(y.Type()))
		}
		n.Op().Ref(res, in)
		for i, y := range n.Out() {
			at[y] = tensor.Widen(res[i].Narrow())
		}
	}
	return at[out].F[0]
}

// TestBiasCorrectionInFloat32: with zero slots and a gradient of one, an update
// of AdamW is lr·c1/√c2 with c1 = (1-Beta1)/(1-Beta1ᵗ) and c2 alike, to a few
// roundings of float32 for any count.
func TestBiasCorrectionInFloat32(t *testing.T) {
	for _, count := range []float64{1, 2, 3, 10, 100, 1000, 1e4, 1e6, 1 << 24} {
		g, typ := graph.New(), tensor.F32(1)
		at := map[*graph.Node]tensor.Wide{}
		leaf := func(label string, t tensor.Type, v float64) *graph.Node {
			n := g.Leaf(label, t)
			at[n] = tensor.Wide{Type: t, F: []float64{v}}
			return n
		}
		p, _ := optim.AdamW{}.Update(optim.Step{
			Param: leaf("param", typ, 0), Grad: leaf("grad", typ, 1),
			LR: leaf("lr", tensor.F32(), 1), Count: leaf("count", tensor.F32(), count),
			Slots: []*graph.Node{leaf("mean", typ, 0), leaf("square", typ, 0)},
		})
		want := -0.1 / (1 - math.Pow(0.9, count)) / math.Sqrt(0.001/(1-math.Pow(0.999, count)))
		if got := evalFloat32(p, at); math.Abs(got-want) > 1e-6*math.Abs(want) {
			t.Errorf("count %g: %.9g, want %.9g", count, got, want)
		}
	}
}

func ExampleSGD() {
	g := graph.New()
	p := g.Leaf("p", tensor.F32(2))
	loss := ops.Mul(p, p)
	next, _ := optim.SGD{}.Update(optim.Step{Param: p, Grad: graph.Grad(loss, p)[0], LR: g.Leaf("lr", tensor.F32())})
	f, err := graph.NewFunc("step", []*graph.Node{p, g.Leaf("lr", tensor.F32())}, []*graph.Node{next})
	if err != nil {
		fmt.Println(err)
		return
	}
	out := graph.Eval(f, []tensor.Wide{{Type: p.Type(), F: []float64{1, -2}}, {Type: tensor.F32(), F: []float64{0.25}}})
	fmt.Println(out[0].F)
	// Output: [0.5 -1]
}
