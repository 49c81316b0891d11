package mapped

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestBytesAreTheFile(t *testing.T) {
	for _, size := range []int{0, 1, MaxRead, MaxRead + 1, 1 << 20} {
		want := bytes.Repeat([]byte("0123456789abcde"), size/15+1)[:size]
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, want, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(f.Bytes, want) {
			t.Errorf("%d bytes: contents differ", size)
		}
		if f.Forget(); !bytes.Equal(f.Bytes, want) {
			t.Errorf("%d bytes: contents differ after Forget", size)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if err := f.Close(); err != nil {
			t.Errorf("second Close: %v", err)
		}
	}
}

func TestFoldersAndAbsentFilesAreRefused(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "absent")} {
		if _, err := Open(path); err == nil {
			t.Errorf("%s was opened", path)
		}
	}
}
