package sets

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ihae/ihae/check"
	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/media"
)

var update = flag.Bool("update", false, "write faces.idx from its source")

// shared holds the files of the sets, below folders that the cards name.
const shared = "../../../shared/data"

// TestDatasets holds every registered set to its card.
func TestDatasets(t *testing.T) {
	check.Each(t, data.Names(), data.Lookup, func(e data.Entry) error {
		return check.Dataset(context.Background(), e, e.Find(shared))
	}, data.ErrAbsent)
}

// TestFilesAreAsPublished compares checksums where the files are here.
func TestFilesAreAsPublished(t *testing.T) {
	seen := 0
	for _, name := range data.Names() {
		e, err := data.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		files, err := data.VerifyFiles(t.Context(), e.Card, e.Find(shared))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if f.Got == "" || e.Find(shared) == "" {
				continue
			}
			if seen++; !f.OK() {
				t.Errorf("%s: %s has SHA-256 %s, the card says %s", name, f.Name, f.Got, f.Want)
			}
		}
	}
	if seen == 0 {
		t.Skip("no files in ../shared/data on this machine")
	}
}

// TestFacesAreOfTheirSource compares the embedded photographs with the file of
// scikit-image.
func TestFacesAreOfTheirSource(t *testing.T) {
	path := filepath.Join(shared, "vision", "faces_lfw_subset", facesFile)
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
			a, err := own.Example(s, i)
			b, err2 := source.Example(s, i)
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
	e, err := ds.Example(data.Test, 59)
	if err != nil || !bytes.Equal(e[data.FieldImage].Bytes(), images.Bytes()[199*625:]) {
		t.Error("the last test image is not the last photograph")
	}
}

// TestFacesTakesOtherFaces: label 1 is a face there, too.
func TestFacesTakesOtherFaces(t *testing.T) {
	path := filepath.Join(shared, "vision", "faces_cbcl")
	ds, err := data.Open(t.Context(), "faces", path)
	if errors.Is(err, data.ErrAbsent) {
		t.Skip("the CBCL faces are not in ../shared/data/vision/faces_cbcl on this machine")
	}
	if err != nil {
		t.Fatal(err)
	}
	faces := 0
	for i := range ds.Len(data.Train) {
		l, err := data.Label(ds, data.Train, i)
		if err != nil {
			t.Fatal(err)
		}
		if ds.Card().Classes[l] == "face" {
			faces++
		}
	}
	if faces != 2429 || ds.Len(data.Train) != 6977 {
		t.Errorf("%d faces of %d", faces, ds.Len(data.Train))
	}
}

// TestAbsentSetsSayHowToGetThem, whether a path is given or not.
func TestAbsentSetsSayHowToGetThem(t *testing.T) {
	for _, path := range []string{"", filepath.Join(t.TempDir(), "nowhere")} {
		if _, err := data.Open(t.Context(), "mnist", path); !errors.Is(err, data.ErrAbsent) {
			t.Errorf("error = %v", err)
		}
	}
	if _, err := data.Open(t.Context(), "minst", ""); err == nil {
		t.Error("an unknown set is opened")
	}
}

// TestSetsOpenInTime: MNIST unpacked and the CIFAR-10 archive decoded whole.
func TestSetsOpenInTime(t *testing.T) {
	for name, counts := range map[string][2]int{"mnist": {60_000, 10_000}, "cifar10": {2_500, 800}} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			ds, err := data.Open(t.Context(), name, "", shared)
			if errors.Is(err, data.ErrAbsent) {
				t.Skip("not in ../shared/data on this machine")
			}
			if err != nil {
				t.Fatal(err)
			}
			took := time.Since(start)
			t.Logf("opens in %v", took)
			if got := [2]int{ds.Len(data.Train), ds.Len(data.Test)}; got != counts {
				t.Errorf("%v examples, want %v", got, counts)
			}
			if took > 20*time.Second {
				t.Errorf("opens in %v", took)
			}
		})
	}
}
