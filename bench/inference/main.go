// Command inference times models in files, the shortest of many runs each, and
// prints lines as bench/table reads them. See bench/inference.sh.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/graph"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

func main() {
	log.SetFlags(0)
	seconds := flag.Float64("seconds", 2, "for each measurement")
	threads := flag.Int("threads", 0, "threads (default all cores)")
	batches := flag.String("batches", "1,32", "sizes of the batch")
	profile := flag.Bool("profile", false, "print what each instruction takes instead")
	flag.Parse()
	pool := exec.NewPool(*threads)
	defer pool.Close()
	for _, path := range flag.Args() {
		for text := range strings.SplitSeq(*batches, ",") {
			batch, err := strconv.Atoi(text)
			if err != nil {
				log.Fatal(err)
			}
			work := measure
			if *profile {
				work = profiled
			}
			if err := work(path, batch, pool, *seconds); err != nil {
				log.Printf("%s at batch %d: %v", path, batch, err)
			}
		}
	}
}

// measure times one model at one batch, and prints a line.
func measure(path string, batch int, pool *exec.Pool, seconds float64) error {
	f, in, err := opened(path, batch)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	s, err := lower.NewSession(f.Model, lower.Options{Pool: pool})
	if err != nil {
		return err
	}
	defer s.Close()
	best := math.Inf(1)
	for begin, n := time.Now(), 0; time.Since(begin).Seconds() < seconds || n < 3; n++ {
		start := time.Now()
		if _, err := s.Run(context.Background(), in); err != nil {
			return err
		}
		best = math.Min(best, time.Since(start).Seconds())
	}
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"bench": fmt.Sprintf("%s-%d", name, batch), "side": "ihae", "ms": best * 1e3})
}

// opened is a model whose batch is open, whatever the file says, and inputs.
func opened(path string, batch int) (*format.File, map[string]tensor.Tensor, error) {
	f, err := format.Open(path)
	if err != nil {
		return nil, nil, err
	}
	types, err := lower.InputTypes(f.Model, nil)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range f.Model.Graph.Inputs {
		if p.Type != nil && len(p.Type.Dims) > 0 {
			p.Type.Dims[0].Size, p.Type.Dims[0].Name = -1, "N"
		}
	}
	in := map[string]tensor.Tensor{}
	for name, t := range types {
		t.Shape = t.Shape.With(0, batch)
		in[name] = drawn(t)
	}
	return f, in, nil
}

// profiled prints the time of each instruction of a model's program.
func profiled(path string, batch int, pool *exec.Pool, seconds float64) error {
	f, in, err := opened(path, batch)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	types := map[string]tensor.Type{}
	for name, t := range in {
		types[name] = t.Type()
	}
	x, err := lower.Lower(lower.InWholeNumbers(f.Model, nil), lower.Binding{Types: types})
	if err != nil {
		return err
	}
	fn, err := graph.NewFunc("model", x.Inputs, x.Outputs)
	if err != nil {
		return err
	}
	p, err := plan.Compile(fn, plan.Options{})
	if err != nil {
		return err
	}
	var operands []tensor.Tensor
	for _, n := range x.Inputs {
		operands = append(operands, in[n.Op().(graph.Leaf).Label])
	}
	m := exec.NewMachine(p, pool)
	for begin, n := time.Now(), 0; time.Since(begin).Seconds() < seconds || n < 3; n++ {
		if _, err := m.Run(context.Background(), operands); err != nil {
			return err
		}
		if n == 0 {
			m.Count()
		}
	}
	return m.Profile().Dump(os.Stdout)
}

// drawn is an input of numbers from 0 to 1.
func drawn(t tensor.Type) tensor.Tensor {
	w := tensor.NewWide(t)
	r := rng.New(1).Rand()
	for i := range w.F {
		w.F[i] = r.Float64()
	}
	return w.Narrow()
}
