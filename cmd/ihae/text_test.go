package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// file writes a file in the working folder.
func file(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestSample trains a language model and lets it write.
func TestSample(t *testing.T) {
	t.Chdir(t.TempDir())
	file(t, "a.txt", strings.Repeat("다람쥐 헌 쳇바퀴에 타고파\n", 80))
	must(t, "train", "chars", "--data", "a.txt", "--out", "run", "-q", "--steps", "30",
		"--set", "units=jamo", "--set", "context=16", "--set", "layers=1", "--set", "width=16", "--set", "heads=2")
	sample := []string{"sample", "run", "--prompt", "다람쥐", "--length", "60", "--seed", "4"}
	first := must(t, sample...)
	if !strings.HasPrefix(first, "다람쥐") || len(first) < 60 {
		t.Errorf("it writes %q", first)
	}
	if again := must(t, sample...); again != first {
		t.Errorf("one seed writes %q and %q", first, again)
	}
	line := lines(t, must(t, append(sample, "--json")...))[0]
	if got := "다람쥐" + line["text"].(string) + "\n"; got != first || line["tokens"] != 60.0 {
		t.Errorf("as JSON it writes %q, else %q", got, first)
	}
	for _, c := range []struct {
		code int
		args []string
		want string
	}{
		{2, []string{"sample", "run", "--prompt", "Z"}, "no token for any of it"},
		{2, []string{"sample", "run", "--prompt", "다Z"}, "has no 'Z'"},
		{2, []string{"sample", "run", "--temperature", "-1"}, "the temperature is -1"},
		{2, []string{"sample", "run", "--top-p", "2"}, "top-p is 2"},
		{3, []string{"sample", "nowhere"}, "nowhere"},
		{3, []string{"predict", "run", "a.txt"}, "ihae sample"},
	} {
		if code, _, errs := ihae(t.Context(), c.args...); code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit %d, %s, want %d and %q", c.args, code, errs, c.code, c.want)
		}
	}
	page, err := os.ReadFile("run/report.html")
	if err != nil || !strings.Contains(string(page), "What surprises it") || !strings.Contains(string(page), "What it wrote on the way") {
		t.Errorf("the report: %v", err)
	}
}

// TestPredictTexts answers for tables and for files with a text a line.
func TestPredictTexts(t *testing.T) {
	t.Chdir(t.TempDir())
	var table strings.Builder
	table.WriteString("review,label\n")
	for i := range 120 {
		fmt.Fprintf(&table, "the film %d is good,yes\nthe film %d is bad,no\n", i%7, i%5)
	}
	file(t, "a.csv", table.String())
	must(t, "train", "text", "--data", "a.csv", "--out", "run", "-q", "--epochs", "8", "--set", "lr=0.01", "--set", "width=16", "--set", "channels=16")
	file(t, "new.csv", "id,review\n1,the film is good\n2,the film is bad\n")
	file(t, "new.txt", "a good film, is it\nthe film is bad "+strings.Repeat("and so on ", 20)+"\n")
	file(t, "one.csv", "good\nbad\n")
	for name, want := range map[string][]string{"new.csv": {"yes", "no"}, "new.txt": {"yes", "no"}, "one.csv": {"yes", "no"}} {
		for i, line := range lines(t, must(t, "predict", "run", name, "--json")) {
			if line["label"] != want[i] || line["row"] != float64(i+1) {
				t.Errorf("%s: %v, want row %d to be %s", name, line, i+1, want[i])
			}
			if long := name == "new.txt" && i == 1; (line["truncated"] == true) != long {
				t.Errorf("%s: %v, truncated is not %v", name, line, long)
			}
		}
	}
	file(t, "bad.csv", "x,y\n1,2\n")
	if code, _, errs := ihae(t.Context(), "predict", "run", "bad.csv", "missing.csv"); code != 3 || !strings.Contains(errs, `no column "review"`) || !strings.Contains(errs, "missing.csv") {
		t.Errorf("exit %d, %s", code, errs)
	}
	page, err := os.ReadFile("run/report.html")
	if err != nil || !strings.Contains(string(page), "What speaks for a class") {
		t.Errorf("the report: %v", err)
	}
}
