package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/internal/cpu"
	"github.com/ihae/ihae/ops"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
	"github.com/spf13/cobra"
)

func init() { register(doctorCommand) }

// health is what doctor finds.
type health struct {
	Version string            `json:"version"`
	Commit  string            `json:"commit"`
	Go      string            `json:"go"`
	System  string            `json:"system"`
	Cores   int               `json:"cores"`
	Form    string            `json:"kernels"`
	Forms   []string          `json:"kernels_supported"`
	GFLOPS  float64           `json:"gflops"`
	GBS     float64           `json:"gigabytes_per_second"`
	Data    map[string]string `json:"data"`
	Runs    string            `json:"runs"`
}

func doctorCommand(a *app) *cobra.Command {
	var threads int
	c := &cobra.Command{
		Use:   "doctor",
		Short: "say what this machine can do, and where data and runs live",
		Args:  exactly(0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			h, err := a.examine(c.Context(), threads)
			if err != nil {
				return err
			}
			if a.json {
				a.emit(h)
				return nil
			}
			a.showHealth(h)
			return nil
		},
	}
	c.Flags().IntVar(&threads, "threads", 0, "threads (default all cores)")
	return c
}

func (a *app) examine(ctx context.Context, threads int) (health, error) {
	version, commit := train.Version()
	h := health{
		Version: version, Commit: commit, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Cores: cpu.Cores(), Form: string(cpu.Best()), Data: map[string]string{},
	}
	for _, f := range cpu.Supported() {
		h.Forms = append(h.Forms, string(f))
	}
	for _, name := range data.Names() {
		if e, err := data.Lookup(name); err == nil {
			h.Data[name] = e.Find(a.roots()...)
		}
	}
	h.Runs = "runs"
	if dir, err := os.Getwd(); err == nil {
		h.Runs = filepath.Join(dir, "runs")
	}
	pool, err := a.pool(threads)
	if err != nil {
		return h, err
	}
	defer pool.Close()
	if h.GFLOPS, err = peakFLOPS(ctx, pool); err != nil {
		return h, err
	}
	h.GBS, err = peakBandwidth(ctx, pool)
	return h, err
}

func (a *app) showHealth(h health) {
	a.printf("ihae %s %s, %s %s\n", h.Version, h.Commit, h.Go, h.System)
	a.printf("cores      %d\n", h.Cores)
	a.printf("kernels    %s of %v (IHAE_CPU)\n", h.Form, h.Forms)
	a.printf("arithmetic %.0f GFLOP/s in float32\n", h.GFLOPS)
	a.printf("memory     %.1f GB/s\n", h.GBS)
	a.printf("runs       %s\n", h.Runs)
	for _, name := range data.Names() {
		where := h.Data[name]
		if where == "" {
			where = "not found below " + filepath.Join("~", ".ihae", "data") + ", data or IHAE_DATA; --data takes another place"
		}
		if name == "faces" {
			where = "carried by the program"
		}
		a.printf("data %-8s %s\n", name, where)
	}
}

// peakFLOPS multiplies matrices, in 10^9 operations a second.
func peakFLOPS(ctx context.Context, pool *exec.Pool) (float64, error) {
	const n = 768
	g := graph.New()
	x, y := g.Leaf("a", tensor.F32(n, n)), g.Leaf("b", tensor.F32(n, n))
	return best(ctx, pool, []*graph.Node{x, y}, ops.MatMul(x, y), 2*n*n*n)
}

// peakBandwidth adds arrays that fit into no cache, in 10^9 bytes a second.
func peakBandwidth(ctx context.Context, pool *exec.Pool) (float64, error) {
	const n = 1 << 24
	g := graph.New()
	x, y := g.Leaf("a", tensor.F32(n)), g.Leaf("b", tensor.F32(n))
	return best(ctx, pool, []*graph.Node{x, y}, ops.Add(x, y), 3*4*n)
}

// best is work by the shortest of several runs of out, in 10^9 a second.
func best(ctx context.Context, pool *exec.Pool, in []*graph.Node, out *graph.Node, work float64) (float64, error) {
	f, err := graph.NewFunc("measure", in, []*graph.Node{out})
	if err != nil {
		return 0, err
	}
	p, err := plan.Compile(f, plan.Options{})
	if err != nil {
		return 0, err
	}
	m := exec.NewMachine(p, pool)
	var fed []tensor.Tensor
	for _, n := range in {
		fed = append(fed, tensor.New(n.Type()))
	}
	least := time.Hour
	for range 7 {
		start := time.Now()
		if _, err := m.Run(ctx, fed); err != nil {
			return 0, err
		}
		least = min(least, time.Since(start))
	}
	return work / least.Seconds() / 1e9, nil
}
