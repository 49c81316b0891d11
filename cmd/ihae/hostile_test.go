package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ihae/ihae/task"
	"github.com/ihae/ihae/train"
)

// failing is a writer that always fails.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestResultsThatCannotBeWrittenAreErrors fills the disk behind standard
// output; only a reader that went away is no error.
func TestResultsThatCannotBeWrittenAreErrors(t *testing.T) {
	for err, want := range map[error]int{syscall.ENOSPC: exitResource, syscall.EPIPE: exitOK} {
		var errs strings.Builder
		code := run(t.Context(), []string{"version"}, strings.NewReader(""), failing{err}, &errs)
		if code != want || (strings.Count(errs.String(), "\n") == 1) != (want != exitOK) {
			t.Errorf("%v: exit %d, %q", err, code, errs.String())
		}
	}
}

// TestErrorsNameWhatToChange reads the messages of mistakes on the command line.
func TestErrorsNameWhatToChange(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("file", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args, want string
		code       int
	}{
		{"train faces --set lrr=3", "--set lrr=3: no such setting; did you mean lr?", exitUsage},
		{"train faces --set lr=x", "--set lr=x: want a number", exitUsage},
		{"train faces --set lr", "--set lr: want key=value", exitUsage},
		{"train faces --epochs 0", "epochs=0: want a whole number from 1", exitUsage},
		{"train faces --out file --steps 1", "file: is a file", exitInput},
		{"completion tcsh", "no command \"tcsh\"", exitUsage},
	} {
		code, _, errs := ihae(t.Context(), strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(errs, c.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: exit %d, %q", c.args, code, errs)
		}
	}
}

// TestFinishedRunsStandOnTheirOwn takes a finished run's data away, asks about a
// folder, and looks for goroutines that a command leaves.
func TestFinishedRunsStandOnTheirOwn(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, class := range []string{"a", "b"} {
		for i := range 4 {
			dir := filepath.Join("mine", "train", class)
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			must(t, "data", "show", "faces", "--columns", "1", "--count", string(rune('1'+i)), "--out", filepath.Join(dir, string(rune('0'+i))+".png"))
		}
	}
	before := runtime.NumGoroutine()
	code, _, errs := ihae(t.Context(), "train", "faces", "--data", "mine", "--set", "valid=0", "--steps", "2", "--out", "r")
	if code != exitOK || !strings.Contains(errs, "warning: 4 examples stand twice") {
		t.Errorf("exit %d, %s", code, errs)
	}
	if err := os.RemoveAll("mine"); err != nil {
		t.Fatal(err)
	}
	must(t, "train", "--resume", "r")
	if code, _, errs := ihae(t.Context(), "predict", "r", ".", "-q"); code != exitInput || !strings.Contains(errs, "is a folder") {
		t.Errorf("predict: exit %d, %q", code, errs)
	}
	if code, _, errs := ihae(t.Context(), "eval", "r", "--data", "mine"); code != exitInput || !strings.Contains(errs, "mine") {
		t.Errorf("eval: exit %d, %q", code, errs)
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// remover removes a run's folder after some steps.
type remover struct{ dir string }

func (r remover) Report(p train.Progress) {
	if p.Event == train.EventStep && p.Step == 3 {
		_ = os.RemoveAll(r.dir)
	}
}

// TestARemovedFolderEndsTheTraining does not let a run fill a folder that
// somebody took away.
func TestARemovedFolderEndsTheTraining(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r")
	s, err := task.Lookup("faces")
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Run(t.Context(), task.Options{Dir: dir, Set: []string{"epochs=3"}, Reporter: remover{dir}})
	var storage *train.StorageError
	if !errors.As(err, &storage) || exitCode(err) != exitResource {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder is there again")
	}
}
