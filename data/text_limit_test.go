package data

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTextsAreBounded refuses a file by its size, before it is read.
func TestTextsAreBounded(t *testing.T) {
	name := filepath.Join(t.TempDir(), "endless.txt")
	if err := os.WriteFile(name, []byte("abc"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, 1<<40); err != nil {
		t.Skip("no sparse files here:", err)
	}
	if _, err := OpenText(t.Context(), name, Card{Name: "x"}); err == nil || !strings.Contains(err.Error(), "endless.txt: more than the limit") {
		t.Errorf("%v", err)
	}
}
