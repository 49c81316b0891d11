package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/ihae/ihae/train"
)

// score is what trainings came to on what they did not see.
type score struct {
	fits, count int
	right, loss float64 // sums over examples
	accuracy    []float64
	seconds     float64
	missed      map[string]int
}

// fit does a training in a folder of its own, which goes away again.
func fit(ctx context.Context, job train.Job) (score, error) {
	dir, err := os.MkdirTemp("", "crossval")
	if err != nil {
		return score{}, err
	}
	defer os.RemoveAll(dir)
	job.Dir = filepath.Join(dir, "run")
	r, err := train.Fit(ctx, job)
	if err != nil {
		return score{}, err
	}
	n, accuracy := float64(r.Count), float64(r.Metrics["accuracy"])
	s := score{
		fits: 1, count: r.Count, seconds: r.Seconds,
		right: accuracy * n, loss: float64(r.Metrics["loss"]) * n, accuracy: []float64{accuracy},
	}
	s.missed, err = misses(filepath.Join(job.Dir, "predictions.jsonl"), job.Model.Labels)
	return s, err
}

// misses counts the examples of a run's predictions that it gets wrong.
func misses(path string, labels []string) (map[string]int, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	missed := map[string]int{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var p struct {
			ID, Label     string
			Probabilities []float64
		}
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if most := slices.Index(p.Probabilities, slices.Max(p.Probabilities)); labels[most] != p.Label {
			missed[p.ID]++
		}
	}
	return missed, lines.Err()
}

func (s *score) add(o score) {
	s.fits += o.fits
	s.count += o.count
	s.right += o.right
	s.loss += o.loss
	s.seconds += o.seconds
	s.accuracy = append(s.accuracy, o.accuracy...)
	if s.missed == nil {
		s.missed = map[string]int{}
	}
	for id, n := range o.missed {
		s.missed[id] += n
	}
}

// text is the mean over all held-out examples, with the standard error that
// the spread between trainings implies.
func (s *score) text() string {
	n, mean := float64(s.count), s.right/float64(s.count)
	variance := 0.0
	for _, a := range s.accuracy {
		variance += (a - mean) * (a - mean)
	}
	k := float64(s.fits)
	return fmt.Sprintf("accuracy %.2f ± %.2f %%  loss %.4f  of %d held out in %d trainings of %.1f s",
		100*mean, 100*math.Sqrt(variance/k/max(k-1, 1)), s.loss/n, s.count, s.fits, s.seconds/k)
}

// name lists the examples that are missed most.
func (s *score) name(w io.Writer, most int) {
	ids := slices.SortedFunc(maps.Keys(s.missed), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.missed[b], s.missed[a]), cmp.Compare(a, b))
	})
	for _, id := range ids[:min(most, len(ids))] {
		fmt.Fprintf(w, "  missed %d times: %s\n", s.missed[id], id)
	}
}
