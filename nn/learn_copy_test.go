package nn_test

import (
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/optim"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// copying is the copying problem: ten of eight symbols, a delay of 20 steps, and
// a signal, after which the symbols must come out in their order.
type copying struct{ n int }

const (
	copySymbols, copyLength, copyDelay = 8, 10, 20
	copySteps                          = 2*copyLength + copyDelay
	copySignal                         = copySymbols + 1 // 0 to 7 are symbols, 8 is nothing
	copyUpdates                        = 12000
)

// batch draws inputs, one symbol of ten hot [N L 10], and what must come out at
// the end, int32 [N·10].
func (c copying) batch(stream rng.Stream, x, y tensor.Tensor) {
	r := stream.Rand()
	clear(x.Floats())
	for i := range c.n {
		for k := range copySteps {
			s := copySymbols
			switch {
			case k < copyLength:
				s = r.IntN(copySymbols)
				tensor.Of[int32](y)[i*copyLength+k] = int32(s)
			case k == copyLength+copyDelay-1:
				s = copySignal
			}
			x.Floats()[(i*copySteps+k)*(copySymbols+2)+s] = 1
		}
	}
}

// TestLSTMCopies asks that 99 of 100 symbols come out.
func TestLSTMCopies(t *testing.T) {
	if !*long {
		t.Skip("takes minutes: -long")
	}
	const n, hidden = 64, 128
	pool := exec.NewPool(0)
	defer pool.Close()
	net := &tagger{nn.NewLSTM(rng.New(1), copySymbols+2, hidden, nn.RecurrentOptions{}), nn.NewLinear(rng.New(2), hidden, copySymbols)}
	net.Body.ChronoBias(rng.New(5), copySteps)
	types := []tensor.Type{tensor.F32(n, copySteps, copySymbols+2), {DType: tensor.Int32, Shape: tensor.Dims(n * copyLength)}}
	l := newLearner(t, pool, net, types, func(c *nn.Ctx, in []*graph.Node) (loss, value *graph.Node) {
		h := net.Body.Forward(c, in[0])
		end := ops.Slice(h, []int{0, copySteps - copyLength, 0}, []int{n, copySteps, hidden}, nil)
		logits := ops.Reshape(net.Head.Forward(c, end), tensor.Dims(n*copyLength, copySymbols))
		right := ops.Convert(ops.Eq(ops.ArgMax(logits, 1), in[1]), tensor.Float32)
		return nn.CrossEntropy(logits, in[1], 0), ops.Mean(right, 0)
	})
	x, y, task := tensor.New(types[0]), tensor.New(types[1]), copying{n}
	share := 0.0
	for step := 1; step <= copyUpdates; step++ {
		task.batch(rng.New(3).At(uint64(step)), x, y)
		loss := l.step(t, step, 4e-3*optim.Cosine{Final: 0.02}.At(step, copyUpdates), x, y)
		if step%250 != 0 {
			continue
		}
		share = 0
		for i := range 10 {
			task.batch(rng.New(4).At(uint64(i)), x, y)
			share += float64(l.see(t, x, y).Floats()[0]) / 10
		}
		t.Logf("step %d: loss %.4f, %.2f %% right", step, loss, 100*share)
		if share >= 0.993 {
			return
		}
	}
	if share < 0.99 {
		t.Errorf("%.2f %% right", 100*share)
	}
}
