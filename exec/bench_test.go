package exec_test

import (
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
)

// idle does nothing in two pieces, however often it is asked.
type idle struct{ Times int }

func (idle) Name() string { return "idle" }

func (idle) Infer(in []tensor.Type) ([]tensor.Type, error) { return in, nil }

func (idle) Ref(_, _ []tensor.Wide) {}

func (op idle) Kernel(_, _ []tensor.Type) *kernel.Code {
	c := &kernel.Code{}
	for range op.Times {
		c.Phases = append(c.Phases, kernel.Phase{Pieces: 2, Work: 10_000, Run: func(*kernel.Args, int, kernel.Memory) {}})
	}
	return c
}

// BenchmarkForkJoin is the cost of a phase of two pieces that do nothing.
func BenchmarkForkJoin(b *testing.B) {
	const phases = 1000
	g := graph.New()
	x := g.Leaf("x", tensor.F32(1))
	f := function(b, "idle", []*graph.Node{x}, graph.Apply1(idle{phases}, x))
	pool := exec.NewPool(2)
	defer pool.Close()
	m := exec.NewMachine(program(b, f, plan.Options{}), pool)
	in := []tensor.Tensor{tensor.New(x.Type())}
	for b.Loop() {
		if _, err := m.Run(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/phases, "ns/phase")
}

// BenchmarkTinySteps is the cost of a step of 16 elements.
func BenchmarkTinySteps(b *testing.B) {
	const depth = 1000
	pool := exec.NewPool(1)
	defer pool.Close()
	m := exec.NewMachine(program(b, chain(b, 16, depth), plan.Options{}), pool)
	in := []tensor.Tensor{ramp(16)}
	for b.Loop() {
		if _, err := m.Run(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/depth, "ns/step")
}
