package train

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// someBlobs is files whose content tells their step.
func someBlobs(step int) []blob {
	var list []blob
	for _, name := range []string{modelFile, stateFile} {
		list = append(list, blob{name, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "%s of step %d, %s", name, step, strings.Repeat("x", 100))
			return err
		}})
	}
	return list
}

// newest is the first checkpoint that is whole.
func newest(s store) int {
	for _, step := range s.steps() {
		if _, _, err := s.read(step); err == nil {
			return step
		}
	}
	return 0
}

func memStore(t *testing.T) (store, *memFiles) {
	t.Helper()
	m := newMemFiles()
	s := store{m, "run"}
	if err := m.MkdirAll(s.dir()); err != nil {
		t.Fatal(err)
	}
	m.root.kept["run"] = m.root.now["run"]
	m.root.now["run"].kept[checkpointsDir] = m.root.now["run"].now[checkpointsDir]
	return s, m
}

// TestCheckpointsSurviveLossOfPower stops the machine after each operation of a
// checkpoint in turn, and asks that the one before or the new one is whole.
func TestCheckpointsSurviveLossOfPower(t *testing.T) {
	for _, keepNames := range []bool{false, true} {
		for _, again := range []bool{false, true} { // the checkpoint may stand there already
			finished := false
			for ops := 0; !finished; ops++ {
				s, m := memStore(t)
				if err := errors.Join(s.write(Manifest{Step: 1}, someBlobs(1)), s.point(lastPointer, 1)); err != nil {
					t.Fatal(err)
				}
				if again {
					if err := s.write(Manifest{Step: 2}, someBlobs(2)); err != nil {
						t.Fatal(err)
					}
				}
				m.left = ops
				err := s.write(Manifest{Step: 2}, someBlobs(2))
				finished = err == nil
				m.crash(keepNames)
				got := newest(s)
				if got < 1 || finished && got != 2 {
					t.Fatalf("stopped after %d operations (names kept %v, again %v): newest whole checkpoint is %d", ops, keepNames, again, got)
				}
				if err := errors.Join(s.write(Manifest{Step: 3}, someBlobs(3))); err != nil || newest(s) != 3 {
					t.Fatalf("stopped after %d operations: the next checkpoint fails: %v", ops, err)
				}
				if s.prune(3, 3); slices.ContainsFunc(names(t, s), func(n string) bool { return strings.HasPrefix(n, tmpPrefix) }) {
					t.Fatalf("stopped after %d operations: %v is left", ops, names(t, s))
				}
			}
		}
	}
}

func names(t *testing.T, s store) []string {
	t.Helper()
	list, err := s.fs.Names(s.dir())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestPointersAreOldOrNew stops the machine while LAST is written.
func TestPointersAreOldOrNew(t *testing.T) {
	for ops := range 8 {
		s, m := memStore(t)
		if err := s.point(lastPointer, 1); err != nil {
			t.Fatal(err)
		}
		m.left = ops
		_ = s.point(lastPointer, 2)
		m.crash(false)
		if step, ok := s.pointed(lastPointer); !ok || step != 1 && step != 2 {
			t.Errorf("stopped after %d operations: LAST names %d, %v", ops, step, ok)
		}
	}
}

// TestPruneKeepsTheLastThreeAndTheBest also leaves later checkpoints alone.
func TestPruneKeepsTheLastThreeAndTheBest(t *testing.T) {
	s, _ := memStore(t)
	for step := 1; step <= 8; step++ {
		if err := s.write(Manifest{Step: step}, someBlobs(step)); err != nil {
			t.Fatal(err)
		}
	}
	s.prune(7, 2)
	if got := s.steps(); !slices.Equal(got, []int{8, 7, 6, 5, 2}) {
		t.Errorf("kept %v", got)
	}
}

// TestDamageIsFound flips or cuts each file of a checkpoint.
func TestDamageIsFound(t *testing.T) {
	damages := map[string]func([]byte) []byte{
		"a bit flipped": func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"cut":           func(b []byte) []byte { return b[:len(b)-1] },
		"emptied":       func([]byte) []byte { return nil },
		"longer":        func(b []byte) []byte { return append(b, 0) },
	}
	for what, damage := range damages {
		for _, name := range []string{modelFile, stateFile} {
			s := store{Disk{}, t.TempDir()}
			if err := os.MkdirAll(s.dir(), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := s.write(Manifest{Step: 4}, someBlobs(4)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(s.dir(), stepName(4), name)
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(bytes.Clone(content)), 0o644); err != nil {
				t.Fatal(err)
			}
			var found *DamageError
			if _, _, err := s.read(4); !errors.As(err, &found) || found.File != path {
				t.Errorf("%s %s: error = %v", name, what, err)
			}
		}
	}
}

// FuzzManifest asks that no manifest makes reading panic or look outside.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"step":4,"files":{"model.safetensors":{"bytes":1,"sha256":""}}}`))
	f.Add([]byte(`{"step":4,"files":{"../../x":{"bytes":1}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m := newMemFiles()
		s := store{m, "run"}
		dir := filepath.Join(s.dir(), stepName(4))
		if err := m.MkdirAll(dir); err != nil {
			t.Fatal(err)
		}
		w, err := m.Create(filepath.Join(dir, manifestFile))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write(text)
		if _, files, err := s.read(4); err == nil {
			t.Errorf("%q vouches for %v", text, files)
		}
	})
}
