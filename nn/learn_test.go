package nn_test

import (
	"flag"
	"math"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/optim"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

var long = flag.Bool("long", false, "run the long tests")

// tagger is a recurrent layer and a linear map of what comes out of it.
type tagger struct {
	Body *nn.Recurrent
	Head *nn.Linear
}

func (l *tagger) Forward(c *nn.Ctx, x *graph.Node) *graph.Node {
	return c.In("head", l.Head, c.In("body", l.Body, x))
}

// learner trains a network by Adam with gradients clipped to norm 1, in one
// program that updates its parameters in place.
type learner struct {
	c     *nn.Ctx
	state []tensor.Tensor // parameters, then two slots of each
	train *exec.Machine
	value *exec.Machine // of the network, without an update
}

// newLearner plans the training of net on loss, and value, both made of the
// batch, which is leaves of the types given.
func newLearner(t *testing.T, pool *exec.Pool, net nn.Layer, batch []tensor.Type, build func(c *nn.Ctx, batch []*graph.Node) (loss, value *graph.Node)) *learner {
	t.Helper()
	l := &learner{c: nn.NewCtx(net)}
	g := l.c.Graph
	var in []*graph.Node
	for i, typ := range batch {
		in = append(in, g.Leaf(string(rune('a'+i)), typ))
	}
	loss, value := build(l.c, in)
	lr, count := g.Leaf("lr", tensor.F32()), g.Leaf("count", tensor.F32())
	var params []*graph.Node
	for _, p := range l.c.Used() {
		params = append(params, l.c.Param(p.Param))
		l.state = append(l.state, p.Value.Clone())
	}
	grads := graph.Grad(loss, params...)
	size := g.Fill(0, tensor.F32())
	for _, d := range grads {
		size = ops.Add(size, ops.ReduceSum(ops.Mul(d, d)))
	}
	scale := ops.Min(ops.Rsqrt(ops.Add(size, ops.Like(size, 1e-12))), ops.Like(size, 1))
	fed, out := append([]*graph.Node{}, params...), make([]*graph.Node, 3*len(params))
	for i, p := range params {
		var slots []*graph.Node
		for _, name := range []string{"m.", "v."} {
			slots = append(slots, g.Leaf(name+l.c.Used()[i].Path, p.Type()))
			l.state = append(l.state, tensor.New(p.Type()))
		}
		fed = append(fed, slots...)
		d := ops.Mul(grads[i], ops.BroadcastInDim(scale, p.Shape()))
		next, s := optim.Adam{}.Update(optim.Step{Param: p, Grad: d, Slots: slots, LR: lr, Count: count})
		out[i], out[len(params)+2*i], out[len(params)+2*i+1] = next, s[0], s[1]
	}
	var o plan.Options
	for i := range out {
		o.Donate = append(o.Donate, [2]int{i, i})
	}
	l.train = machine(t, pool, append(append(fed, in...), lr, count), append(out, loss), o)
	l.value = machine(t, pool, append(append([]*graph.Node{}, params...), in...), []*graph.Node{value}, plan.Options{})
	return l
}

func machine(t *testing.T, pool *exec.Pool, in, out []*graph.Node, o plan.Options) *exec.Machine {
	t.Helper()
	f, err := graph.NewFunc("learner", in, out)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Compile(f, o)
	if err != nil {
		t.Fatal(err)
	}
	return exec.NewMachine(p, pool)
}

// step is one update; it returns the loss before it.
func (l *learner) step(t *testing.T, number int, lr float64, batch ...tensor.Tensor) float64 {
	t.Helper()
	in := append(append([]tensor.Tensor{}, l.state...), batch...)
	out, err := l.train.Run(t.Context(), append(in, tensor.Scalar(float32(lr)), tensor.Scalar(float32(number))))
	if err != nil {
		t.Fatal(err)
	}
	loss := float64(out[len(out)-1].Floats()[0])
	if math.IsNaN(loss) {
		t.Fatalf("the loss of step %d is not a number", number)
	}
	return loss
}

// see is the value of a batch.
func (l *learner) see(t *testing.T, batch ...tensor.Tensor) tensor.Tensor {
	t.Helper()
	out, err := l.value.Run(t.Context(), append(append([]tensor.Tensor{}, l.state[:len(l.c.Used())]...), batch...))
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}

// TestGRUAdds: the adding problem of Hochreiter and Schmidhuber, 1997, over 100
// steps: the sum of two marked numbers of a hundred. Predicting 1 has a squared
// error of 1/6.
func TestGRUAdds(t *testing.T) {
	if !*long {
		t.Skip("takes minutes: -long")
	}
	const n, steps, hidden = 50, 100, 64
	pool := exec.NewPool(0)
	defer pool.Close()
	net := &tagger{nn.NewGRU(rng.New(1), 2, hidden, nn.RecurrentOptions{}), nn.NewLinear(rng.New(2), hidden, 1)}
	types := []tensor.Type{tensor.F32(n, steps, 2), tensor.F32(n, 1)}
	l := newLearner(t, pool, net, types, func(c *nn.Ctx, in []*graph.Node) (loss, value *graph.Node) {
		_, state := net.Body.Run(c, in[0], nn.RecurrentRun{})
		y := net.Head.Forward(c, state[0])
		loss = nn.MSE(y, in[1])
		return loss, loss
	})
	x, y := tensor.New(types[0]), tensor.New(types[1])
	draw := func(stream rng.Stream) {
		r := stream.Rand()
		for i := range n {
			a, b := r.IntN(steps/2), steps/2+r.IntN(steps/2)
			row := x.Floats()[i*steps*2:][:steps*2]
			for k := range steps {
				row[2*k], row[2*k+1] = r.Float32(), 0
			}
			row[2*a+1], row[2*b+1] = 1, 1
			y.Floats()[i] = row[2*a] + row[2*b]
		}
	}
	best := math.Inf(1)
	for step := 1; step <= 6000; step++ {
		draw(rng.New(3).At(uint64(step)))
		l.step(t, step, 2e-3, x, y)
		if step%250 != 0 {
			continue
		}
		sum := 0.0
		for i := range 20 {
			draw(rng.New(4).At(uint64(i)))
			sum += float64(l.see(t, x, y).Floats()[0]) / 20
		}
		best = min(best, sum)
		t.Logf("step %d: mean squared error %.5f", step, sum)
		if sum < 0.005 {
			return
		}
	}
	if best >= 0.01 {
		t.Errorf("mean squared error %v", best)
	}
}
