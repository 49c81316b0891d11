package data_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// picture is a PNG that differs by n.
func picture(t testing.TB, n int) []byte {
	t.Helper()
	m := media.NewImage(3, 2, 3)
	m.Pix[0], m.Pix[1], m.Pix[2] = byte(n), byte(n>>8), 7
	var b bytes.Buffer
	if err := media.EncodePNG(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tree is a set in folders: n pictures for each folder named.
func tree(t testing.TB, n int, folders ...string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for k, f := range folders {
		for i := range n {
			files[fmt.Sprintf("%s/%03d.png", f, i)] = picture(t, 1000*k+i)
		}
	}
	return files
}

func write(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, b := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func zipped(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, body := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// describe is the splits, classes and IDs of a set in one line.
func describe(t testing.TB, path string, s data.Source) string {
	t.Helper()
	ds, err := data.OpenPath(t.Context(), path, s)
	if err != nil {
		return "error: " + strings.ReplaceAll(err.Error(), path, "PATH")
	}
	out := fmt.Sprint(ds.Card().Classes)
	for _, split := range data.Splits {
		if n := ds.Len(split); n > 0 {
			l, err := data.Label(ds, split, n-1)
			out += fmt.Sprintf(" %s %d last %s %d %v", split, n, ds.ID(split, n-1), l, err)
		}
	}
	return out
}

// TestFoldersAreReadPlainAndZipped, with classes in each possible order.
func TestFoldersAreReadPlainAndZipped(t *testing.T) {
	files := tree(t, 2, "train/dog", "train/cat", "test/dog", "test/cat", "val/cat")
	for name, c := range map[string]struct {
		extra map[string][]byte
		known []string
		want  string
	}{
		"by name":        {nil, nil, "[cat dog] train 4 last train/dog/001.png 1 <nil> valid 2 last val/cat/001.png 0 <nil> test 4 last test/dog/001.png 1 <nil>"},
		"as on the card": {nil, []string{"dog", "emu", "cat"}, "[dog emu cat] train 4 last train/dog/001.png 0 <nil> valid 2 last val/cat/001.png 2 <nil> test 4 last test/dog/001.png 0 <nil>"},
		"another card":   {nil, []string{"dog", "emu"}, "[cat dog] train 4 last train/dog/001.png 1 <nil> valid 2 last val/cat/001.png 0 <nil> test 4 last test/dog/001.png 1 <nil>"},
		"as listed":      {map[string][]byte{"classes.txt": []byte("\ufeffdog\r\ncat\r\n")}, []string{"cat", "dog"}, "[dog cat] train 4 last train/dog/001.png 0 <nil> valid 2 last val/cat/001.png 1 <nil> test 4 last test/dog/001.png 0 <nil>"},
		"not listed":     {map[string][]byte{"classes.txt": []byte("dog\nemu\n")}, nil, `error: PATH: classes.txt has no class "cat"; it has [dog emu]`},
		"listed twice":   {map[string][]byte{"classes.txt": []byte("dog\ndog\n")}, nil, `error: PATH: classes.txt: line 2: "dog" is empty or there already`},
	} {
		t.Run(name, func(t *testing.T) {
			src := data.Source{Card: data.Card{Classes: c.known}}
			all := map[string][]byte{"train/notes.txt": nil, ".DS_Store": nil}
			for _, m := range []map[string][]byte{files, c.extra} {
				for k, v := range m {
					all[k] = v
				}
			}
			if got := describe(t, write(t, all), src); got != c.want {
				t.Errorf("folder: %s\nwant %s", got, c.want)
			}
			dir := write(t, map[string][]byte{"a.zip": zipped(t, all), "README.md": nil})
			if got := describe(t, filepath.Join(dir, "a.zip"), src); got != c.want {
				t.Errorf("zip: %s\nwant %s", got, c.want)
			}
			if got := strings.ReplaceAll(describe(t, dir, src), "PATH/a.zip", "PATH"); got != c.want {
				t.Errorf("folder with a zip: %s\nwant %s", got, c.want)
			}
		})
	}
	if got := describe(t, write(t, tree(t, 3, "b", "a")), data.Source{}); got != "[a b] train 6 last b/002.png 1 <nil>" {
		t.Error(got)
	}
	if got := describe(t, write(t, tree(t, 3, "mine/b", "mine/a")), data.Source{}); got != "[a b] train 6 last b/002.png 1 <nil>" {
		t.Errorf("a folder in a folder: %s", got)
	}
	if got := describe(t, write(t, tree(t, 3, "only")), data.Source{}); got != "[only] train 3 last only/002.png 0 <nil>" {
		t.Errorf("one class: %s", got)
	}
	if got := describe(t, write(t, tree(t, 1, "train")), data.Source{}); !strings.Contains(got, "stands in no folder of a class") {
		t.Error(got)
	}
}

// TestBadImagesAreListedFirst: all of them, and skipping stops above 1 %.
func TestBadImagesAreListedFirst(t *testing.T) {
	files := tree(t, 100, "train/a", "train/b")
	files["train/a/050.png"] = nil                              // 0 bytes
	files["train/b/007.png"] = files["train/b/007.png"][:40]    // cut
	files["train/b/008.gif"] = []byte("GIF89a")                 // another format
	jpeg, err := os.ReadFile("../media/testdata/scene_420.jpg") // wrong name, but an image
	if err != nil {
		t.Fatal(err)
	}
	files["train/a/001.png"] = jpeg
	_, err = data.OpenPath(t.Context(), write(t, files), data.Source{})
	var bad *data.BadFilesError
	if !errors.As(err, &bad) || len(bad.Files) != 3 || bad.Files[0].Path != "train/a/050.png" || bad.Total != 201 {
		t.Fatalf("error = %v", err)
	}
	skip := data.Source{OnBadFile: data.BadFileSkip}
	if _, err = data.OpenPath(t.Context(), write(t, files), skip); !errors.As(err, &bad) {
		t.Errorf("1.5 %% are skipped: %v", err)
	}
	delete(files, "train/b/008.gif")
	ds, err := data.OpenPath(t.Context(), write(t, files), skip)
	if err != nil {
		t.Fatal(err)
	}
	for i := range ds.Len(data.Train) { // labels stay with their files
		l, _ := data.Label(ds, data.Train, i)
		if id := ds.ID(data.Train, i); (l == 1) != strings.HasPrefix(id, "train/b") {
			t.Fatalf("%s has label %d", id, l)
		}
	}
	r, err := data.Check(t.Context(), ds)
	if err != nil || len(r.Broken) != 2 || r.Count[data.Train] != 198 {
		t.Errorf("%+v %v", r, err)
	}
}

// TestTheCacheChangesNothing: images decoded again are the same.
func TestTheCacheChangesNothing(t *testing.T) {
	dir := write(t, tree(t, 3, "train/a", "train/b"))
	kept, err := data.OpenPath(t.Context(), dir, data.Source{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := data.OpenPath(t.Context(), dir, data.Source{Cache: -1})
	if err != nil {
		t.Fatal(err)
	}
	if shape := kept.Card().Shape; shape != tensor.Dims(2, 3, 3) || again.Card().Shape != shape {
		t.Errorf("images of %v", shape)
	}
	for i := range 6 {
		a, err := data.ExampleOf(kept, data.Train, i)
		b, err2 := data.ExampleOf(again, data.Train, i)
		if err != nil || err2 != nil || !slices.Equal(a[data.FieldImage].Bytes(), b[data.FieldImage].Bytes()) {
			t.Errorf("example %d differs: %v %v", i, err, err2)
		}
	}
	if err := os.Remove(filepath.Join(dir, "train/b/002.png")); err != nil {
		t.Fatal(err)
	}
	l, err := data.NewLoader(again, data.Train, data.LoaderConfig{Batch: 6, Input: input})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range l.Batches(t.Context(), 0, 0) {
		if err == nil || !strings.HasPrefix(err.Error(), "train/b/002.png: ") || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("error = %v", err)
		}
	}
}

// TestIDXSplits: names of splits, labels missing, labels too few.
func TestIDXSplits(t *testing.T) {
	images := []byte("\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x01\x05\x06")
	labels := []byte("\x00\x00\x08\x01\x00\x00\x00\x02\x01\x03")
	files := map[string][]byte{
		"train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": labels,
		"t10k-images-idx3-ubyte": images, "t10k-labels-idx1-ubyte": labels,
	}
	want := "[0 1 2 3] train 2 last train/1 3 <nil> test 2 last test/1 3 <nil>"
	dir := write(t, files)
	if got := describe(t, dir, data.Source{}); got != want {
		t.Error(got)
	}
	if got := describe(t, filepath.Join(dir, "t10k-images-idx3-ubyte"), data.Source{}); got != "[0 1 2 3] test 2 last test/1 3 <nil>" {
		t.Error("one file: ", got)
	}
	files["test-images-idx3-ubyte"], files["test-labels-idx1-ubyte"] = images, labels
	if got := describe(t, write(t, files), data.Source{}); !strings.Contains(got, "both test and t10k") {
		t.Error(got)
	}
	delete(files, "test-images-idx3-ubyte")
	delete(files, "test-labels-idx1-ubyte")
	files["t10k-labels-idx1-ubyte"] = []byte("\x00\x00\x08\x01\x00\x00\x00\x01\x01")
	if got := describe(t, write(t, files), data.Source{}); !strings.Contains(got, "2 images, 1 labels") {
		t.Error(got)
	}
	delete(files, "t10k-labels-idx1-ubyte")
	if got := describe(t, write(t, files), data.Source{}); !strings.Contains(got, "t10k-labels-idx1-ubyte[.gz] is missing") {
		t.Error(got)
	}
}

// TestCIFARBinary: planes become channels, and a cut file says where.
func TestCIFARBinary(t *testing.T) {
	record := make([]byte, 3073)
	record[0], record[1], record[1+1024], record[1+2048] = 9, 1, 2, 3
	dir := write(t, map[string][]byte{
		"cifar-10-batches-bin/data_batch_1.bin": slices.Concat(record, record), "cifar-10-batches-bin/test_batch.bin": record,
	})
	ds, err := data.OpenPath(t.Context(), dir, data.Source{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := data.ExampleOf(ds, data.Train, 1)
	if err != nil || !slices.Equal(e[data.FieldImage].Bytes()[:4], []byte{1, 2, 3, 0}) || ds.Len(data.Test) != 1 {
		t.Error(e, err)
	}
	got := describe(t, write(t, map[string][]byte{"test_batch.bin": record[:3000]}), data.Source{})
	if !strings.Contains(got, "test_batch.bin: cifar10: byte 0: 3000 bytes") {
		t.Error(got)
	}
}

// TestWhatIsNoDatasetSaysWhatIsWanted, and absent files wrap ErrAbsent.
func TestWhatIsNoDatasetSaysWhatIsWanted(t *testing.T) {
	if got := describe(t, t.TempDir(), data.Source{}); !strings.Contains(got, "wanted CIFAR-10's binary files") {
		t.Error(got)
	}
	_, err := data.OpenPath(t.Context(), filepath.Join(t.TempDir(), "nowhere"), data.Source{Card: data.Card{How: "Ask for it."}})
	if !errors.Is(err, data.ErrAbsent) || !strings.Contains(err.Error(), "Ask for it.") {
		t.Errorf("error = %v", err)
	}
	z := write(t, map[string][]byte{"a.zip": zipped(t, map[string][]byte{"../train/a/1.png": picture(t, 1)})})
	if got := describe(t, filepath.Join(z, "a.zip"), data.Source{}); !strings.Contains(got, "leads outside") {
		t.Error(got)
	}
	dir := write(t, tree(t, 1, "train/a"))
	if err := os.Symlink("/etc/hostname", filepath.Join(dir, "train/a/link.png")); err == nil {
		if got := describe(t, dir, data.Source{}); !strings.Contains(got, "train/a/link.png") {
			t.Error("a link out of the folder is read: ", got)
		}
	}
}

// TestCheckFindsDuplicates within and across splits, and images of one colour.
func TestCheckFindsDuplicates(t *testing.T) {
	pix := []uint8{1, 2, 3, 4, 1, 2, 9, 9}
	part := func(at ...int) data.Part {
		p := data.Part{Labels: make([]int32, len(at))}
		var b []uint8
		for _, i := range at {
			b = append(b, pix[2*i:2*i+2]...)
		}
		p.Images = tensor.From(tensor.Dims(len(at), 1, 2), b)
		return p
	}
	ds, err := data.NewPacked(data.Card{Classes: []string{"a", "b"}}, map[data.Split]data.Part{data.Train: part(0, 1, 2), data.Test: part(1, 3)})
	if err != nil {
		t.Fatal(err)
	}
	r, err := data.Check(t.Context(), ds)
	if err != nil || r.Within != 1 || r.Across != 1 || !slices.Equal(r.Leaks, []string{"test/0 = train/1"}) || !slices.Equal(r.Constant, []string{"test/1"}) {
		t.Errorf("%+v %v", r, err)
	}
	if w := r.Warnings(); len(w) != 5 || !strings.HasPrefix(w[0], "1 examples stand in more than one split") {
		t.Error(strings.Join(w, "\n"))
	}
}

// TestCutValidIsStratified: each class gives its share, drawn by the seed, and
// no example is lost.
func TestCutValidIsStratified(t *testing.T) {
	ds := numbered(t, map[data.Split]int{data.Train: 100, data.Test: 6}, 4)
	cut := func(seed uint64) data.Dataset {
		v, err := data.CutValid(ds, 0.2, rng.New(seed))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	v := cut(1)
	r, err := data.Check(t.Context(), v)
	if err != nil || !slices.Equal(r.PerClass[data.Valid], []int{5, 5, 5, 5}) || r.Count[data.Train] != 80 || r.Count[data.Test] != 6 || r.Across+r.Within != 0 {
		t.Errorf("%+v %v", r, err)
	}
	ids := func(ds data.Dataset) (out []string) {
		for i := range ds.Len(data.Valid) {
			out = append(out, ds.ID(data.Valid, i))
		}
		return out
	}
	if !slices.Equal(ids(v), ids(cut(1))) || slices.Equal(ids(v), ids(cut(2))) {
		t.Error("the cut does not follow the seed")
	}
	if again, err := data.CutValid(v, 0.5, rng.New(3)); err != nil || again != v {
		t.Error("a set with valid is cut again")
	}
	if m := data.Merge(v, data.Train, data.Valid); m.Len(data.Train) != 100 || m.Len(data.Valid) != 0 {
		t.Error("merging loses examples")
	}
	if _, err := data.CutValid(ds, 1, rng.New(1)); err == nil {
		t.Error("a fraction of 1 is accepted")
	}
}

// TestContactSheetIsAGrid with a line of white around each cell.
func TestContactSheetIsAGrid(t *testing.T) {
	ds := numbered(t, map[data.Split]int{data.Train: 5}, 2)
	m, err := data.ContactSheet(ds, data.Train, 9, 3)
	if err != nil || m.W != 3*7+2 || m.H != 2*8+2 || m.Pix[0] != 255 {
		t.Fatalf("%d x %d %v", m.W, m.H, err)
	}
	e, _ := data.ExampleOf(ds, data.Train, 4)
	if got := m.Row(2 + 8)[3*(2+7):][:15]; !slices.Equal(got, e[data.FieldImage].Bytes()[:15]) {
		t.Error("the fifth image is not in its cell")
	}
	if _, err := data.ContactSheet(ds, data.Test, 9, 3); err == nil {
		t.Error("an empty sheet is drawn")
	}
}
