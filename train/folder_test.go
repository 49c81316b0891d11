package train

import (
	"os"
	"path/filepath"
	"testing"
)

// TestNamesOfRunsAreNotReused removes the first and the newest run and expects
// higher numbers, and latest to follow.
func TestNamesOfRunsAreNotReused(t *testing.T) {
	parent := filepath.Join(t.TempDir(), "runs")
	for n, gone := range []string{"net-1", "", "net-3", "net-2"} {
		dir, err := NewFolder(parent, "net")
		if want := filepath.Join(parent, "net-"+string(rune('1'+n))); err != nil || dir != want {
			t.Errorf("got %s, %v, want %s", dir, err, want)
		}
		if latest, err := os.Readlink(filepath.Join(parent, latestLink)); err == nil && latest != filepath.Base(dir) {
			t.Errorf("latest is %s after %s", latest, dir)
		}
		if gone != "" {
			if err := os.Remove(filepath.Join(parent, gone)); err != nil {
				t.Fatal(err)
			}
		}
	}
}
