package check_test

import (
	"strings"
	"testing"

	"github.com/ihae/ihae/check"
	"github.com/ihae/ihae/task"
)

// TestTaskFindsFaults plants one fault at a time and asks that Task names it.
func TestTaskFindsFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault func(*task.Spec)
		want  string
	}{
		{"nothing", func(*task.Spec) {}, ""},
		{"no doc", func(s *task.Spec) { s.Doc = "" }, "empty field"},
		{"a floor that guessing reaches", func(s *task.Spec) { s.Floor = 0.5 }, "always answering one class gives 0.500"},
		{"a default that is refused", func(s *task.Spec) { s.Recipe.LR = -1 }, "the defaults are refused"},
		{"no such optimizer", func(s *task.Spec) { s.Recipe.Optimizer = "guess" }, "the defaults are refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := task.Lookup("faces")
			if err != nil {
				t.Fatal(err)
			}
			c.fault(&s)
			err = check.Task(t.Context(), s, t.TempDir())
			switch {
			case c.want == "" && err != nil:
				t.Errorf("the right task is refused: %v", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("error = %v, want %q in it", err, c.want)
			}
		})
	}
}
