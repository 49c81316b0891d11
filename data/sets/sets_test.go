package sets_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/ihae/ihae/check"
	"github.com/ihae/ihae/data"
)

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
