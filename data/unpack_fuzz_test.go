package data

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/ihae/ihae/media/table"
)

// archiveOf is a packed archive of one entry.
func archiveOf(h tar.Header, content string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	h.Size, h.Mode = int64(len(content)), 0o777
	_ = w.WriteHeader(&h)
	_, _ = w.Write([]byte(content))
	_ = w.Close()
	_ = z.Close()
	return b.Bytes()
}

// FuzzUnpack: whatever an archive says, nothing is written outside the set's
// folder, and nothing but plain files.
func FuzzUnpack(f *testing.F) {
	f.Add(archiveOf(tar.Header{Name: "set/a.bin", Typeflag: tar.TypeReg}, "abc"))
	f.Add(archiveOf(tar.Header{Name: "../../a.bin", Typeflag: tar.TypeReg}, "abc"))
	f.Add(archiveOf(tar.Header{Name: "a.bin", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink}, ""))
	f.Fuzz(func(t *testing.T, b []byte) {
		top := t.TempDir()
		g := &getter{GetOptions: GetOptions{}.withDefaults(), Remote: Remote{Name: "set.tar.gz"}, dir: filepath.Join(top, "set")}
		if err := os.Mkdir(g.dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(g.part(), b, 0o644); err != nil {
			t.Fatal(err)
		}
		_ = g.unpack()
		outside, err := os.ReadDir(top)
		if err != nil || len(outside) != 1 {
			t.Errorf("beside the folder: %v, %v", outside, err)
		}
		inside, err := os.ReadDir(g.dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range inside {
			if !e.Type().IsRegular() {
				t.Errorf("%s is %v", e.Name(), e.Type())
			}
		}
	})
}

// FuzzTables gives random bytes to the readers of rows and of texts.
func FuzzTables(f *testing.F) {
	f.Add([]byte("a,b,y\n1,x,2\n3,z,4\n"))
	f.Add([]byte("text\tlabel\tsplit\nhello\ta\ttest\nyou\tb\ttrain\n"))
	f.Add([]byte("y\n1\n"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		name := filepath.Join(dir, "x.csv")
		if err := os.WriteFile(name, b, 0o644); err != nil {
			t.Fatal(err)
		}
		rows, err := OpenRows(t.Context(), name, Card{Name: "x"}, table.Options{})
		if err != nil {
			return
		}
		for _, s := range []Split{Train, Valid, Test} {
			for i := range rows.Len(s) {
				if _, err := ExampleOf(rows, s, i); err != nil {
					t.Errorf("%s %d: %v", s, i, err)
				}
			}
		}
	})
}
