package nn_test

import (
	"slices"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// spelling is synthetic speech: strings of up to eight of five symbols, each
// spoken for one to four noisy frames after a pause of none to two; a symbol that
// follows itself needs a longer one. No frame says which symbol it belongs to.
type spelling struct{ n int }

const (
	spellSymbols, spellLabels, spellFrames = 5, 8, 64 // symbols 1 to 5, 0 is the blank
	spellFeatures                          = 6
)

// batch draws frames [N T F], labels [N S], and the lengths of both.
func (s spelling) batch(stream rng.Stream, x, labels, inputs, lengths tensor.Tensor) {
	stream.Split("noise").Normal(x.Floats(), 0, 0.25)
	r := stream.Rand()
	sounds := make([]float32, spellFeatures*(spellSymbols+1))
	rng.New(77).Normal(sounds, 0, 1)
	clear(tensor.Of[int32](labels))
	for i := range s.n {
		t, last := 0, int32(0)
		count := 1 + r.IntN(spellLabels)
		for k := range count {
			c := int32(1 + r.IntN(spellSymbols))
			t += r.IntN(3)
			if c == last {
				t += 2
			}
			for range 1 + r.IntN(4) {
				row := x.Floats()[(i*spellFrames+min(t, spellFrames-1))*spellFeatures:][:spellFeatures]
				for f := range row {
					row[f] += sounds[int(c)*spellFeatures+f]
				}
				t++
			}
			tensor.Of[int32](labels)[i*spellLabels+k], last = c, c
		}
		tensor.Of[int32](inputs)[i], tensor.Of[int32](lengths)[i] = int32(min(t, spellFrames)), int32(count)
	}
}

// heard is the labels that the likeliest path of each frame spells.
func heard(best []int32, frames int) []int32 {
	var out []int32
	for i, c := range best[:frames] {
		if c != 0 && (i == 0 || best[i-1] != c) {
			out = append(out, c)
		}
	}
	return out
}

// TestCTCLearnsToSpell asks for 95 of 100 strings without any mistake.
func TestCTCLearnsToSpell(t *testing.T) {
	if !*long {
		t.Skip("takes a minute: -long")
	}
	const n, hidden = 32, 32
	pool := exec.NewPool(0)
	defer pool.Close()
	net := &tagger{
		nn.NewLSTM(rng.New(1), spellFeatures, hidden, nn.RecurrentOptions{Bidirectional: true}),
		nn.NewLinear(rng.New(2), 2*hidden, spellSymbols+1),
	}
	ints := func(dims ...int) tensor.Type { return tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(dims...)} }
	types := []tensor.Type{tensor.F32(n, spellFrames, spellFeatures), ints(n, spellLabels), ints(n), ints(n)}
	l := newLearner(t, pool, net, types, func(c *nn.Ctx, in []*graph.Node) (loss, value *graph.Node) {
		y, _ := net.Body.Run(c, in[0], nn.RecurrentRun{Lengths: in[2]})
		logits := net.Head.Forward(c, y)
		loss = ops.Mean(nn.CTC(ops.LogSoftmax(logits, -1), in[1], in[2], in[3], 0), 0)
		return loss, ops.ArgMax(logits, 2)
	})
	var batch []tensor.Tensor
	for _, typ := range types {
		batch = append(batch, tensor.New(typ))
	}
	task := spelling{n}
	share := 0.0
	for step := 1; step <= 1500; step++ {
		task.batch(rng.New(3).At(uint64(step)), batch[0], batch[1], batch[2], batch[3])
		loss := l.step(t, step, 5e-3, batch...)
		if step%100 != 0 {
			continue
		}
		right := 0
		for i := range 10 {
			task.batch(rng.New(4).At(uint64(i)), batch[0], batch[1], batch[2], batch[3])
			best := tensor.Of[int32](l.see(t, batch...))
			for k := range n {
				count := tensor.Of[int32](batch[3])[k]
				want := tensor.Of[int32](batch[1])[k*spellLabels:][:count]
				if slices.Equal(heard(best[k*spellFrames:], int(tensor.Of[int32](batch[2])[k])), want) {
					right++
				}
			}
		}
		share = float64(right) / (10 * n)
		t.Logf("step %d: loss %.4f, %.1f %% of strings right", step, loss, 100*share)
		if share >= 0.97 {
			return
		}
	}
	if share < 0.95 {
		t.Errorf("%.1f %% of strings right", 100*share)
	}
}
