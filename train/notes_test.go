package train

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestNotesAreKept in the log, from which they are read again; a torn line and
// no log at all are no trouble.
func TestNotesAreKept(t *testing.T) {
	job := fiveEpochs(t, filepath.Join(t.TempDir(), "run"))
	job.Config.Epochs, job.Notes = 1, []string{"one class is small", "warning: two are alike"}
	if _, err := Fit(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(job.Dir, "log.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.WriteString(`{"msg":"note","te`)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := ReadNotes(job.Dir); !slices.Equal(got, job.Notes) {
		t.Errorf("%q", got)
	}
	if got := ReadNotes(t.TempDir()); got != nil {
		t.Errorf("%q", got)
	}
}
