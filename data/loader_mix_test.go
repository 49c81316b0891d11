package data_test

import (
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/rng"
)

// TestLoaderMixesTheSameEachTime: a batch's mixture depends on its number alone,
// not on the workers or on the batches before it.
func TestLoaderMixesTheSameEachTime(t *testing.T) {
	ds := numbered(t, map[data.Split]int{data.Train: 40}, 4)
	read := func(workers, from int) []float32 {
		l, err := data.NewLoader(ds, data.Train, data.LoaderConfig{
			Batch: 8, Shuffle: true, Stream: rng.New(3), Input: config(8, 1).Input,
			Mix: data.Mix{Mixup: 0.3, CutMix: 1}, Workers: workers,
		})
		if err != nil {
			t.Fatal(err)
		}
		n, out := from, []float32(nil)
		for b, err := range l.Batches(t.Context(), 2, from) {
			if err != nil {
				t.Fatal(err)
			}
			if n >= 2 {
				out = append(out, b.Input.Floats()...)
				out = append(out, b.Fields[data.FieldShare].Floats()...)
			}
			n++
		}
		return out
	}
	a, b := read(1, 0), read(3, 2)
	if len(a) == 0 || len(a) != len(b) {
		t.Fatal(len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] {
			t.Fatal("the mixtures differ")
		}
	}
}
