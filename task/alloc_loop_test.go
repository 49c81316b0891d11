package task_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/ihae/ihae/task"
	"github.com/ihae/ihae/train"
)

// counting notes what was allocated between two steps of a training.
type counting struct {
	from, to int
	stop     func()
	before   runtime.MemStats
	after    runtime.MemStats
}

func (c *counting) Report(p train.Progress) {
	switch {
	case p.Event == train.EventStep && p.Step == c.from:
		runtime.ReadMemStats(&c.before)
	case p.Event == train.EventStep && p.Step == c.to:
		runtime.ReadMemStats(&c.after)
		c.stop()
	}
}

// TestTrainingAllocatesNothing counts what is allocated in the middle of an epoch, by
// the step, the records and the loader's workers together: nothing, but for texts,
// whose words are looked up anew each time.
func TestTrainingAllocatesNothing(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		line, data string
		most       float64 // allocations an example
	}{
		{"table", rowsFile(t, dir), 0.1},
		{"text width=8 channels=4 grams=0", reviewsFile(t, dir), 20},
		{"chars layers=1 width=16 valid.every=1000", verseFile(t, dir), 0.1},
		{"chars model=lstm width=16 valid.every=1000", verseFile(t, dir), 0.1},
		{"images width=4 depth=8", imagesFolder(t, dir), 0.1},
	} {
		one, eight := allocations(t, dir, c.line, c.data, 1), allocations(t, dir, c.line, c.data, 8)
		each := (eight - one) / 7
		if each > c.most || one-each > 2 {
			t.Errorf("%s: %.1f allocations an example and %.1f a step besides", c.line, each, one-each)
		}
	}
}

// allocations is how many there are in a step of a training.
func allocations(t *testing.T, dir, line, path string, batch int) float64 {
	t.Helper()
	words := strings.Fields(line)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	count := &counting{from: 10, to: 60, stop: stop}
	o := task.Options{
		Dir: filepath.Join(dir, fmt.Sprint(line, batch)), Data: path, Threads: 2,
		Set: append(words[1:], fmt.Sprint("batch=", batch), "steps=100000"), Reporter: count,
	}
	var interrupted *train.InterruptedError
	if _, err := specOf(t, words[0]).Run(ctx, o); !errors.As(err, &interrupted) {
		t.Fatalf("%s: %v", line, err)
	}
	return float64(count.after.Mallocs-count.before.Mallocs) / float64(count.to-count.from)
}

func rowsFile(t *testing.T, dir string) string {
	t.Helper()
	b := &strings.Builder{}
	fmt.Fprintln(b, "rooms,town,price")
	for i := range 800 {
		fmt.Fprintf(b, "%d,%s,%.1f\n", 1+i%7, []string{"Ulsan", "Jeju"}[i%2], 10.5*float64(1+i%7)+30*float64(i%2)+0.1*float64(i%13))
	}
	return textFile(t, dir, "rows.csv", b.String())
}

func reviewsFile(t *testing.T, dir string) string {
	t.Helper()
	b := &strings.Builder{}
	fmt.Fprintln(b, "text\tlabel")
	for i := range 800 {
		fmt.Fprintf(b, "%s film, number %d\t%s\n", []string{"a good", "a bad"}[i%2], i, []string{"yes", "no"}[i%2])
	}
	return textFile(t, dir, "reviews.tsv", b.String())
}

func verseFile(t *testing.T, dir string) string {
	t.Helper()
	return textFile(t, dir, "verse.txt", strings.Repeat("I wandered lonely as a cloud\n", 400))
}

func textFile(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func imagesFolder(t *testing.T, dir string) string {
	t.Helper()
	dir = filepath.Join(dir, "stripes")
	for i := range 800 {
		m := image.NewGray(image.Rect(0, 0, 12, 12))
		for j := range m.Pix {
			m.SetGray(j%12, j/12, color.Gray{Y: uint8(i%200 + 50*(i%2)*(j%2))})
		}
		path := filepath.Join(dir, fmt.Sprint(i%2), fmt.Sprint(i, ".png"))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, m); err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
	}
	return dir
}
