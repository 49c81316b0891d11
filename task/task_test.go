package task_test

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/ihae/ihae/check"
	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/plan"
	"github.com/ihae/ihae/task"
)

var long = flag.Bool("long", false, "run the long tests")

// shared is where data stands on machines that have it.
const shared = "../../shared/data"

func roots() []string { return []string{shared, filepath.Join(shared, "vision")} }

// TestTasks holds every task to what is asked of tasks.
func TestTasks(t *testing.T) {
	check.Each(t, task.Names(), task.Lookup, func(s task.Spec) error {
		return check.Task(t.Context(), s, t.TempDir(), roots()...)
	}, data.ErrAbsent)
}

// TestTasksLearn trains every task with its recipe.
func TestTasksLearn(t *testing.T) {
	if !*long {
		t.Skip("trains for minutes; run it with -long")
	}
	for _, name := range task.Names() {
		t.Run(name, func(t *testing.T) {
			s, err := task.Lookup(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := data.Open(t.Context(), s.Data, "", roots()...); err != nil {
				t.Skip(err)
			}
			if err := check.TaskLearns(t.Context(), s, t.TempDir(), roots()...); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestStepsCompile plans the training step of every task.
func TestStepsCompile(t *testing.T) {
	for _, name := range task.Names() {
		if name == task.Finetune {
			continue // its network comes with a model: see TestFinetune
		}
		s, err := task.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		step, err := s.Step([]string{"batch=4"})
		if err != nil {
			t.Fatal(err)
		}
		p, err := plan.Compile(step.Func, step.Options)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(step.Params); len(step.Options.Donate) < n || p.Stats().FLOPs == 0 {
			t.Errorf("%s: %d donations for %d parameters, %d FLOPs", name, len(step.Options.Donate), n, p.Stats().FLOPs)
		}
	}
}
