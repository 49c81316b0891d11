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
	"strings"
	"time"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/format"
	"github.com/ihae/ihae/format/onnx/lower"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

func main() {
	log.SetFlags(0)
	seconds := flag.Float64("seconds", 2, "for each measurement")
	threads := flag.Int("threads", 0, "threads (default all cores)")
	flag.Parse()
	pool := exec.NewPool(*threads)
	defer pool.Close()
	for _, path := range flag.Args() {
		for _, batch := range []int{1, 32} {
			if err := measure(path, batch, pool, *seconds); err != nil {
				log.Printf("%s at batch %d: %v", path, batch, err)
			}
		}
	}
}

// measure times one model at one batch, and prints a line.
func measure(path string, batch int, pool *exec.Pool, seconds float64) error {
	f, err := format.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	types, err := lower.InputTypes(f.Model, nil)
	if err != nil {
		return err
	}
	for _, p := range f.Model.Graph.Inputs { // the batch is open, whatever the file says
		if p.Type != nil && len(p.Type.Dims) > 0 {
			p.Type.Dims[0].Size, p.Type.Dims[0].Name = -1, "N"
		}
	}
	in := map[string]tensor.Tensor{}
	for name, t := range types {
		t.Shape = t.Shape.With(0, batch)
		in[name] = drawn(t)
	}
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

// drawn is an input of numbers from 0 to 1.
func drawn(t tensor.Type) tensor.Tensor {
	w := tensor.NewWide(t)
	r := rng.New(1).Rand()
	for i := range w.F {
		w.F[i] = r.Float64()
	}
	return w.Narrow()
}
