package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSweepOfSeeds asks that the mean it prints is the mean of its runs, each
// with a page of its own.
func TestSweepOfSeeds(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sweep")
	code, out, errs := ihae(t.Context(), "train", "faces", "--steps", "8", "--sweep", "seed=0,1,2", "--out", dir, "--json")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	var done seedsLine
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &done); err != nil {
		t.Fatal(err)
	}
	var sum float64
	for _, name := range []string{"1", "2", "3"} {
		r := describeRun(filepath.Join(dir, name))
		sum += float64(r.Metrics["accuracy"])
		if _, err := os.Stat(filepath.Join(r.Run, reportFile)); err != nil || r.State != "done" {
			t.Errorf("%+v", r)
		}
	}
	if done.Runs != 3 || done.Split != "test" || math.Abs(float64(done.Metrics["accuracy"])-sum/3) > 1e-12 {
		t.Errorf("%+v, the runs have a mean of %v", done, sum/3)
	}
}

// TestSweepLooksAtTestLast asks that the trials' lines say nothing of the test
// split, by which nobody may choose, and that settings and folders are refused
// with the code of a wrong setting.
func TestSweepLooksAtTestLast(t *testing.T) {
	t.Chdir(t.TempDir())
	dir := filepath.Join(t.TempDir(), "sweep")
	code, out, errs := ihae(t.Context(), "train", "faces", "--steps", "8", "--sweep", "lr=0.001,0.002", "--out", dir, "--json")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || len(lines) != 3 {
		t.Fatalf("exit %d: %s %s", code, out, errs)
	}
	for _, l := range lines[:2] {
		if strings.Contains(l, "metrics") || !strings.Contains(l, `"valid":{`) {
			t.Error(l)
		}
	}
	for _, args := range [][]string{
		{"--sweep", "lr=0.01,0.02", "--out", dir}, {"--sweep", "lr"}, {"--sweep", "nothing=1"},
		{"--sweep", "lr=1,2", "--jobs", "-1"}, {"--sweep", "lr=1..2"},
	} {
		code, _, errs := ihae(t.Context(), append([]string{"train", "faces", "--steps", "8"}, args...)...)
		if code != exitUsage || strings.Count(strings.TrimSpace(errs), "\n") > 2 {
			t.Errorf("%v: exit %d, %s", args, code, errs)
		}
	}
}
