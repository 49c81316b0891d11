package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/task"
)

// TestTasksListEverySetting reads the listing as people and as programs do, and
// asks for the names that scripts rely on.
func TestTasksListEverySetting(t *testing.T) {
	for _, name := range task.Names() {
		spec, err := task.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		text := must(t, "tasks", name)
		listed := lines(t, must(t, "tasks", name, "--json"))[0]["settings"].([]any)
		var keys []string
		for _, l := range listed {
			keys = append(keys, l.(map[string]any)["key"].(string))
		}
		for _, s := range spec.Settings() {
			if !strings.Contains(text, "  "+s.Key+" ") || !slices.Contains(keys, s.Key) {
				t.Errorf("%s: setting %s is not listed", name, s.Key)
			}
		}
		for _, fixed := range []string{"epochs", "batch", "lr", "checkpoint.every"} {
			if !slices.Contains(keys, fixed) {
				t.Errorf("%s has no setting %s", name, fixed)
			}
		}
	}
}

// TestPlanListsThePrograms compares the two listings of a task's step.
func TestPlanListsThePrograms(t *testing.T) {
	p := lines(t, must(t, "plan", "faces", "--json"))[0]
	steps := p["steps"].([]any)
	if n := p["instructions"].(float64); int(n) != len(steps) || p["flops"].(float64) <= 0 || p["peak_bytes"].(float64) <= 0 {
		t.Errorf("%v instructions, %d steps, %v FLOPs", n, len(steps), p["flops"])
	}
	text := must(t, "plan", "faces")
	if !strings.Contains(text, "steps") || strings.Count(text, "\n") < len(steps) {
		t.Errorf("%d lines for %d steps", strings.Count(text, "\n"), len(steps))
	}
}
