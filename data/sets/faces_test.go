package sets

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/media"
)

var update = flag.Bool("update", false, "write faces.idx from its source")

// TestFacesAreOfTheirSource compares the embedded photographs with the file of
// scikit-image.
func TestFacesAreOfTheirSource(t *testing.T) {
	path := filepath.Join("../../../shared/data/vision/faces_lfw_subset", facesFile)
	if _, err := os.Stat(path); err != nil {
		t.Skip("lfw_subset.npy is not in ../shared/data/vision/faces_lfw_subset on this machine")
	}
	if *update {
		writeFaces(t, path)
		return
	}
	own, err := data.Open(t.Context(), "faces", "")
	if err != nil {
		t.Fatal(err)
	}
	source, err := data.Open(t.Context(), "faces", filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for s, n := range map[data.Split]int{data.Train: 140, data.Test: 60, data.Valid: 0} {
		if own.Len(s) != n || source.Len(s) != n {
			t.Fatalf("%s has %d and %d examples", s, own.Len(s), source.Len(s))
		}
		for i := range n {
			a, err := data.ExampleOf(own, s, i)
			b, err2 := data.ExampleOf(source, s, i)
			if err != nil || err2 != nil || !bytes.Equal(a[data.FieldImage].Bytes(), b[data.FieldImage].Bytes()) || own.ID(s, i) != source.ID(s, i) {
				t.Fatalf("%s differs: %v %v", own.ID(s, i), err, err2)
			}
		}
	}
}

// writeFaces writes faces.idx from the file of scikit-image.
func writeFaces(t *testing.T, from string) {
	t.Helper()
	images, err := facesFromNPY(from)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := media.EncodeIDX(&b, images); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("faces.idx", b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestFacesAreCutAsTheCardSays: the last 30 of each class are the test split.
func TestFacesAreCutAsTheCardSays(t *testing.T) {
	ds, err := data.Open(t.Context(), "faces", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		split data.Split
		index int
		id    string
		label int
	}{
		{data.Train, 0, "lfw_subset/0", 1}, {data.Train, 69, "lfw_subset/69", 1}, {data.Train, 70, "lfw_subset/100", 0},
		{data.Train, 139, "lfw_subset/169", 0}, {data.Test, 0, "lfw_subset/70", 1}, {data.Test, 59, "lfw_subset/199", 0},
	} {
		label, err := data.Label(ds, c.split, c.index)
		if id := ds.ID(c.split, c.index); err != nil || id != c.id || label != c.label {
			t.Errorf("%s %d is %s of label %d, want %s of %d", c.split, c.index, id, label, c.id, c.label)
		}
	}
	images, err := media.DecodeIDX(bytes.NewReader(facesIDX), media.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := data.ExampleOf(ds, data.Test, 59)
	if err != nil || !bytes.Equal(e[data.FieldImage].Bytes(), images.Bytes()[199*625:]) {
		t.Error("the last test image is not the last photograph")
	}
}
