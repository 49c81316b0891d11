package lower_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

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
