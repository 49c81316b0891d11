package task_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ihae/ihae/task"
	"github.com/ihae/ihae/train"
)

func axes(t *testing.T, texts ...string) task.Sweep {
	t.Helper()
	var w task.Sweep
	for _, text := range texts {
		a, err := task.ParseAxis(text)
		if err != nil {
			t.Fatal(err)
		}
		w.Axes = append(w.Axes, a)
	}
	return w
}

// TestTrialsOfAGrid writes the combinations out.
func TestTrialsOfAGrid(t *testing.T) {
	w := axes(t, "lr=0.1,0.01", "seed=3,4", "widths=8,16;16,32")
	trials, err := w.Trials(0)
	if err != nil || len(trials) != 8 {
		t.Fatal(len(trials), err)
	}
	var got []string
	for _, x := range trials {
		got = append(got, x.Name+" "+strings.Join(x.Set, " ")+" "+strconv.FormatUint(x.Seed, 10))
	}
	want := []string{"1 lr=0.1 widths=8,16 3", "2 lr=0.1 widths=16,32 3", "3 lr=0.1 widths=8,16 4"}
	if !slices.Equal(got[:3], want) || got[7] != "8 lr=0.01 widths=16,32 4" {
		t.Errorf("%q", got)
	}
}

// TestTrialsAreDrawn asks that draws stay in the range, spread over it by order
// of magnitude, are whole where the bounds are, and depend on the seed alone.
func TestTrialsAreDrawn(t *testing.T) {
	w := axes(t, "lr=0.0001..0.1", "batch=8..11", "schedule=cosine,constant")
	w.Draws = 400
	trials, err := w.Trials(7)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := w.Trials(7)
	other, _ := w.Trials(8)
	decades, batches := [3]int{}, map[string]int{}
	for i, x := range trials {
		if !slices.Equal(x.Set, again[i].Set) {
			t.Fatal("the same seed draws something else")
		}
		lr, _ := strconv.ParseFloat(strings.TrimPrefix(x.Set[0], "lr="), 64)
		if lr < 0.0001 || lr > 0.1 {
			t.Fatalf("%v is out of the range", lr)
		}
		switch {
		case lr < 0.001:
			decades[0]++
		case lr < 0.01:
			decades[1]++
		default:
			decades[2]++
		}
		batches[x.Set[1]]++
	}
	for _, n := range decades { // 133 each; 6 deviations are 57
		if n < 76 || n > 190 {
			t.Errorf("draws by decade %v", decades)
		}
	}
	if len(batches) != 4 || batches["batch=8"] < 50 || batches["batch=11"] < 50 {
		t.Errorf("whole numbers %v", batches)
	}
	if slices.Equal(trials[0].Set, other[0].Set) && slices.Equal(trials[1].Set, other[1].Set) {
		t.Error("another seed draws the same")
	}
}

// TestSweep runs a small one, breaks a trial off, goes on, and asks that the best
// by validation comes first and equals the run made alone.
func TestSweep(t *testing.T) {
	s, err := task.Lookup("faces")
	if err != nil {
		t.Fatal(err)
	}
	w := axes(t, "lr=0.00001,0.005")
	o := task.Options{Dir: filepath.Join(t.TempDir(), "sweep"), Threads: 2, Set: []string{"steps=40"}}
	quiet := func(task.Trial, train.Progress) {}
	ctx, stop := context.WithCancel(t.Context())
	var steps atomic.Int64
	_, err = s.Sweep(ctx, o, w, func(task.Trial, train.Progress) {
		if steps.Add(1) == 20 {
			stop()
		}
	}, func(task.Outcome) {})
	if err == nil {
		t.Fatal("a cancelled sweep says nothing")
	}
	outcomes, err := s.Sweep(t.Context(), o, w, quiet, func(task.Outcome) {})
	if err != nil || len(outcomes) != 2 || outcomes[0].Err != nil || outcomes[1].Err != nil {
		t.Fatalf("%+v, %v", outcomes, err)
	}
	best := outcomes[0]
	if best.Set[0] != "lr=0.005" || !best.Result.Valid.Better(*outcomes[1].Result.Valid) {
		t.Errorf("the best is %v with %+v", best.Set, best.Result.Valid)
	}
	alone, err := s.Run(t.Context(), task.Options{
		Dir: filepath.Join(t.TempDir(), "alone"), Threads: 1, Set: []string{"steps=40", "valid=0.1", "lr=0.005"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if alone.Metrics["loss"] != best.Result.Metrics["loss"] {
		t.Errorf("alone it has loss %v, in the sweep %v", alone.Metrics["loss"], best.Result.Metrics["loss"])
	}
	w = axes(t, "lr=0.001,0.005")
	if outcomes, err = s.Sweep(t.Context(), o, w, quiet, func(task.Outcome) {}); err != nil || outcomes[1].Err == nil {
		t.Errorf("a folder with other settings is used: %+v, %v", outcomes, err)
	}
}

// TestSweepRefuses asks for an error before anything runs.
func TestSweepRefuses(t *testing.T) {
	s, err := task.Lookup("faces")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		set  string
		axes []string
	}{
		{"valid=0", []string{"lr=1,2"}},
		{"steps=1", []string{"lr=1,2", "lr=3"}},
		{"steps=1", []string{"lr=1..2"}},
		{"steps=1", []string{"nothing=1,2"}},
		{"steps=1", []string{"seed=a"}},
		{"steps=1", []string{"lr=1,2", "epochs=zero"}},
	} {
		dir := filepath.Join(t.TempDir(), "none")
		_, err := s.Sweep(t.Context(), task.Options{Dir: dir, Set: []string{c.set}}, axes(t, c.axes...), nil, nil)
		if err == nil {
			t.Errorf("%v: no error", c)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%v: a folder was made", c)
		}
	}
	for _, text := range []string{"", "lr", "lr=", "=1", "lr=2..1", "lr=1..x", "lr=1,,2", "lr=1,1", "lr=-Inf..Inf"} {
		if a, err := task.ParseAxis(text); err == nil {
			t.Errorf("%q is read as %+v", text, a)
		}
	}
}
