package report_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/page"
	"github.com/ihae/ihae/report"
	"github.com/ihae/ihae/task"
	"github.com/ihae/ihae/train"
)

var update = flag.Bool("update", false, "accept the page as it is now")

// small is a page with every part.
func small() report.Page {
	dot := report.Picture{W: 2, H: 2, C: 1, Pix: []uint8{0, 80, 160, 240}}
	right := report.Example{ID: "test/0", Picture: dot, Truth: "face", Top: []report.Guess{{"face", 0.75}, {"non-face", 0.25}}}
	wrong := right
	wrong.ID, wrong.Truth = "<script>alert(1)</script>", "non-face"
	return report.Page{
		Run: "runs/x", Task: "faces", Doc: "Tell faces.", Split: "test", Count: 2, Accuracy: 0.5, Low: 0.1, High: 0.9, Unit: "images",
		Facts: []report.Fact{{Name: "trained in", Value: "3 s"}}, Charts: []page.Chart{{Title: "Loss", X: "epoch", Y: "nats", Series: []page.Series{{Name: "train", X: []float64{1, 2}, Y: []float64{1, 0.5}}}}},
		Classes: []string{"non-face", "face"}, Confusion: [][]int{{0, 1}, {0, 1}}, Examples: []report.Example{wrong, right}, Shown: 1,
		Filters: []report.Picture{dot}, FilterDoc: "one filter", Walks: []report.Walk{{Example: wrong, Stages: []report.Stage{{Name: "after a", Doc: "1 map", Maps: []report.Picture{dot}}}}},
		Layers: []report.Layer{{Path: "head", Kind: "Linear", Shape: "[1 2]", Params: "10", FLOPs: "20"}}, Costs: []report.Fact{{Name: "time", Value: "3 s", Note: "2 threads"}},
		Data: []report.Fact{{Name: "licence", Value: "CC0"}}, Reproduce: []string{"ihae train faces --seed 0"},
	}
}

// TestPage compares a page that has every part with its golden file.
func TestPage(t *testing.T) {
	var b bytes.Buffer
	if err := report.Write(&b, small()); err != nil {
		t.Fatal(err)
	}
	got := strings.Replace(b.String(), string(page.Style()), "", 1)
	file := filepath.Join("testdata", "page.html")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the page differs (go test ./report -update accepts it):\n%s", got)
	}
	if strings.Contains(got, "<script") {
		t.Error("a name of the data became a script")
	}
}

// TestPageNeedsNothingElse asks that no part of a page comes from elsewhere.
func TestPageNeedsNothingElse(t *testing.T) {
	var b bytes.Buffer
	if err := report.Write(&b, small()); err != nil {
		t.Fatal(err)
	}
	if found := regexp.MustCompile(`(src|href)="[^d"][^"]*"|url\([^)]*\)|@import|https?:`).FindString(b.String()); found != "" {
		t.Errorf("the page asks for %s", found)
	}
}

// TestPictureOfWrongSize asks for an error rather than a broken page.
func TestPictureOfWrongSize(t *testing.T) {
	p := small()
	p.Filters[0].W = 3
	if err := report.Write(&bytes.Buffer{}, p); err == nil {
		t.Error("a picture with missing samples was written")
	}
}

// TestGather trains two epochs of faces and asks that the page tells of that
// run what its files say, with every test photograph and every layer.
func TestGather(t *testing.T) {
	ctx := context.Background()
	spec, err := task.Lookup("faces")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	job, err := spec.Job(ctx, task.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	job.Config.Epochs = 2
	result, err := train.Fit(ctx, job)
	if err != nil {
		t.Fatal(err)
	}
	run, err := train.OpenRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	pool := exec.NewPool(1)
	defer pool.Close()
	p, err := report.Gather(ctx, run, job.Data, pool, func(w string) { t.Error(w) })
	if err != nil {
		t.Fatal(err)
	}
	if p.Count != 60 || len(p.Examples) != 60 || p.Accuracy != float64(result.Metrics["accuracy"]) {
		t.Errorf("%d examples, %d drawn, accuracy %v; the run has %v on %d", p.Count, len(p.Examples), p.Accuracy, result.Metrics["accuracy"], result.Count)
	}
	if right := p.Confusion[0][0] + p.Confusion[1][1]; float64(right)/60 != p.Accuracy || 60-right != p.Mistakes() {
		t.Errorf("confusion %v and %d mistakes against accuracy %v", p.Confusion, p.Mistakes(), p.Accuracy)
	}
	for i, e := range p.Examples {
		if wrong := i < p.Mistakes(); e.Wrong() != wrong {
			t.Errorf("example %d of %d mistakes: wrong is %v", i, p.Mistakes(), e.Wrong())
		}
	}
	if len(p.Filters) == 0 || len(p.Walks) == 0 || len(p.Walks[0].Stages) < 3 || len(p.Layers) < 5 || p.ROC == nil || len(p.Charts) != 2 {
		t.Errorf("a part is missing: %d filters, %d walks, %d layers, %d charts", len(p.Filters), len(p.Walks), len(p.Layers), len(p.Charts))
	}
	var first, second bytes.Buffer
	if err := report.Write(&first, p); err != nil {
		t.Fatal(err)
	}
	if err := report.Write(&second, p); err != nil || first.String() != second.String() {
		t.Error("the same page has other bytes the second time", err)
	}
}
