package page_test

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"flag"
	"fmt"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ihae/ihae/page"
)

var update = flag.Bool("update", false, "accept the charts as they are now")

func ExampleCount() {
	fmt.Println(page.Count(512), page.Count(272474), page.Count(4.1e7), "·", page.Seconds(7.24), page.Percent(0.9833), page.Bytes(1<<20*3/2))
	// Output: 512 272 k 41 M · 7.24 s 98.3 % 1.5 MiB
}

// TestPNGRoundTrip decodes the data URI with the standard library.
func TestPNGRoundTrip(t *testing.T) {
	for _, c := range []int{1, 3} {
		pix := make([]uint8, 5*4*c)
		for i := range pix {
			pix[i] = uint8(i * 11)
		}
		uri, err := page.PNG(5, 4, c, pix)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(uri), "data:image/png;base64,"))
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 20 {
			r, g, b, _ := img.At(i%5, i/5).RGBA()
			want := [3]uint8{pix[i*c], pix[i*c+(c-1)/2], pix[i*c+c-1]}
			if got := [3]uint8{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8)}; got != want {
				t.Fatalf("c=%d pixel %d is %v, want %v", c, i, got, want)
			}
		}
	}
	if _, err := page.PNG(5, 4, 3, make([]uint8, 5)); err == nil {
		t.Error("a picture with missing samples was written")
	}
}

// TestCharts compares drawings with golden files and asks that each is
// well-formed XML.
func TestCharts(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]page.Chart{
		"loss": {Title: "Loss", X: "epoch", Y: "nats", MarkX: 3, MarkName: "best", Series: []page.Series{
			{Name: "train", X: []float64{1, 2, 3, 4}, Y: []float64{0.9, 0.5, 0.31, 0.2}},
			{Name: "valid <&>", X: []float64{1, 2, 3, 4}, Y: []float64{0.95, nan, 0.4, 0.41}}}},
		"roc":      {Title: "ROC", X: "false alarms", Y: "found", Unit: true, Series: []page.Series{{X: []float64{0, 0, 1}, Y: []float64{0, 0.9, 1}}}},
		"accuracy": {Title: "Accuracy", X: "epoch", Y: "accuracy", Percent: true, Series: []page.Series{{X: []float64{1, 2}, Y: []float64{0.5, 0.98}}}},
		"log":      {Title: "Loss", X: "step", Y: "nats", Log: true, Series: []page.Series{{X: []float64{1, 2, 3}, Y: []float64{1, 0, 0.001}}}},
		"one":      {Title: "One point", X: "x", Y: "y", Series: []page.Series{{X: []float64{7}, Y: []float64{3}}}},
		"empty":    {Title: "Nothing", Series: []page.Series{{X: []float64{1}, Y: []float64{nan}}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := string(c.SVG())
			d := xml.NewDecoder(strings.NewReader(got))
			for {
				if _, err := d.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("%v in %s", err, got)
				}
			}
			if strings.Contains(got, "NaN") || strings.Contains(got, "Inf") {
				t.Errorf("a coordinate is not finite: %s", got)
			}
			golden(t, filepath.Join("testdata", name+".svg"), got)
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
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
		t.Errorf("%s differs (go test ./page -update accepts it):\n%s", file, got)
	}
}

// TestConfusionShares asks that rows are shaded by their own sum and that names
// cannot break the page.
func TestConfusionShares(t *testing.T) {
	got := string(page.Confusion([]string{"<b>", "face"}, [][]int{{3, 1}, {0, 0}}))
	for _, want := range []string{`&lt;b&gt;`, `class="right" style="--share:0.750">3`, `class="wrong" style="--share:0.250">1`, `--share:0.000">0`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}
