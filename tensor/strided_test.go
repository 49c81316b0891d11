package tensor

import (
	"slices"
	"strings"
	"testing"
)

// TestStridedIsTheFormula: every element is where the formula says, for
// transposed, repeated, shifted and contiguous views.
func TestStridedIsTheFormula(t *testing.T) {
	data := make([]int32, 100)
	for i := range data {
		data[i] = int32(i)
	}
	src := From(Dims(100), data).Bytes()
	for _, c := range []struct {
		dims, strides []int
		offset        int
	}{
		{[]int{2, 3, 4}, []int{12, 4, 1}, 5},
		{[]int{2, 3, 4}, []int{1, 2, 6}, 0},
		{[]int{2, 3, 4}, []int{24, 8, 2}, 1},
		{[]int{5, 3}, []int{0, 1}, 97},
		{[]int{3, 1, 2}, []int{2, 77, 1}, 0},
		{[]int{3, 2, 1}, []int{30, 1, 1000}, 0},
		{nil, nil, 99},
		{[]int{0, 5}, []int{1, 1}, 1000},
	} {
		got, err := Strided(Type{Int32, Dims(c.dims...)}, src, c.offset, c.strides)
		if err != nil {
			t.Errorf("%v: %v", c, err)
			continue
		}
		var want []int32
		for n := range got.Shape().Size() {
			at := c.offset
			for i, rest := len(c.dims)-1, n; i >= 0; i-- {
				at += rest % c.dims[i] * c.strides[i]
				rest /= c.dims[i]
			}
			want = append(want, data[at])
		}
		if !slices.Equal(Of[int32](got), want) {
			t.Errorf("%v: %v, want %v", c, Of[int32](got), want)
		}
	}
}

// TestStridedRefusesWhatReachesOutside, before allocating.
func TestStridedRefusesWhatReachesOutside(t *testing.T) {
	src := make([]byte, 40)
	for want, c := range map[string]struct {
		dims, strides []int
		offset        int
	}{
		"reaches element 10 of 10": {[]int{2}, []int{1}, 9},
		"reaches too far":          {[]int{1 << 30, 1 << 20}, []int{1 << 40, 1 << 60}, 0},
		"stride -1":                {[]int{2}, []int{-1}, 5},
		"from element -1":          {[]int{2}, []int{1}, -1},
		"1 strides":                {[]int{2, 2}, []int{1}, 0},
	} {
		_, err := Strided(Type{Int32, Dims(c.dims...)}, src, c.offset, c.strides)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %q", err, want)
		}
	}
}
