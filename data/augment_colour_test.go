package data

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ihae/ihae/rng"
)

// TestJitterFollowsTorchvision compares each change of colour, by testdata's
// script.
func TestJitterFollowsTorchvision(t *testing.T) {
	b, err := os.ReadFile("testdata/jitter.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden map[string][]float32
	if err := json.Unmarshal(b, &golden); err != nil {
		t.Fatal(err)
	}
	for name, want := range golden {
		if name == "image" {
			continue
		}
		p := NewPixels(5, 7, 3)
		copy(p.V, golden["image"])
		change, text, _ := strings.Cut(name, " ")
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		switch change {
		case "brightness":
			p.blend(float32(f), func(int) float32 { return 0 })
		case "contrast":
			mean := p.meanLuma()
			p.blend(float32(f), func(int) float32 { return mean })
		case "saturation":
			p.blend(float32(f), p.luma)
		case "hue":
			p.turnHue(f)
		}
		for i, v := range want {
			if math.Abs(float64(v-p.V[i])) > 2e-5 {
				t.Errorf("%s: sample %d is %v, want %v", name, i, p.V[i], v)
				break
			}
		}
	}
}

// TestJitterKeepsGrey: what is grey stays so, and no settings change nothing.
func TestJitterKeepsGrey(t *testing.T) {
	for i := range uint64(40) {
		p := NewPixels(4, 4, 3)
		for k := range p.V {
			p.V[k] = float32(k/3) / 16
		}
		still := ramp(4, 4, 3)
		Jitter{}.Apply(still, rng.New(1).At(i))
		Jitter{0.9, 0.9, 0.9, 0.5}.Apply(p, rng.New(1).At(i))
		if !slices.Equal(still.V, ramp(4, 4, 3).V) {
			t.Fatal("no settings change the image")
		}
		for k := 0; k < len(p.V); k += 3 {
			if d := max(p.V[k], p.V[k+1], p.V[k+2]) - min(p.V[k], p.V[k+1], p.V[k+2]); d > 1e-6 {
				t.Fatalf("a grey pixel becomes %v", p.V[k:k+3])
			}
		}
		one := ramp(4, 4, 1)
		Jitter{0.5, 0.5, 0.5, 0.5}.Apply(one, rng.New(1).At(i))
		if slices.Min(one.V) < 0 || slices.Max(one.V) > 1 {
			t.Fatal("outside 0 to 1")
		}
	}
}

// TestEraseHidesARectangle in the share of images that was asked for.
func TestEraseHidesARectangle(t *testing.T) {
	hidden := 0
	for i := range uint64(400) {
		p, src := ramp(16, 20, 1), ramp(16, 20, 1)
		Erase{Share: 0.5}.Apply(p, rng.New(7).At(i))
		n := 0
		for k, v := range p.V {
			if v != src.V[k] {
				n++
			}
		}
		if n > 0 {
			hidden++
		}
		if n > 0 && (n < 4 || n > 125) { // 2 to 33 % of 320, and the roundings of both sides
			t.Errorf("%d samples are hidden", n)
		}
	}
	if hidden < 160 || hidden > 240 {
		t.Errorf("%d of 400 images are changed", hidden)
	}
}

// TestResizedCropStretches: a plane stays a plane, of the slope that the
// rectangle's share implies, and all values are within the image's.
func TestResizedCropStretches(t *testing.T) {
	p := NewPixels(8, 8, 1)
	for k := range p.V {
		p.V[k] = float32(k%8) / 8
	}
	p.enlarge(2, 1, 4, 4)
	for x, want := range []float32{2, 2.25, 2.75, 3.25, 3.75, 4.25, 4.75, 5} { // clamped at both ends
		if got := p.at(3, x, 0, FillZero) * 8; math.Abs(float64(got-want)) > 1e-5 {
			t.Errorf("column %d is %v, want %v", x, got, want)
		}
	}
	for i := range uint64(50) {
		q := ramp(9, 13, 3)
		ResizedCrop{Least: 0.08}.Apply(q, rng.New(8).At(i))
		if slices.Min(q.V) < 0 || slices.Max(q.V) > 1.01 {
			t.Fatal("a sample from outside of the image")
		}
	}
}
