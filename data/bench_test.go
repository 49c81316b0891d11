package data

import (
	"testing"

	"github.com/ihae/ihae/rng"
)

// BenchmarkAugment is the cost of each augmentation on a 32x32 colour image.
func BenchmarkAugment(b *testing.B) {
	for _, a := range []Augment{Flip{}, Crop{Pad: 4}, Affine{Rotate: 10, Shift: 2, Scale: 0.1}, Light{Brightness: 0.1, Contrast: 0.1}, Cutout{Size: 8}} {
		b.Run(a.Name(), func(b *testing.B) {
			p, r := ramp(32, 32, 3), rng.New(1)
			for i := range b.N {
				a.Apply(p, r.At(uint64(i)))
			}
		})
	}
}
