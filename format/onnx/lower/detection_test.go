package lower_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// suppressed is the boxes that NonMaxSuppression keeps of one class, at most so many.
func suppressed(t *testing.T, boxes, scores tensor.Tensor, most int64) (tensor.Tensor, error) {
	t.Helper()
	overlap := tensor.From(tensor.Dims(1), []float32{0.5})
	m := oneNode(t, "NonMaxSuppression", 11, []any{boxes.Type(), scores.Type(), numbers(most), overlap})
	y, err := run(t, m, map[string]tensor.Tensor{"a": boxes, "b": scores})
	return y["NonMaxSuppression"], err
}

// TestBoundlessSuppression: exporters write the largest int64 for a bound on boxes
// that is none. Of three boxes the second overlaps the first, which scores less, by
// 0.9/1.1 of their union.
func TestBoundlessSuppression(t *testing.T) {
	boxes := tensor.From(tensor.Dims(1, 3, 4), []float32{0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, 5, 1, 6})
	scores := tensor.From(tensor.Dims(1, 1, 3), []float32{0.5, 0.9, 0.7})
	for most, want := range map[int64]string{
		math.MaxInt64: "[0 0 1 0 0 2]", 2: "[0 0 1 0 0 2]", 1: "[0 0 1]", 0: "[]", math.MinInt64: "[]",
	} {
		y, err := suppressed(t, boxes, scores, most)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(tensor.Of[int64](y)); got != want {
			t.Errorf("at most %d boxes: %v, want %v", most, got, want)
		}
	}
}

// TestSuppressionRefused: boxes and scores that are whole numbers.
func TestSuppressionRefused(t *testing.T) {
	boxes, scores := tensor.New(tensor.F32(1, 3, 4)), tensor.New(tensor.F32(1, 1, 3))
	for _, c := range [][2]tensor.Tensor{
		{tensor.New(ints64(1, 3, 4)), scores}, {boxes, tensor.New(ints64(1, 1, 3))},
	} {
		if _, err := suppressed(t, c[0], c[1], 3); err == nil || !strings.Contains(err.Error(), "want floats") {
			t.Errorf("boxes %v and scores %v: %v", c[0].Type(), c[1].Type(), err)
		}
	}
}

// pooled is what an operator of regions makes of an image [1 1 H W].
func pooled(t *testing.T, op string, image tensor.Tensor, region []float32, attrs ...onnx.Attr) []float32 {
	t.Helper()
	regions := tensor.From(tensor.Dims(1, len(region)), region)
	in := []any{image.Type(), regions.Type()}
	if op == "RoiAlign" {
		in = append(in, numbers(0))
	}
	y, err := run(t, oneNode(t, op, 16, in, attrs...), map[string]tensor.Tensor{"a": image, "b": regions})
	if err != nil {
		t.Fatal(err)
	}
	return y[op].Floats()
}

// rows is an image of equal rows, f of the columns.
func rows(height, width int, f func(x int) float32) tensor.Tensor {
	v := make([]float32, height*width)
	for i := range v {
		v[i] = f(i % width)
	}
	return tensor.From(tensor.Dims(1, 1, height, width), v)
}

// TestRegionsOfWholeBins: regions whose bins are whole numbers of pixels, for which
// 1/bins is no float32, of a ramp: the average of a bin is its middle, its largest
// element the last one.
func TestRegionsOfWholeBins(t *testing.T) {
	for _, bins := range []int{3, 5, 6, 7, 11, 13, 14} {
		for pixels := 1; pixels*bins <= 120; pixels++ {
			n := pixels * bins
			ramp := rows(2, n+1, func(x int) float32 { return float32(x) })
			averages := pooled(t, "RoiAlign", ramp, []float32{0.5, 0.5, float32(n) + 0.5, 1.5},
				onnx.Int("output_height", 1), onnx.Int("output_width", int64(bins)))
			largest := pooled(t, "MaxRoiPool", ramp, []float32{0, 0, 0, float32(n - 1), 1}, onnx.Ints("pooled_shape", 1, int64(bins)))
			for i := range bins {
				if want := (float64(i) + 0.5) * float64(pixels); math.Abs(float64(averages[i])-want) > 1e-4*want {
					t.Errorf("%d bins of %d pixels: average %d is %v, want %v", bins, pixels, i, averages[i], want)
				}
				if want := float32((i+1)*pixels - 1); largest[i] != want {
					t.Errorf("%d bins of %d pixels: the largest of bin %d is %v, want %v", bins, pixels, i, largest[i], want)
				}
			}
		}
	}
}
