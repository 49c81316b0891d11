package train

import (
	"strings"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/tensor"
)

// TestFingerprintsSeeEdits changes one sample of one image.
func TestFingerprintsSeeEdits(t *testing.T) {
	seen := map[string]int{}
	for _, at := range []int{-1, 0, 2500*4 + 1, 5000*4 - 1} {
		images := tensor.New(tensor.Type{DType: tensor.Uint8, Shape: tensor.Dims(5000, 2, 2)})
		if at >= 0 {
			images.Bytes()[at]++
		}
		ds, err := data.NewPacked(data.Card{Classes: []string{"a"}}, map[data.Split]data.Part{data.Train: {Images: images, Labels: make([]int32, 5000)}})
		if err != nil {
			t.Fatal(err)
		}
		sum, err := Fingerprint(ds)
		if err != nil || len(strings.Trim(sum, "0123456789abcdef")) > 0 {
			t.Fatal(sum, err)
		}
		if other, twice := seen[sum]; twice {
			t.Errorf("the edits at %d and %d look the same", at, other)
		}
		seen[sum] = at
	}
}
