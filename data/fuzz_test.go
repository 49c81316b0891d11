package data

import (
	"testing"
	"testing/fstest"

	"github.com/ihae/ihae/media"
)

// FuzzLayouts gives random bytes to the reader of each layout: a dataset whose
// examples can all be read, or an error.
func FuzzLayouts(f *testing.F) {
	f.Add([]byte("\x00\x00\x08\x03\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x05"), []byte("\x00\x00\x08\x01\x00\x00\x00\x01\x01"))
	f.Add(make([]byte, cifarRecord), []byte("cat\ndog\n"))
	f.Add([]byte("\x89PNG\r\n\x1a\n"), []byte("\ufeffcat"))
	s := Source{Limits: media.Limits{Pixels: 1 << 16, Bytes: 1 << 20}, OnBadFile: BadFileSkip, Workers: 1}
	f.Fuzz(func(t *testing.T, b, extra []byte) {
		file := func(b []byte) *fstest.MapFile { return &fstest.MapFile{Data: b, Mode: 0o644} }
		for name, files := range map[string]fstest.MapFS{
			"idx":            {"train-images-idx3-ubyte": file(b), "train-labels-idx1-ubyte": file(extra)},
			"cifar10-binary": {"data_batch_1.bin": file(b), classesFile: file(extra)},
			"folders":        {"train/cat/1.png": file(b), classesFile: file(extra)},
		} {
			k, err := kinds.Get(name)
			if err != nil || !k.find(files) {
				t.Fatal(name, err)
			}
			ds, err := k.open(t.Context(), files, s)
			if err != nil {
				continue
			}
			for i := range ds.Len(Train) {
				if f := find(ds, Train, i); f.err != nil {
					t.Errorf("%s: example %d: %v", name, i, f.err)
				}
			}
		}
	})
}
