package main

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ihae/ihae/train"
)

// lines reads JSON objects, one a line.
func lines(t *testing.T, text string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(text) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("no JSON object: %s", line)
		}
		all = append(all, v)
	}
	return all
}

// must runs a command that must end well.
func must(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := ihae(t.Context(), args...)
	if code != 0 {
		t.Fatalf("ihae %s: exit %d\n%s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

// TestFromTrainingToAnAnswer goes the whole way of a user: train, look, ask,
// measure, and go on with what is finished.
func TestFromTrainingToAnAnswer(t *testing.T) {
	t.Chdir(t.TempDir())
	all := lines(t, must(t, "train", "faces", "--epochs", "2", "--out", "r", "--json"))
	done := all[len(all)-1]
	if all[0]["event"] != "start" || done["event"] != "done" || done["run"] != "r" || done["split"] != "test" {
		t.Errorf("first %v, last %v", all[0], done)
	}
	accuracy := done["metrics"].(map[string]any)["accuracy"].(float64)

	e := lines(t, must(t, "eval", "r", "--json"))[0]
	metrics := e["metrics"].(map[string]any)
	if e["task"] != "faces" || e["count"] != 60.0 || metrics["accuracy"] != accuracy || metrics["auc"] == nil {
		t.Errorf("eval %v, trained to %v", e, accuracy)
	}
	must(t, "data", "show", "faces", "--split", "test", "--count", "1", "--columns", "1", "--out", "face.png")
	if err := os.WriteFile("bad.png", []byte("\x89PNG\r\n\x1a\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, _ := ihae(t.Context(), "predict", "r", "bad.png", "face.png", "absent.png", "--json")
	answers := lines(t, out)
	if code != exitInput || len(answers) != 3 || answers[0]["error"] == nil || answers[2]["error"] == nil {
		t.Fatalf("exit %d, %v", code, answers)
	}
	top := answers[1]["top"].([]any)
	sum := top[0].(map[string]any)["probability"].(float64) + top[1].(map[string]any)["probability"].(float64)
	if answers[1]["file"] != "face.png" || answers[1]["label"] == nil || math.Abs(sum-1) > 1e-5 {
		t.Errorf("answer %v", answers[1])
	}
	again := lines(t, must(t, "train", "--resume", "r", "--json"))
	if last := again[len(again)-1]; last["metrics"].(map[string]any)["accuracy"] != accuracy {
		t.Errorf("resumed to %v", last)
	}
	if run := lines(t, must(t, "runs", ".", "--json"))[0]; run["state"] != "done" || run["task"] != "faces" {
		t.Errorf("runs says %v", run)
	}
	if _, err := os.Stat(filepath.Join("r", reportFile)); err != nil {
		t.Error(err)
	}
	if code, _, errs := ihae(t.Context(), "train", "faces", "--out", "r", "--epochs", "1"); code != exitInput || !strings.Contains(errs, "not empty") {
		t.Errorf("over a run: exit %d, %s", code, errs)
	}
}

// TestDemoEndsWithTheAccuracy reads the demo's result as scripts do.
func TestDemoEndsWithTheAccuracy(t *testing.T) {
	t.Chdir(t.TempDir())
	out := must(t, "demo", "--set", "epochs=1", "-q")
	at := strings.LastIndex(out, "%")
	if at < 0 || !strings.Contains(out[:at], "accuracy") || strings.Count(out[at:], "\n  ") != 2 {
		t.Errorf("demo prints %q", out)
	}
	if r, err := train.ReadResult(filepath.Join("runs", "faces", "demo-1")); err != nil || r.Steps != 7 {
		t.Errorf("result %+v, %v", r, err)
	}
	must(t, "demo", "--set", "steps=1", "-q")
	if _, err := train.ReadResult(filepath.Join("runs", "faces", "demo-2")); err != nil {
		t.Error(err)
	}
}

// TestDivergedRunsExitWithFive sets a learning rate that no training survives.
func TestDivergedRunsExitWithFive(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, _ := ihae(t.Context(), "train", "faces", "--json", "--out", "r",
		"--set", "optimizer=sgd", "--set", "lr=1e6", "--set", "schedule=constant", "--set", "decay=10")
	all := lines(t, out)
	last := all[len(all)-1]
	if code != exitDiverged || last["event"] != "error" || last["code"] != float64(exitDiverged) {
		t.Errorf("exit %d, %v", code, last)
	}
}

// TestInterruptedRunsSayHowToGoOn cancels a training before its first step.
func TestInterruptedRunsSayHowToGoOn(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	code, _, errs := ihae(ctx, "train", "faces", "--out", "r", "--epochs", "1")
	if code != exitInterrupt || !strings.Contains(errs, "ihae train --resume r") {
		t.Errorf("exit %d, %s", code, errs)
	}
	must(t, "train", "--resume", "r", "-q")
}
