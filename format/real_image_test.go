package format_test

import (
	"testing"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

// Means and deviations of ImageNet's channels, red to blue, for pixels from 0 to 1.
var imageNet = scaling{255, [3]float64{0.485, 0.456, 0.406}, [3]float64{0.229, 0.224, 0.225}}

// scaling turns a sample v of a channel into (v / by - mean) / deviation.
type scaling struct {
	by              float64
	mean, deviation [3]float64
}

// plain leaves samples from 0 to 255.
var plain = scaling{1, [3]float64{}, [3]float64{1, 1, 1}}

func photo(t testing.TB, parts ...string) media.Image {
	t.Helper()
	m, err := media.ReadImage(shared(t, parts...), media.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return m.RGB()
}

func resized(t testing.TB, m media.Image, w, h int) media.Image {
	t.Helper()
	m, err := media.Resize(m, w, h, media.Bilinear)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// planes is an image of three channels as float32 [1 3 H W]; order tells the
// channel of each plane.
func planes(m media.Image, s scaling, order [3]int) tensor.Tensor {
	n := m.W * m.H
	x := tensor.New(tensor.F32(1, 3, m.H, m.W))
	for k, c := range order {
		for i := range n {
			x.Floats()[k*n+i] = float32((float64(m.Pix[3*i+c])/s.by - s.mean[c]) / s.deviation[c])
		}
	}
	return x
}

// pixels is an image as float32 [1 H W C].
func pixels(m media.Image, s scaling, order [3]int) tensor.Tensor {
	x := tensor.New(tensor.F32(1, m.H, m.W, m.C))
	for i := range x.Floats() {
		c := order[i%m.C]
		x.Floats()[i] = float32((float64(m.Pix[i/m.C*m.C+c])/s.by - s.mean[c]) / s.deviation[c])
	}
	return x
}

var (
	rgb = [3]int{0, 1, 2}
	bgr = [3]int{2, 1, 0}
)

// halves is x in float16.
func halves(x tensor.Tensor) tensor.Tensor {
	h := make([]uint16, x.Shape().Size())
	for i, v := range x.Floats() {
		h[i] = tensor.HalfFromFloat(float64(v))
	}
	mem := tensor.From(x.Shape(), h).Bytes()
	y := tensor.New(tensor.Type{DType: tensor.Float16, Shape: x.Shape()})
	copy(y.Bytes(), mem)
	return y
}
