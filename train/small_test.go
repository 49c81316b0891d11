package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestLockIsHeldByOne takes a run twice, and again when it is free, over what a
// dead process left.
func TestLockIsHeldByOne(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, lockName), []byte(`{"pid":1,"host":"dead"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	first, err := acquire(dir, time.Unix(0, 0))
	if err != nil {
		t.Fatal("over a dead owner:", err)
	}
	var locked *LockedError
	if _, err := acquire(dir, time.Unix(0, 0)); !errors.As(err, &locked) || locked.Owner.PID != os.Getpid() {
		t.Fatalf("second owner: %v", err)
	}
	if o, ok := Writer(dir); !ok || o.PID != os.Getpid() {
		t.Errorf("Writer = %v, %v", o, ok)
	}
	first.release()
	if _, ok := Writer(dir); ok {
		t.Error("a free run has a writer")
	}
	second, err := acquire(dir, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	second.release()
}

// TestNaNIsNeverBest feeds validations in turn.
func TestNaNIsNeverBest(t *testing.T) {
	nan := Figure(math.NaN())
	var s state
	for i, c := range []struct {
		score Score
		best  bool
		stale int
	}{
		{Score{Accuracy: nan, Loss: nan}, false, 1},
		{Score{Accuracy: 0.5, Loss: nan}, false, 2},
		{Score{Accuracy: 0.5, Loss: 1}, true, 0},
		{Score{Accuracy: 0.5, Loss: 0.9}, true, 0},
		{Score{Accuracy: 0.5, Loss: 0.9}, false, 1},
		{Score{Accuracy: nan, Loss: nan}, false, 2},
		{Score{Accuracy: 0.4, Loss: 0.1}, false, 3},
		{Score{Accuracy: 0.6, Loss: 5}, true, 0},
	} {
		if best := s.validated(c.score, 0); best != c.best || s.Stale != c.stale {
			t.Errorf("validation %d: best %v, stale %d", i, best, s.Stale)
		}
	}
}

// TestLossDecidesWithoutAccuracy: of values and tokens the loss is judged.
func TestLossDecidesWithoutAccuracy(t *testing.T) {
	nan := Figure(math.NaN())
	var s state
	for i, c := range []struct {
		loss Figure
		best bool
	}{{1, true}, {1.1, false}, {0.9, true}, {nan, false}, {0.9, false}, {0.1, true}} {
		if best := s.validated(Score{Accuracy: nan, Loss: c.loss}, 0); best != c.best {
			t.Errorf("validation %d: best %v", i, best)
		}
	}
}

// TestPatienceAsksForMoreThanMinDelta lets a small gain be the best, but not end
// the waiting.
func TestPatienceAsksForMoreThanMinDelta(t *testing.T) {
	var s state
	s.validated(Score{Accuracy: 0.5, Loss: 1}, 0.01)
	if best := s.validated(Score{Accuracy: 0.505, Loss: 1}, 0.01); !best || s.Stale != 1 {
		t.Errorf("best %v, stale %d", best, s.Stale)
	}
}

// TestRecordsEndAtATornLine keeps the whole records that the checkpoint knows.
func TestRecordsEndAtATornLine(t *testing.T) {
	text := "{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n{\"ste"
	for _, c := range []struct{ n, step, want int }{{0, 9, 0}, {2, 9, 2}, {2, 1, 1}, {4, 9, 3}} {
		if got := firstRecords([]byte(text), c.n, c.step); bytes.Count(got, []byte("\n")) != c.want {
			t.Errorf("%d records up to step %d: %q", c.n, c.step, got)
		}
	}
}

// TestFiguresSurviveJSON has numbers that JSON does not.
func TestFiguresSurviveJSON(t *testing.T) {
	in := Record{Step: 3, Loss: Figure(math.NaN()), Accuracy: Figure(math.Inf(1)), LR: 0.1}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out Record
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	if !math.IsNaN(float64(out.Loss)) || !math.IsNaN(float64(out.Accuracy)) || out.LR != 0.1 {
		t.Errorf("%s became %+v", text, out)
	}
}

func sample(e Event) Progress {
	return Progress{
		Event: e, Run: "runs/x", Step: 50, Steps: 200, Epoch: 2, Epochs: 8, Loss: 0.25, Accuracy: 0.9,
		LR: 0.01, Rate: 1000, Elapsed: 10 * time.Second, Left: 65 * time.Second, Text: "careful",
		Valid: &Score{Accuracy: 0.875}, Best: &Score{Accuracy: 0.875, Epoch: 1},
	}
}

// TestPlainWritesNowAndThen has two steps in one interval.
func TestPlainWritesNowAndThen(t *testing.T) {
	var b strings.Builder
	r := NewPlain(&b, 5*time.Second)
	for _, e := range []Event{EventStep, EventStep, EventWarning, EventEnd} {
		r.Report(sample(e))
	}
	line := "epoch 2/8  step 50/200  loss 0.2500  accuracy 90.0 %  valid 87.5 %  lr 0.01  1000 images/s  ETA 1:05\n"
	if want := line + "warning: careful\n" + line; b.String() != want {
		t.Errorf("got:\n%swant:\n%s", b.String(), want)
	}
}

// TestLiveDrawsOverItself goes up as many lines as it has drawn, and never wraps.
func TestLiveDrawsOverItself(t *testing.T) {
	var b strings.Builder
	r := NewLive(&b, 40, false)
	r.Report(sample(EventStart))
	first := b.Len()
	r.Report(sample(EventEnd))
	block, again := b.String()[:first], b.String()[first:]
	if !strings.HasPrefix(again, "\x1b[4A\r\x1b[J") || strings.Count(block, "\n") != 4 {
		t.Errorf("drew %q, then %q", block, again)
	}
	for line := range strings.Lines(block) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n >= 40 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
}

// failing is a closed pipe.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, os.ErrClosed }

// TestReportersOutliveTheirWriter reports into a closed pipe.
func TestReportersOutliveTheirWriter(t *testing.T) {
	var lines bytes.Buffer
	for _, r := range []Reporter{NewPlain(failing{}, 0), NewLive(failing{}, 80, true), NewLines(failing{}, 0), NewLines(&lines, 0)} {
		for _, e := range []Event{EventStart, EventStep, EventEpoch, EventCheckpoint, EventWarning, EventEnd} {
			r.Report(sample(e))
		}
	}
	for line := range bytes.Lines(lines.Bytes()) {
		if !json.Valid(line) {
			t.Errorf("no JSON: %s", line)
		}
	}
	if n := bytes.Count(lines.Bytes(), []byte("\n")); n != 6 {
		t.Errorf("%d lines for 6 events", n)
	}
}
