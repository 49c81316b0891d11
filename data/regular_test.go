//go:build unix

package data

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ihae/ihae/media/table"
)

// TestFoldersWithPipes: a pipe that nobody writes to is no reason to wait.
func TestFoldersWithPipes(t *testing.T) {
	dir := t.TempDir()
	class := filepath.Join(dir, "cats")
	if err := os.Mkdir(class, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(class, "pipe.png"), 0o644); err != nil {
		t.Skip("no pipes here:", err)
	}
	pipe := filepath.Join(class, "pipe.png")
	_, rows := OpenRows(t.Context(), pipe, Card{}, table.Options{})
	_, texts := OpenTexts(t.Context(), pipe, Card{})
	_, text := OpenText(t.Context(), pipe, Card{})
	_, images := OpenPath(t.Context(), pipe, Source{})
	for name, err := range map[string]error{"rows": rows, "texts": texts, "text": text, "images": images} {
		if !errors.Is(err, errIrregular) {
			t.Errorf("%s: %v", name, err)
		}
	}
	wants := func(want string) {
		t.Helper()
		if _, err := OpenPath(t.Context(), dir, Source{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; wanted %q", err, want)
		}
	}
	wants("cats/pipe.png")
	wants("but a pipe")
	if err := os.Mkdir(filepath.Join(dir, "\xff"), 0o755); err != nil {
		t.Skip("names are UTF-8 here:", err)
	}
	wants(`"\xff" in the folder .: a name that is not UTF-8`)
}
