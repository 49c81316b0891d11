package data

import (
	"math"
	"testing"

	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// mixedBatch is n images of class k whose samples are all k, mixed.
func mixedBatch(t *testing.T, n int, m Mix, seed uint64) Batch {
	t.Helper()
	in := Input{Width: 6, Height: 5, Channels: 3}
	b := Batch{Count: n - 1, Fields: map[string]tensor.Tensor{}}
	b.Input, b.Label = tensor.New(tensor.F32(n, 5, 6, 3)), tensor.New(tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(n)})
	for k := range n - 1 {
		tensor.Of[int32](b.Label)[k] = int32(k)
		for i := range 90 {
			b.Input.Floats()[90*k+i] = float32(k)
		}
	}
	newMixer(&b).apply(&b, m, in, rng.New(seed))
	return b
}

// TestMixedImagesAreWhatTheirShareSays: each image adds up to share of the
// first label and the rest of the second, both by mixup and by CutMix.
func TestMixedImagesAreWhatTheirShareSays(t *testing.T) {
	for _, m := range []Mix{{Mixup: 0.4}, {CutMix: 1}, {Mixup: 1, CutMix: 1}} {
		changed := 0
		for seed := range uint64(20) {
			b := mixedBatch(t, 9, m, seed)
			label, other := tensor.Of[int32](b.Label), tensor.Of[int32](b.Fields[FieldOther])
			share := b.Fields[FieldShare].Floats()
			for k := range b.Count {
				sum := 0.0
				for _, v := range b.Input.Floats()[90*k : 90*k+90] {
					sum += float64(v) / 90
				}
				want := float64(share[k])*float64(label[k]) + float64(1-share[k])*float64(other[k])
				if math.Abs(sum-want) > 1e-4 || int(label[k]) != k || share[k] < 0 || share[k] > 1 {
					t.Fatalf("%+v: image %d of labels %d and %d has mean %v, with share %v want %v", m, k, label[k], other[k], sum, share[k], want)
				}
				if label[k] != other[k] && share[k] < 1 {
					changed++
				}
			}
			if share[8] != 1 {
				t.Error("a row beyond the batch is mixed")
			}
		}
		if changed < 80 {
			t.Errorf("%+v: only %d of 160 images are mixtures", m, changed)
		}
	}
}

// TestBetaHasItsMoments: mean 1/2, variance 1/(4(2a+1)).
func TestBetaHasItsMoments(t *testing.T) {
	draw := rng.New(9).Rand()
	for _, a := range []float64{0.2, 1, 8} {
		const n = 20000
		sum, square := 0.0, 0.0
		for range n {
			v := beta(draw, a)
			sum, square = sum+v, square+v*v
		}
		mean := sum / n
		variance := square/n - mean*mean
		if want := 1 / (4 * (2*a + 1)); math.Abs(mean-0.5) > 0.015 || math.Abs(variance-want) > 0.04*want {
			t.Errorf("a = %v: mean %v, variance %v, want %v", a, mean, variance, want)
		}
	}
}

// TestMixRefusesOtherInputs than images of classes.
func TestMixRefusesOtherInputs(t *testing.T) {
	in := Input{Width: 4, Height: 4, Channels: 1}
	for _, err := range []error{
		Mix{Mixup: -1}.Check(in, Output{}), Mix{CutMix: math.NaN()}.Check(in, Output{}),
		Mix{Mixup: 1}.Check(in, Output{Kind: OutputValue}), Mix{Mixup: 1}.Check(Input{Kind: KindTable}, Output{}),
	} {
		if err == nil {
			t.Error("it is accepted")
		}
	}
}
