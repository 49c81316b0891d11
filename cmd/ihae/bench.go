package main

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/internal/cpu"
	"github.com/ihae/ihae/kernel"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
	"github.com/spf13/cobra"
)

func init() { register(benchCommand) }

func benchCommand(a *app) *cobra.Command {
	var threads int
	var seconds float64
	c := &cobra.Command{
		Use:   "bench",
		Short: "measure this machine, and how much of it ihae uses",
		Long: `Measure what this machine can do, and how much of it ihae uses.

The two limits come first: multiply-adds on registers, and sums of arrays that
fit into no cache. Then products, convolutions, elementwise passes and whole
training steps, each by the shortest of its runs. "of limit" is the time that the
limits allow for the arithmetic and for the bytes of every instruction, whichever
is longer, over the time that was taken. What stays in the caches between
instructions may pass 100 %.`,
		Args: exactly(0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			if seconds < 0.01 || seconds > 600 {
				return usage("--seconds %v: want 0.01 to 600", seconds)
			}
			pool, err := a.pool(threads)
			if err != nil {
				return err
			}
			defer pool.Close()
			b := bench{app: a, pool: pool, time: time.Duration(seconds * float64(time.Second))}
			return b.run(c.Context())
		},
	}
	c.Flags().IntVar(&threads, "threads", 0, "threads (default all cores)")
	c.Flags().Float64Var(&seconds, "seconds", 0.5, "time spent on each measurement")
	return c
}

// bench measures cases against the limits of the machine.
type bench struct {
	*app
	pool  *exec.Pool
	time  time.Duration // of each measurement
	flops float64       // operations a second, on all threads
	bytes float64       // bytes a second
	limit [2]benchLine  // how these were measured
}

// benchLine is a measurement for programs. The two limits themselves have no
// share of a limit.
type benchLine struct {
	Bench   string  `json:"bench"`
	Ms      float64 `json:"ms"`
	GFLOPS  float64 `json:"gflops"`
	GBS     float64 `json:"gigabytes_per_second"`
	OfLimit float64 `json:"of_limit,omitempty"`
}

func (b *bench) run(ctx context.Context) error {
	if !b.json {
		b.printf("%s kernels, %d of %d cores, %s\n\n", cpu.Best(), b.pool.Threads(), cpu.Cores(), runtime.Version())
		b.printf("%-22s %10s %10s %8s %9s\n", "", "ms", "GFLOP/s", "GB/s", "of limit")
	}
	if err := b.limits(ctx); err != nil {
		return err
	}
	b.show(b.limit[0])
	b.show(b.limit[1])
	for _, c := range benchCases {
		p, err := c.program()
		if err != nil {
			return err
		}
		l, err := b.line(ctx, c.name, p)
		if err != nil {
			return err
		}
		b.show(l)
	}
	return nil
}

// limits measures what the machine can do.
func (b *bench) limits(ctx context.Context) error {
	t, flops := b.arithmetic()
	b.flops = flops / t
	b.limit[0] = benchLine{Bench: "limit: arithmetic", Ms: t * 1e3, GFLOPS: b.flops / 1e9}
	p, err := memoryProgram()
	if err != nil {
		return err
	}
	if t, err = b.measure(ctx, p); err != nil {
		return err
	}
	b.bytes = float64(p.Stats().Bytes) / t
	b.limit[1] = benchLine{Bench: "limit: memory", Ms: t * 1e3, GBS: b.bytes / 1e9}
	return nil
}

// line times a program.
func (b *bench) line(ctx context.Context, name string, p *plan.Program) (benchLine, error) {
	t, err := b.measure(ctx, p)
	if err != nil {
		return benchLine{}, err
	}
	s := p.Stats()
	return benchLine{name, t * 1e3, float64(s.FLOPs) / t / 1e9, float64(s.Bytes) / t / 1e9, b.least(p) / t}, nil
}

func (b *bench) show(l benchLine) {
	if b.json {
		b.emit(l)
		return
	}
	of := "-"
	if l.OfLimit > 0 {
		of = train.Percent(l.OfLimit)
	}
	b.printf("%-22s %10.3f %10.1f %8.1f %9s\n", l.Bench, l.Ms, l.GFLOPS, l.GBS, of)
}

// least is the shortest time the limits allow for p, its instructions one after
// another.
func (b *bench) least(p *plan.Program) float64 {
	var t float64
	for i := range p.Steps {
		t += max(float64(p.Steps[i].FLOPs)/b.flops, float64(p.Steps[i].Bytes)/b.bytes)
	}
	return t
}

// arithmetic is how long a number of operations takes on registers alone, on
// every thread of the pool at once.
func (b *bench) arithmetic() (seconds, flops float64) {
	const rounds = 200_000
	n := b.pool.Threads()
	seconds = 1e9
	for start := time.Now(); time.Since(start) < b.time; {
		var all sync.WaitGroup
		t := time.Now()
		for range n {
			all.Go(func() { flops = float64(kernel.FMA(rounds)) })
		}
		all.Wait()
		seconds = min(seconds, time.Since(t).Seconds())
	}
	return seconds, flops * float64(n)
}

// measure is the shortest of p's runs, after one that warms up.
func (b *bench) measure(ctx context.Context, p *plan.Program) (float64, error) {
	m := exec.NewMachine(p, b.pool)
	in := make([]tensor.Tensor, len(p.In))
	for i, input := range p.In {
		in[i] = tensor.New(input.Type)
		if input.Type.DType == tensor.Float32 {
			scatter(in[i].Floats(), rng.New(uint64(i)).Rand())
		}
	}
	if _, err := m.Run(ctx, in); err != nil {
		return 0, err
	}
	least := time.Hour
	for start := time.Now(); time.Since(start) < b.time; {
		t := time.Now()
		if _, err := m.Run(ctx, in); err != nil {
			return 0, err
		}
		least = min(least, time.Since(t))
	}
	return least.Seconds(), nil
}

// scatter fills x with small numbers, the same again and again.
func scatter(x []float32, draw *rand.Rand) {
	n := min(len(x), 1<<12)
	for i := range x[:n] {
		x[i] = draw.Float32()/16 + 1e-3
	}
	for done := n; done < len(x); done *= 2 {
		copy(x[done:], x[:done])
	}
}
