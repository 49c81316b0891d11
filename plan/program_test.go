package plan_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// runs computes f on pool with feeds, which it does not change, twice with the
// same machine, and asks that both runs give the same bits.
func runs(t *testing.T, f *graph.Func, o plan.Options, pool *exec.Pool, feeds []tensor.Tensor) []tensor.Tensor {
	t.Helper()
	p, err := plan.Compile(f, o)
	if err != nil {
		t.Fatal(err)
	}
	m := exec.NewMachine(p, pool)
	var first []tensor.Tensor
	for run := range 3 {
		in := make([]tensor.Tensor, len(feeds))
		for i, x := range feeds {
			in[i] = x.Clone()
			if run == 1 { // other values in between
				clear(in[i].Bytes())
			}
		}
		out, err := m.Run(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range o.Donate {
			if len(in[d[1]].Bytes()) > 0 && &out[d[0]].Bytes()[0] != &in[d[1]].Bytes()[0] {
				t.Errorf("output %d does not lie in input %d", d[0], d[1])
			}
		}
		for i, y := range out {
			switch run {
			case 0:
				first = append(first, y.Clone())
			case 2:
				if !bytes.Equal(first[i].Bytes(), y.Bytes()) {
					t.Errorf("output %d of the third run differs from the first", i)
				}
			}
		}
	}
	return first
}

// near compares with the walk of the graph.
func near(got []tensor.Tensor, want []tensor.Wide, tol float64) error {
	for i, w := range want {
		for j, v := range tensor.Widen(got[i]).F {
			if d := math.Abs(v - w.F[j]); !(d <= tol*math.Max(1, math.Abs(w.F[j]))) {
				return fmt.Errorf("output %d[%d] = %v, want %v", i, j, v, w.F[j])
			}
		}
	}
	return nil
}

func equal(t *testing.T, what string, got, want []tensor.Tensor) {
	t.Helper()
	for i := range want {
		if !bytes.Equal(got[i].Bytes(), want[i].Bytes()) {
			t.Errorf("%s: output %d has other bits", what, i)
		}
	}
}

// TestProgramsComputeTheirGraphs runs random functions in all ways there are and
// compares each with a walk of the graph that reuses nothing; ways that change
// only where values lie and who computes them must give the same bits.
func TestProgramsComputeTheirGraphs(t *testing.T) {
	pools := map[int]*exec.Pool{}
	for _, n := range []int{1, 2, 3, 8} {
		pools[n] = exec.NewPool(n)
		defer pools[n].Close()
	}
	seeds := uint64(120)
	if testing.Short() {
		seeds = 20
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := &random{Rand: rand.New(rand.NewPCG(seed, 0))}
			f, feeds, donate := r.function(3 + r.IntN(40))
			wide := make([]tensor.Wide, len(feeds))
			for i, x := range feeds {
				wide[i] = tensor.Widen(x)
			}
			want := graph.Eval(f, wide)
			one := runs(t, f, plan.Options{}, pools[1], feeds)
			for _, n := range []int{2, 3, 8} {
				equal(t, fmt.Sprint(n, " threads"), runs(t, f, plan.Options{}, pools[n], feeds), one)
			}
			equal(t, "donation", runs(t, f, plan.Options{Donate: donate}, pools[2], feeds), one)
			equal(t, "spare", runs(t, f, plan.Options{Spare: true}, pools[3], feeds), one)
			equal(t, "no recompute", runs(t, f, plan.Options{NoRecompute: true}, pools[3], feeds), one)
			for what, got := range map[string][]tensor.Tensor{
				"fused":     one,
				"no fusion": runs(t, f, plan.Options{NoFusion: true, Donate: donate}, pools[2], feeds),
			} {
				if err := near(got, want, 2e-4); err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
		})
	}
}
