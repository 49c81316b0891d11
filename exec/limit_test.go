package exec_test

import (
	"sync"
	"testing"
	"time"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// seen is affine that notes which workers compute, by their scratch, and takes
// its time so that all of them find work.
type seen struct {
	affine
	workers *sync.Map
}

func (seen) Name() string { return "seen" }

func (s seen) Kernel(in, out []tensor.Type) *kernel.Code {
	c := s.affine.Kernel(in, out)
	run := c.Phases[0].Run
	c.Phases[0].Run = func(a *kernel.Args, piece int, local kernel.Memory) {
		s.workers.Store(&local[0], true)
		time.Sleep(200 * time.Microsecond)
		run(a, piece, local)
	}
	return c
}

// TestLimit asks that no more workers compute than a pool is limited to, and
// that all come back.
func TestLimit(t *testing.T) {
	pool := exec.NewPool(3)
	defer pool.Close()
	s := seen{workers: &sync.Map{}}
	g := graph.New()
	x := g.Leaf("x", tensor.F32(4096))
	m := exec.NewMachine(program(t, function(t, "seen", []*graph.Node{x}, graph.Apply1(s, x)), plan.Options{}), pool)
	want := after(4096, 1)
	for _, limit := range []int{3, 1, 2, 0, 9, 3} {
		pool.Limit(limit)
		time.Sleep(2 * time.Millisecond) // a worker may still be looking for work
		count := 0
		for range 20 {
			s.workers.Clear()
			out, err := m.Run(t.Context(), []tensor.Tensor{ramp(4096)})
			if err != nil {
				t.Fatal(err)
			}
			if err := same(out[0].Floats(), want); err != nil {
				t.Fatal(err)
			}
			n := 0
			s.workers.Range(func(_, _ any) bool { n++; return true })
			if count = max(count, n); n > max(1, limit) {
				t.Fatalf("limited to %d, %d workers computed", limit, n)
			}
		}
		if all := min(max(1, limit), 3); count != all {
			t.Errorf("limited to %d, at most %d workers computed", limit, count)
		}
	}
}
