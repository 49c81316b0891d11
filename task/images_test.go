package task

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/rng"
)

// TestImageChoices holds the rules at their borders.
func TestImageChoices(t *testing.T) {
	few := []string{"cat", "dog"}
	for name, c := range map[string]struct {
		f            imageFacts
		arch         string
		side         int
		epochs       int
		flip, turned bool
	}{
		"CIFAR's subset":     {imageFacts{train: 2500, classes: few, least: 250, most: 250, width: 32, height: 32}, "resnet", 32, 50, true, false},
		"few photographs":    {imageFacts{train: 300, classes: few, least: 150, most: 150, width: 4000, height: 3000}, "faces-cnn", 64, 104, true, false},
		"many photographs":   {imageFacts{train: 20_000, classes: few, least: 1, most: 1, width: 640, height: 480}, "resnet", 32, 8, true, false},
		"some photographs":   {imageFacts{train: 1500, classes: few, least: 1, most: 1, width: 640, height: 480}, "resnet", 48, 37, true, false},
		"grey characters":    {imageFacts{train: 2040, classes: few, least: 15, most: 15, width: 105, height: 105, grey: true}, "resnet", 32, 61, false, true},
		"coloured letters":   {imageFacts{train: 2500, classes: []string{"A", "ㄱ"}, least: 1, most: 1, width: 32, height: 32}, "resnet", 32, 50, false, false},
		"house numbers":      {imageFacts{train: 2500, classes: []string{"10", "7"}, least: 1, most: 1, width: 32, height: 32}, "resnet", 32, 50, false, false},
		"signs of the roads": {imageFacts{train: 2500, classes: []string{"stop", "turn_left"}, least: 1, most: 1, width: 32, height: 32}, "resnet", 32, 50, false, false},
		"not a side":         {imageFacts{train: 2500, classes: []string{"bright", "cleft"}, least: 1, most: 1, width: 32, height: 32}, "resnet", 32, 50, true, false},
	} {
		got := c.f.choose()
		if got.arch != c.arch || got.input.Width != c.side || got.recipe.Epochs != c.epochs || got.recipe.Flip != c.flip || (got.recipe.Rotate > 0) != c.turned {
			t.Errorf("%s: %s of %d, %d epochs, flip %v, rotate %v", name, got.arch, got.input.Width, got.recipe.Epochs, got.recipe.Flip, got.recipe.Rotate)
		}
		if err := got.input.Check(); err != nil || len(got.why) < 3 {
			t.Errorf("%s: %v, %q", name, err, got.why)
		}
	}
	uneven := imageFacts{train: 3000, classes: few, least: 100, most: 2900, width: 32, height: 32}.choose()
	if uneven.recipe.Balance != "weights" {
		t.Errorf("balance %q", uneven.recipe.Balance)
	}
}

