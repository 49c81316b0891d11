package format_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/ihae/ihae/format"
)

// archive is a zip archive of those entries, stored.
func archive(t *testing.T, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestFormatsByWhatFilesHold: names of layers in a text or a pickle and of
// entries in an archive do not make a file one of another format.
func TestFormatsByWhatFilesHold(t *testing.T) {
	for i, c := range []struct{ name, holds, want string }{
		{"weights.pkl", "\x80\x02}q\x00U\x07cnn.oneq\x01K\x01s.", "theano"},
		{"weights.pkl", "(dp1\nS'cnn.one'\np2\nI1\ns.", "theano"},
		{"model.bin", "\x04\x00\x00\x00\x01\x00\x00\x00\x03\x00\x00\x00V 1\x0d\x00\x00\x00nn.Sequential", "torch7"},
		{"model.bin", "\x04\x00\x00\x00\x01\x00\x00\x00\x0d\x00\x00\x00nn.Sequential", "torch7"},
		{"model.bin", "\x03\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x05\x00\x00\x00model\x04\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00V 1\x0d\x00\x00\x00nn.Sequential", "torch7"},
		{"model.bin", "4\n1\n3\nV 1\n13\nnn.Sequential\n", "torch7"},
		{"model.bin", archive(t, "model/extra/config.json", "model/data.pkl"), "pytorch"},
		{"model.pt", archive(t, "model/extra/config.json", "model/data/0", "model/data.pkl"), "pytorch"},
		{"model.zip", archive(t, "metadata.json", "config.json", "model.weights.h5"), "keras"},
		{"model.zip", archive(t, "W.npy"), "npz"},
		{"model.py", "import torch.nn.functional as F", ""},
	} {
		path := filepath.Join(t.TempDir(), c.name)
		if err := os.WriteFile(path, []byte(c.holds), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := format.Detect(path); got != c.want {
			t.Errorf("%d, %s: %q, want %q", i, c.name, got, c.want)
		}
	}
}
