package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCompareRuns trains two short runs and asks that the comparison says what
// is in their own files.
func TestCompareRuns(t *testing.T) {
	dir := t.TempDir()
	a, b, page := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "page.html")
	for i, out := range []string{a, b} {
		if code, _, errs := ihae(t.Context(), "train", "faces", "-q", "--steps", "8", "--seed", string('0'+rune(i)), "--out", out); code != 0 {
			t.Fatalf("exit %d: %s", code, errs)
		}
	}
	code, out, errs := ihae(t.Context(), "runs", "compare", a, b, a, "--json", "--out", page)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	var l comparisonLine
	if err := json.Unmarshal([]byte(out), &l); err != nil {
		t.Fatal(err)
	}
	if len(l.Runs) != 2 || len(l.Pairs) != 1 || len(l.Settings) != 1 || strings.Join(l.Settings["seed"], " ") != "0 1" {
		t.Fatalf("%+v", l)
	}
	p := l.Pairs[0]
	right := []int{p.Both + p.OnlyA, p.Both + p.OnlyB}
	for i, r := range l.Runs {
		if want := float64(r.Metrics["accuracy"]) * 60; float64(right[i]) != math.Round(want) || p.Both+p.OnlyA+p.OnlyB+p.Neither != 60 {
			t.Errorf("%s: %d right answers, its accuracy says %g: %+v", r.Run, right[i], want, p)
		}
	}
	text, err := os.ReadFile(page)
	if err != nil || !strings.Contains(string(text), "<svg") {
		t.Errorf("no curves in the page: %v", err)
	}
	for _, args := range [][]string{{a}, {a, filepath.Join(dir, "nothing")}, {a, a}} {
		if code, _, errs := ihae(t.Context(), append([]string{"runs", "compare", "--out", page}, args...)...); code != exitUsage && code != exitInput || errs == "" {
			t.Errorf("%q: exit %d, %q", args, code, errs)
		}
	}
}

// TestCompareLanguageModels: there are no answers to compare one by one; and a
// page that cannot be written says what to change.
func TestCompareLanguageModels(t *testing.T) {
	t.Chdir(t.TempDir())
	put(t, "verse.txt", strings.Repeat("I wandered lonely as a cloud\n", 60))
	for _, name := range []string{"gpt", "lstm"} {
		must(t, "train", "chars", "--data", "verse.txt", "--steps", "2", "--out", name, "--set", "model="+name, "--set", "width=8", "--set", "context=8", "-q")
	}
	if out := must(t, "runs", "compare", "gpt", "lstm"); !strings.Contains(out, "perplexity") {
		t.Error(out)
	}
	if code, _, errs := ihae(t.Context(), "runs", "compare", "gpt", "lstm", "--out", "nowhere/page.html"); code != exitResource || !strings.Contains(errs, "nowhere/page.html") {
		t.Errorf("exit %d, %s", code, errs)
	}
}
