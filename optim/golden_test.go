package optim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/ihae/ihae/optim"
	"github.com/ihae/ihae/tensor"
)

// golden is what testdata/golden.py wrote.
type golden struct {
	Trajectories []struct {
		Optimizer string
		Settings  map[string]any
		Problem   string
		LR        float64
		Points    map[string][]float64
	}
	LBFGS []struct {
		Settings struct {
			History int
			LR      float64
			Fixed   bool
		}
		Problem string
		Points  [][]float64
	}
	Schedules []struct {
		Schedule string
		Settings map[string]any
		Total    int
		Losses   []float64
		Rates    []float64
	}
}

func readGolden(t *testing.T) golden {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func problemOf(t *testing.T, name string) problem {
	t.Helper()
	for _, p := range problems {
		if p.name == name {
			return p
		}
	}
	t.Fatalf("no problem %q", name)
	return problem{}
}

// apart is the largest distance of a from b, as a share of b where that is
// above 1.
func apart(a, b []float64) float64 {
	top := 0.0
	for i := range b {
		d := math.Abs(a[i]-b[i]) / max(1, math.Abs(b[i]))
		if math.IsNaN(d) {
			return math.Inf(1)
		}
		top = max(top, d)
	}
	return top
}

// TestPyTorchTrajectories walks 100 updates beside PyTorch's optimizers in
// float64, with a rate that changes.
func TestPyTorchTrajectories(t *testing.T) {
	for _, c := range readGolden(t).Trajectories {
		t.Run(fmt.Sprint(c.Optimizer, c.Settings, c.Problem), func(t *testing.T) {
			o, err := optim.New(c.Optimizer, c.Settings)
			if err != nil {
				t.Fatal(err)
			}
			problem := problemOf(t, c.Problem)
			u := newUpdates(t, o, len(problem.start), true)
			p, slots := problem.start, []tensor.Wide(nil)
			for step := 1; step <= 100; step++ {
				p, slots = u.step(p, problem.grad(p), c.LR/(1+0.01*float64(step)), step, slots)
				if want, ok := c.Points[strconv.Itoa(step)]; ok && apart(p, want) > 1e-10 {
					t.Fatalf("step %d: %v, want %v", step, p, want)
				}
			}
		})
	}
}

// values is the value of each problem.
var values = map[string]func(p []float64) float64{
	"quadratic": func(p []float64) float64 {
		return 0.5*p[0]*p[0] + 2*p[1]*p[1] + 0.25*(p[2]-2)*(p[2]-2)
	},
	"Rosenbrock": func(p []float64) float64 {
		d := p[1] - p[0]*p[0]
		return 100*d*d + (1-p[0])*(1-p[0])
	},
}

func (c problem) objective() optim.Objective {
	return func(_ context.Context, x, grad []float64) (float64, error) {
		copy(grad, c.grad(x))
		return values[c.name](x), nil
	}
}

// TestPyTorchLBFGS compares the point after each iteration. Rosenbrock's valley
// multiplies roundings, so the bound is that of the trajectory, relative.
func TestPyTorchLBFGS(t *testing.T) {
	for _, c := range readGolden(t).LBFGS {
		t.Run(fmt.Sprintf("%+v %s", c.Settings, c.Problem), func(t *testing.T) {
			problem := problemOf(t, c.Problem)
			o := optim.LBFGS{History: c.Settings.History, LR: c.Settings.LR, Fixed: c.Settings.Fixed, Calls: 1000}
			for i, want := range c.Points {
				o.Iterations = i + 1
				x := append([]float64{}, problem.start...)
				m, err := o.Minimize(t.Context(), x, problem.objective())
				if err != nil {
					t.Fatal(err)
				}
				if d := apart(x, want); d > 1e-10 {
					t.Fatalf("iteration %d: %v, want %v, %g apart (%+v)", i+1, x, want, d, m)
				}
			}
		})
	}
}

// TestPyTorchSchedules compares the rates of a run.
func TestPyTorchSchedules(t *testing.T) {
	for _, c := range readGolden(t).Schedules {
		t.Run(fmt.Sprint(c.Schedule, c.Settings), func(t *testing.T) {
			s, err := optim.NewSchedule(c.Schedule, c.Settings)
			if err != nil {
				t.Fatal(err)
			}
			var w optim.Watched
			for i, want := range c.Rates {
				if got := s.At(i, c.Total) * w.Rate(); math.Abs(got-want) > 1e-12 {
					t.Fatalf("step %d: %v, want %v", i, got, want)
				}
				if i < len(c.Losses) {
					w = s.(optim.Adaptive).Watch(w, c.Losses[i])
				}
			}
		})
	}
}
