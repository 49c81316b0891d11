// Ours times this repository's train steps, products and passes in the way the
// peers beside it are timed. It prints one JSON line a measurement.
//
//	go run ./bench/ours [-seconds 6] [-only gemm,objects] [-memory objects] [-profile objects]
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
)

// line is one measurement.
type line struct {
	Bench     string  `json:"bench"`
	Side      string  `json:"side"`
	Ms        float64 `json:"ms,omitempty"`
	PerSecond float64 `json:"per_s,omitempty"`
	GFLOPs    float64 `json:"gflops,omitempty"`
	Bytes     int64   `json:"bytes,omitempty"`
}

// measurement is one line to make, or a few. Files add theirs to measurements.
type measurement struct {
	name string
	run  func(b *bench) error
}

var measurements []measurement

func add(name string, run func(b *bench) error) {
	measurements = append(measurements, measurement{name, run})
}

// bench is what a measurement has to work with.
type bench struct {
	pool    *exec.Pool
	seconds float64 // to spend on each line
	peak    bool    // memory in place of time
}

func main() {
	seconds := flag.Float64("seconds", 6, "time spent on each measurement")
	only := flag.String("only", "", "measure only what begins with one of these, with commas between")
	memory := flag.String("memory", "", "measure the peak memory of a network's training instead")
	peak := flag.Bool("peak", false, "measure the peak memory of 20 runs of the one function that -only names instead")
	profile := flag.String("profile", "", "print what each instruction of a network's step takes instead")
	threads := flag.Int("threads", 0, "threads; 0 is one for each core")
	flag.Parse()
	b := &bench{exec.NewPool(*threads), *seconds, *peak}
	defer b.pool.Close()
	if err := b.run(*only, *memory, *profile); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (b *bench) run(only, memory, profile string) error {
	for _, n := range networks {
		switch n.name {
		case memory:
			return n.memory(b.pool)
		case profile:
			return n.profile(b.pool, b.seconds)
		}
	}
	if memory != "" || profile != "" {
		return fmt.Errorf("there is no network %q", memory+profile)
	}
	for _, m := range measurements {
		if !chosen(m.name, only) {
			continue
		}
		if err := m.run(b); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

// chosen says whether name begins with something in the list, or the list is empty.
func chosen(name, list string) bool {
	for prefix := range strings.SplitSeq(list, ",") {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func show(l line) error {
	l.Side = "ihae"
	return json.NewEncoder(os.Stdout).Encode(l)
}

// best is the shortest of f's runs over some seconds, after three that warm up.
func best(seconds float64, f func() error) (float64, error) {
	for range 3 {
		if err := f(); err != nil {
			return 0, err
		}
	}
	shortest, start := 1e9, time.Now()
	for time.Since(start).Seconds() < seconds {
		t := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		shortest = min(shortest, time.Since(t).Seconds())
	}
	return shortest, nil
}

// function times a function of float32 leaves whose values are drawn; those
// labelled "zero…" and int32 leaves stay 0. flops is what the rate is made of, 0
// for none; donate is as in plan.Options.
func (b *bench) function(name string, in, out []*graph.Node, flops float64, donate ...[2]int) error {
	before := train.PeakMemory()
	f, err := graph.NewFunc(name, in, out)
	if err != nil {
		return err
	}
	program, err := plan.Compile(f, plan.Options{Donate: donate})
	if err != nil {
		return err
	}
	m := exec.NewMachine(program, b.pool)
	fed := make([]tensor.Tensor, len(in))
	for i, n := range in {
		fed[i] = tensor.New(n.Type())
		if n.DType() == tensor.Float32 && !strings.HasPrefix(n.Op().(graph.Leaf).Label, "zero") {
			rng.New(uint64(i)).Normal(fed[i].Floats(), 0, 1)
		}
	}
	run := func() error { _, err := m.Run(context.Background(), fed); return err }
	if b.peak {
		for range 20 {
			if err := run(); err != nil {
				return err
			}
		}
		return show(line{Bench: name + "-memory", Bytes: train.PeakMemory() - before})
	}
	t, err := best(b.seconds, run)
	if err != nil {
		return err
	}
	return show(line{Bench: name, Ms: t * 1e3, GFLOPs: flops / t / 1e9})
}
