package optim_test

import (
	"math"
	"strings"
	"testing"

	"github.com/ihae/ihae/optim"
	"pgregory.net/rapid"
)

// TestClosedForms compares schedules with values worked out by hand.
func TestClosedForms(t *testing.T) {
	half := math.Sqrt2 / 2
	for _, c := range []struct {
		name        string
		s           optim.Schedule
		step, total int
		want        float64
	}{
		{"constant", optim.Constant{}, 7, 10, 1},
		{"cosine at the start", optim.Cosine{}, 0, 100, 1},
		{"cosine at a quarter", optim.Cosine{}, 25, 100, (1 + half) / 2},
		{"cosine in the middle", optim.Cosine{Final: 0.2}, 50, 100, 0.6},
		{"cosine at the end", optim.Cosine{Final: 0.2}, 100, 100, 0.2},
		{"one-cycle at the start", optim.OneCycle{}, 0, 100, 1. / 25},
		{"one-cycle half up", optim.OneCycle{}, 15, 100, (1 + 1./25) / 2},
		{"one-cycle at the top", optim.OneCycle{}, 30, 100, 1},
		{"one-cycle half down", optim.OneCycle{}, 65, 100, (1 + 1./250000) / 2},
		{"one-cycle at the end", optim.OneCycle{Rise: 0.5, Divisor: 10, FinalDivisor: 100}, 100, 100, 1. / 1000},
		{"warmup, first", optim.Warmup{Steps: 4}, 0, 104, 0.25},
		{"warmup, last", optim.Warmup{Steps: 4}, 3, 104, 1},
		{"after warmup", optim.Warmup{Steps: 4}, 54, 104, 0.5},
		{"after warmup, constant", optim.Warmup{Steps: 4, Then: optim.Constant{}}, 90, 104, 1},
	} {
		if got := c.s.At(c.step, c.total); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestSchedulesStayInBounds asks every registered schedule for factors in
// [0, 1], whatever the step and total are.
func TestSchedulesStayInBounds(t *testing.T) {
	for _, name := range optim.Schedules() {
		s, err := optim.NewSchedule(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		rapid.Check(t, func(t *rapid.T) {
			step, total := rapid.IntRange(-1, 1000).Draw(t, "step"), rapid.IntRange(-1, 1000).Draw(t, "total")
			if f := s.At(step, total); !(f >= 0 && f <= 1+1e-12) {
				t.Fatalf("%s at %d of %d is %v", name, step, total, f)
			}
		})
	}
}

func TestSettingsByName(t *testing.T) {
	o, err := optim.New("sgd", map[string]any{"momentum": "0.95", "nesterov": true, "weight-decay": 5e-4})
	if want := (optim.SGD{Momentum: 0.95, Nesterov: true, WeightDecay: 5e-4}); err != nil || o != want {
		t.Error(o, err)
	}
	s, err := optim.NewSchedule("warmup", map[string]any{"steps": int64(5), "then": "constant"})
	if want := (optim.Warmup{Steps: 5, Then: optim.Constant{}}); err != nil || s != want {
		t.Error(s, err)
	}
	if got := optim.Settings(s); len(got) != 2 || got[0] != (optim.Setting{Name: "steps", Value: 5}) || got[1] != (optim.Setting{Name: "then", Value: "constant"}) {
		t.Error(got)
	}
}

// TestSettingsRefuse asks for messages that say what there is.
func TestSettingsRefuse(t *testing.T) {
	for _, c := range []struct {
		name, optimizer string
		set             map[string]any
		want            string
	}{
		{"an unknown optimizer", "adamant", nil, "[adagrad adam adamw rmsprop sgd]"},
		{"an unknown setting", "sgd", map[string]any{"decay": 1}, "[momentum nesterov weight-decay]"},
		{"no number", "sgd", map[string]any{"momentum": "much"}, `got "much"`},
		{"a negative number", "adamw", map[string]any{"eps": -1}, "at least 0"},
		{"not a number", "adamw", map[string]any{"eps": "nan"}, "at least 0"},
		{"no boolean", "sgd", map[string]any{"nesterov": "2"}, "true or false"},
		{"too much momentum", "sgd", map[string]any{"momentum": 1}, "less than 1"},
		{"a beta of one, of adam", "adam", map[string]any{"beta1": 1}, "less than 1"},
		{"a memory of one", "rmsprop", map[string]any{"memory": 1}, "less than 1"},
		{"a beta of one", "adamw", map[string]any{"beta2": 1}, "less than 1"},
	} {
		if _, err := optim.New(c.optimizer, c.set); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error = %v, want %q in it", c.name, err, c.want)
		}
	}
}

// TestRegisteredOptimizers asks every entry for what tables show.
func TestRegisteredOptimizers(t *testing.T) {
	for _, name := range optim.Optimizers() {
		e, err := optim.Lookup(name)
		if err != nil || e.Doc == "" || e.Cite == "" || e.Default.Name() != name {
			t.Error(name, err, e)
		}
	}
}
