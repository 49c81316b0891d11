package media

import (
	"image"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestTriangleByHand doubles one row as worked out on paper.
func TestTriangleByHand(t *testing.T) {
	got := make([]uint8, 8)
	triangle(got, []uint8{0, 100, 200, 50})
	if want := []uint8{0, 25, 75, 125, 175, 163, 87, 50}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestUpsampledSampleIsNineThreeThreeOne: in 4:2:0 a sample is 9/16 of the
// nearest, 3/16 of the two next to it and 1/16 of the one across, plus 8/16 in
// even columns and 7/16 in odd ones, rounded down; in 4:4:0 it is 3/4 and 1/4,
// plus 1/4 in even rows and 2/4 in odd ones.
func TestUpsampledSampleIsNineThreeThreeOne(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w, h := rapid.IntRange(5, 17).Draw(r, "w"), rapid.IntRange(1, 9).Draw(r, "h")
		ratio := rapid.SampledFrom([]image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio440}).Draw(r, "ratio")
		m := image.NewYCbCr(image.Rect(0, 0, w, h), ratio)
		for i := range m.Cb {
			m.Cb[i] = rapid.Byte().Draw(r, "sample")
		}
		u, row := newUpsampler(m), make([]uint8, w+8)
		at := func(y, x int) int {
			return int(m.Cb[max(0, min(y, u.h-1))*m.CStride+max(0, min(x, u.w-1))])
		}
		for y := range h {
			u.row(row, m.Cb, y)
			dy := 2*(y%2) - 1
			for x := range w {
				want := (3*at(y/2, x) + at(y/2+dy, x) + 1 + y%2) / 4
				if ratio == image.YCbCrSubsampleRatio420 {
					dx := 2*(x%2) - 1
					want = (9*at(y/2, x/2) + 3*at(y/2+dy, x/2) + 3*at(y/2, x/2+dx) + at(y/2+dy, x/2+dx) + 8 - x%2) / 16
				}
				if int(row[x]) != want {
					r.Fatalf("sample (%d, %d) is %d, want %d", y, x, row[x], want)
				}
			}
		}
	})
}

// TestColoursFollowJFIF: each channel is the formula of JFIF to half a level,
// green with its two products to a whole one.
func TestColoursFollowJFIF(t *testing.T) {
	rgb := make([]uint8, 3)
	for y := 0; y < 256; y += 5 {
		for b := 0; b < 256; b += 3 {
			for r := range 256 {
				rowRGB(rgb, []uint8{uint8(y)}, []uint8{uint8(b)}, []uint8{uint8(r)})
				l, cb, cr := float64(y), float64(b-128), float64(r-128)
				want := [3]float64{l + 1.402*cr, l - 0.344136*cb - 0.714136*cr, l + 1.772*cb}
				for c, allowed := range [3]float64{0.501, 1, 0.501} {
					if d := float64(rgb[c]) - max(0, min(255, want[c])); math.Abs(d) > allowed {
						t.Fatalf("YCbCr %d %d %d: %v, want %v", y, b, r, rgb, want)
					}
				}
			}
		}
	}
}
