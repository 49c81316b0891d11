package train

import (
	"math"
	"slices"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/media/token"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/zoo"
)

// continuer is an untrained language model that has read nothing, and the same
// as a Network.
func continuer(t *testing.T, arch string, context int) (*Continuer, *Network) {
	t.Helper()
	k, err := token.Plan{Kind: token.Characters}.Learn(slices.Values([]string{"abcdefgh"}))
	if err != nil {
		t.Fatal(err)
	}
	m := zoo.Model{
		Architecture: zoo.Architecture{Name: arch, Settings: zoo.Settings{"layers": 2, "width": 8}},
		Input: data.Input{Name: data.FieldText, Kind: data.KindText, Text: data.TextInput{
			Length: context, Vocab: k.Size(), Encoder: data.Tokens{Tokenizer: k},
		}},
		Output: data.Output{Kind: data.OutputNext},
	}
	net, err := m.Net(rng.New(5))
	if err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(1)
	t.Cleanup(pool.Close)
	c, err := newContinuer(net.(zoo.Stepper), k, pool)
	if err != nil {
		t.Fatal(err)
	}
	return c, NewNetwork(net, m, pool)
}

// probabilities is what the network says without a memory, after all of ids.
func probabilities(t *testing.T, n *Network, ids []int32) []float32 {
	t.Helper()
	x := tensor.New(inputs(n.model, 1))
	copy(tensor.Of[int32](x), ids)
	out, err := n.Answers(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	v := n.model.Input.Text.Vocab
	return out.Floats()[(len(ids)-1)*v:][:v]
}

// TestContinuer reads a text in pieces, whose answers are those of the whole.
func TestContinuer(t *testing.T) {
	for _, arch := range []string{"gpt", "char-lstm"} {
		c, n := continuer(t, arch, 32)
		var ids []int32
		for i := range 21 {
			ids = append(ids, int32(i*i%8))
		}
		at := 0
		for _, size := range []int{1, 17, 3} {
			logits, err := c.advance(t.Context(), ids[at:at+size])
			if err != nil {
				t.Fatal(err)
			}
			at += size
			want := probabilities(t, n, ids[:at])
			sum := 0.0
			for _, v := range logits {
				sum += math.Exp(float64(v))
			}
			for i, v := range logits {
				if p := math.Exp(float64(v)) / sum; math.Abs(p-float64(want[i])) > 1e-5 {
					t.Fatalf("%s after %d tokens: token %d has probability %v, want %v", arch, at, i, p, want[i])
				}
			}
		}
	}
}

// TestContinueLong writes more than the network remembers: after a new start it
// is as if it had read the last tokens alone.
func TestContinueLong(t *testing.T) {
	c, n := continuer(t, "gpt", 8)
	var written []int32
	for id, err := range c.Continue(t.Context(), []int32{1, 2}, 50, Sampling{Temperature: 1}, rng.New(3)) {
		if err != nil {
			t.Fatal(err)
		}
		written = append(written, id)
	}
	if len(written) != 50 || len(c.read) > 8 {
		t.Fatalf("%d tokens, %d remembered", len(written), len(c.read))
	}
	want := probabilities(t, n, append(slices.Clone(c.read), 3))
	logits, err := c.advance(t.Context(), []int32{3})
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(logits); i++ {
		got := math.Exp(float64(logits[i] - logits[0]))
		if ratio := float64(want[i] / want[0]); math.Abs(got-ratio) > 1e-4*ratio {
			t.Fatalf("token %d is %v as probable as the first, want %v", i, got, ratio)
		}
	}
}

// TestSampling draws often and counts.
func TestSampling(t *testing.T) {
	logits := []float32{float32(math.Log(0.1)), float32(math.Log(0.6)), float32(math.Log(0.3))}
	for _, c := range []struct {
		s    Sampling
		want []float64
	}{
		{Sampling{}, []float64{0, 1, 0}},
		{Sampling{Temperature: 1}, []float64{0.1, 0.6, 0.3}},
		{Sampling{Temperature: 0.5}, []float64{1. / 46, 36. / 46, 9. / 46}},
		{Sampling{Temperature: 1, TopK: 2}, []float64{0, 2. / 3, 1. / 3}},
		{Sampling{Temperature: 1, TopP: 0.5}, []float64{0, 1, 0}},
		{Sampling{Temperature: 1, TopP: 0.7}, []float64{0, 2. / 3, 1. / 3}},
	} {
		const n = 4000
		count := make([]float64, 3)
		for i := range n {
			count[c.s.Draw(logits, rng.New(1).At(uint64(i)))]++
		}
		for i, want := range c.want {
			if math.Abs(count[i]/n-want) > 4*math.Sqrt(want*(1-want)/n)+1e-9 {
				t.Errorf("%+v: token %d is drawn %v times of %d, want a share of %.3f", c.s, i, count[i], n, want)
			}
		}
	}
	for _, s := range []Sampling{{Temperature: -1}, {Temperature: math.NaN()}, {TopK: -1}, {TopP: 1.1}} {
		if s.Check() == nil {
			t.Errorf("%+v is not refused", s)
		}
	}
}
