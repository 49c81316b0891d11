package kernel

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestGeneratedFilesAreTheGenerators runs the generator and compares: nobody
// may edit its output, nor forget to run it.
func TestGeneratedFilesAreTheGenerators(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command is not on the path: ", err)
	}
	dir := t.TempDir()
	run := exec.Command(tool, "run", "-C", "_gen", ".", dir)
	run.Env = append(os.Environ(), "GOFLAGS=")
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) == 0 {
		t.Fatal(len(files), "files are generated", err)
	}
	for _, f := range files {
		want, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the generator writes; run go generate ./kernel", f.Name())
		}
	}
}
