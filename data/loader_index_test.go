package data_test

import (
	"slices"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// TestEachExampleIsChangedByItsOwnStream shifts equal images: if the index did
// not lead to the stream, they would all be shifted alike.
func TestEachExampleIsChangedByItsOwnStream(t *testing.T) {
	const n, side = 8, 9
	images := tensor.New(tensor.Type{DType: tensor.Uint8, Shape: tensor.Dims(n, side, side, 1)})
	for i := range images.Bytes() {
		images.Bytes()[i] = byte(i % (side * side))
	}
	ds, err := data.NewPacked(data.Card{Name: "equal", Classes: []string{"a", "b"}}, map[data.Split]data.Part{
		data.Train: {Images: images, Labels: make([]int32, n)},
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := data.NewLoader(ds, data.Train, data.LoaderConfig{
		Batch: n, Stream: rng.New(1), Augment: []data.Augment{data.Crop{Pad: 4}},
		Input: data.Input{Name: "image", Kind: "image", Width: side, Height: side, Channels: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	for b, err := range l.Batches(t.Context(), 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		pixels := b.Input.Floats()
		first := pixels[:side*side]
		for i := 1; i < n; i++ {
			if !slices.Equal(first, pixels[i*side*side:(i+1)*side*side]) {
				return
			}
		}
		t.Error("all examples are changed alike")
	}
}
