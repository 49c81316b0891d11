package train

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/media"
)

// trained is a finished run and a predictor of it.
func trained(t *testing.T) (Job, *Predictor) {
	t.Helper()
	job := fiveEpochs(t, t.TempDir())
	mustFit(t, job)
	run, err := OpenRun(job.Dir)
	if err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(2)
	t.Cleanup(pool.Close)
	p, err := run.Predictor(pool, func(text string) { t.Error(text) })
	if err != nil {
		t.Fatal(err)
	}
	return job, p
}

// TestPredictionIsSafeForConcurrentUse asks about each test image from several
// goroutines, and compares with the evaluation of all at once.
func TestPredictionIsSafeForConcurrentUse(t *testing.T) {
	job, p := trained(t)
	e, err := Evaluate(t.Context(), p, job.Data, data.Test)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for i := range e.Count {
				ex, err := data.ExampleOf(job.Data, data.Test, i)
				if err != nil {
					t.Error(err)
					return
				}
				m, err := media.ImageOf(ex[data.FieldImage])
				if err != nil {
					t.Error(err)
					return
				}
				g, err := p.Predict(t.Context(), m)
				if err != nil {
					t.Error(err)
					return
				}
				row := e.Predictions.Row(i)
				if d := float64(g[0].Probability) - float64(max(row[0], row[1])); d > 1e-5 || d < -1e-5 {
					t.Errorf("example %d: %v alone, %v among others", i, g, row)
				}
			}
		})
	}
	wg.Wait()
}

// TestEvaluationIsTheResult measures a run again, and with classes in another
// order, and refuses classes that the network does not know.
func TestEvaluationIsTheResult(t *testing.T) {
	job, p := trained(t)
	r, err := ReadResult(job.Dir)
	if err != nil {
		t.Fatal(err)
	}
	e, err := Evaluate(t.Context(), p, job.Data, "")
	if err != nil || fmt.Sprint(e.Metrics) != fmt.Sprint(r.Metrics) {
		t.Errorf("%v, %v; the run says %v", e.Metrics, err, r.Metrics)
	}
	for _, c := range []struct {
		classes []string
		refused bool
	}{{[]string{"right", "left"}, false}, {[]string{"left", "middle"}, true}} {
		_, err := Evaluate(t.Context(), p, renamed{job.Data, c.classes}, data.Test)
		var refused *DataError
		if errors.As(err, &refused) != c.refused {
			t.Errorf("classes %v: %v", c.classes, err)
		}
	}
}

// renamed is a dataset with other names of classes.
type renamed struct {
	data.Dataset
	classes []string
}

func (r renamed) Card() data.Card {
	c := r.Dataset.Card()
	c.Classes = r.classes
	return c
}

// TestBestFallsBack damages the best checkpoint.
func TestBestFallsBack(t *testing.T) {
	job, _ := trained(t)
	s := store{Disk{}, job.Dir}
	best, ok := s.pointed(bestPointer)
	if !ok {
		t.Fatal("no BEST")
	}
	if err := os.WriteFile(filepath.Join(s.dir(), stepName(best), modelFile), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	run, err := OpenRun(job.Dir)
	if err != nil {
		t.Fatal(err)
	}
	warned := 0
	if _, step, err := run.Best(func(string) { warned++ }); err != nil || step == best || warned != 1 {
		t.Errorf("step %d, %d warnings, %v", step, warned, err)
	}
}

// TestRefusals opens what is no run, and resumes with other data or another
// architecture.
func TestRefusals(t *testing.T) {
	var run *RunError
	if _, err := OpenRun(t.TempDir()); !errors.As(err, &run) {
		t.Errorf("an empty folder: %v", err)
	}
	job := fiveEpochs(t, t.TempDir())
	mustFit(t, job)
	if _, err := Fit(t.Context(), job); !errors.As(err, &run) {
		t.Errorf("a folder in use: %v", err)
	}
	if err := os.Remove(filepath.Join(job.Dir, resultFile)); err != nil {
		t.Fatal(err)
	}
	job.Resume = true
	var config *ConfigError
	other := job
	other.Data = halves(t, map[data.Split]int{data.Train: 48, data.Valid: 12, data.Test: 20})
	if _, err := Fit(t.Context(), other); !errors.As(err, &config) || config.Key != "data" {
		t.Errorf("other data: %v", err)
	}
	other = job
	other.Model.Input.Scale = 0.5
	if _, err := Fit(t.Context(), other); !errors.As(err, &config) || config.Key != "architecture" {
		t.Errorf("another model: %v", err)
	}
}