// painted writes n images of a class: a bright spot at a place of its own, on
// noise, into a folder of that name.
func painted(t *testing.T, root, class string, n, w, h, spot int) {
	t.Helper()
	dir := filepath.Join(root, class)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	draw := rng.New(1).Split(root + class).Rand()
	for i := range n {
		m := media.NewImage(w, h, 3)
		for k := range m.Pix {
			m.Pix[k] = uint8(draw.IntN(100))
		}
		for y := range h / 2 {
			for x := range w / 2 {
				m.Pix[3*((y+spot/2*h/2)*w+x+spot%2*w/2)+spot%3] = 250
			}
		}
		var b bytes.Buffer
		if err := media.EncodePNG(&b, m); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.png", i)), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// snapshot is the names and sizes of all files below a folder.
func snapshot(t *testing.T, root string) (all []string) {
	t.Helper()
	err := filepath.Walk(root, func(path string, info os.FileInfo, err error) error {
		all = append(all, fmt.Sprint(path, info.Size(), info.ModTime()))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestImagesLearnsAFolder without test images, uneven, with a picture that
// stands twice, one that is nearly another, one of one colour, and a tiny class:
// all is said, the folder stays as it is, and the classes are learned.
func TestImagesLearnsAFolder(t *testing.T) {
	root := t.TempDir()
	painted(t, root, "upper left", 60, 24, 20, 0)
	painted(t, root, "lower", 30, 24, 20, 2)
	painted(t, root, "rare", 6, 24, 20, 3)
	copyAs(t, filepath.Join(root, "lower", "000.png"), filepath.Join(root, "lower", "again.png"), false)
	copyAs(t, filepath.Join(root, "lower", "001.png"), filepath.Join(root, "lower", "nearly.png"), true)
	if err := os.WriteFile(filepath.Join(root, "lower", "black.png"), encoded(t, media.NewImage(24, 20, 3)), 0o644); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, root)
	s, err := Lookup("images")
	if err != nil {
		t.Fatal(err)
	}
	job, err := s.Job(t.Context(), Options{Dir: t.TempDir(), Data: root, Set: []string{"epochs=2"}})
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Join(job.Notes, "\n")
	for _, want := range []string{
		"in 3 classes, in colour, of 24 x 20", `"rare"`, "network faces-cnn", "balance=weights", "not mirrored",
		"1 examples stand", "images of one colour", "look nearly like", "fewer than 10 images to train on: rare (4)",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said in:\n%s", want, said)
		}
	}
	if n := job.Data.Len(data.Test); n != 20 || job.Data.Len(data.Train)+n+job.Data.Len(data.Valid) != 99 {
		t.Errorf("%d to train, %d valid, %d test", job.Data.Len(data.Train), job.Data.Len(data.Valid), n)
	}
	if c := job.Data.Card(); c.Shape.Dim(0) != 20 || c.Shape.Dim(1) != 24 {
		t.Errorf("images of %v", c.Shape)
	}
	if !slices.Equal(before, snapshot(t, root)) {
		t.Error("the folder has changed")
	}
}

func encoded(t *testing.T, m media.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := media.EncodePNG(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// copyAs copies a picture, or nearly: one sample brighter.
func copyAs(t *testing.T, from, to string, nearly bool) {
	t.Helper()
	m, err := media.ReadImage(from, media.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if nearly {
		m.Pix[7] += 9
	}
	if err := os.WriteFile(to, encoded(t, m), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestImagesGoesOnFromItsSettings: a run that is set up again from what it
// recorded comes to the same network, input and augmentation.
func TestImagesGoesOnFromItsSettings(t *testing.T) {
	root := t.TempDir()
	painted(t, root, "train/a", 30, 16, 16, 0)
	painted(t, root, "train/b", 30, 16, 16, 3)
	painted(t, root, "test/a", 10, 16, 16, 0)
	painted(t, root, "test/b", 10, 16, 16, 3)
	s, err := Lookup("images")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	r, err := s.Run(t.Context(), Options{Dir: dir, Data: root, Set: []string{"epochs=12", "batch=15"}})
	if err != nil {
		t.Fatal(err)
	}
	if a := float64(r.Metrics["accuracy"]); a < 0.9 || r.Count != 20 {
		t.Errorf("accuracy %v of %d", a, r.Count)
	}
	again, err := Resume(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	first, err := s.Job(t.Context(), Options{Dir: dir, Data: root, Set: []string{"epochs=12", "batch=15"}})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := fmt.Sprintf("%+v", first.Model), fmt.Sprintf("%+v", again.Model); a != b || len(again.Notes) != 0 {
		t.Errorf("%s\nbecomes\n%s", a, b)
	}
}

// TestImagesWantsTwoClasses and names what is wrong.
func TestImagesWantsTwoClasses(t *testing.T) {
	root := t.TempDir()
	painted(t, root, "only", 5, 16, 16, 0)
	s, err := Lookup("images")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Job(t.Context(), Options{Data: root}); err == nil || !strings.Contains(err.Error(), "a folder for each of two classes") {
		t.Errorf("error = %v", err)
	}
}
