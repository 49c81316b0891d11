package data

import (
	"math"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

// Shaped is a dataset that knows the shapes of its images without decoding.
type Shaped interface {
	// Shape is [H W C] of one image.
	Shape(s Split, i int) tensor.Shape
}

// ImageShape is [H W C] of one image, without decoding where ds can.
func ImageShape(ds Dataset, s Split, i int) (tensor.Shape, error) {
	switch d := ds.(type) {
	case Shaped:
		return d.Shape(s, i), nil
	case *subset:
		r := d.refs[s][i]
		return ImageShape(d.Dataset, r.Split, r.Index)
	}
	e, err := ExampleOf(ds, s, i)
	if err != nil {
		return tensor.Shape{}, err
	}
	t, err := imageOf(e)
	return t.Shape(), err
}

// Evenly is at most n examples of a split, evenly apart.
func Evenly(ds Dataset, s Split, n int) []Ref {
	all := All(ds, s)
	n = min(n, len(all))
	some := make([]Ref, n)
	for i := range some {
		some[i] = all[i*len(all)/n]
	}
	return some
}

// Measure is the mean and the standard deviation of each channel, of 0 to 1, over
// at most most images of the training split at the input's size. A channel that
// never changes has the deviation 1.
func Measure(ds Dataset, in Input, most int) (mean, deviation []float64, err error) {
	sum, square, n := make([]float64, in.Channels), make([]float64, in.Channels), 0.0
	for _, r := range Evenly(ds, Train, most) {
		m, err := imageAt(ds, r.Split, r.Index)
		if err != nil {
			return nil, nil, err
		}
		if m, err = in.Fit(m); err != nil {
			return nil, nil, err
		}
		for i, v := range m.Pix {
			x := float64(v) / 255
			sum[i%m.C] += x
			square[i%m.C] += float64(x * x)
		}
		n += float64(m.W * m.H)
	}
	for c := range sum {
		sum[c] /= max(n, 1)
		d := math.Sqrt(max(0, square[c]/max(n, 1)-float64(sum[c]*sum[c])))
		if d < 1e-3 {
			d = 1
		}
		square[c] = d
	}
	return sum, square, nil
}

// IsGrey says whether an image has no colours.
func IsGrey(m media.Image) bool {
	if m.C == 1 {
		return true
	}
	for i := 0; i < len(m.Pix); i += 3 {
		if m.Pix[i] != m.Pix[i+1] || m.Pix[i] != m.Pix[i+2] {
			return false
		}
	}
	return true
}

// AllGrey says whether none of at most most images of the training split has
// colours.
func AllGrey(ds Dataset, most int) (bool, error) {
	for _, r := range Evenly(ds, Train, most) {
		m, err := imageAt(ds, r.Split, r.Index)
		if err != nil || !IsGrey(m) {
			return false, err
		}
	}
	return true, nil
}
