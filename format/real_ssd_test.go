package format_test

import (
	"math"
	"testing"
)

const ssdFile = "tf-face-ssd-uint8/opencv_face_detector_uint8.pb"

// ssdGrid is a layer of predictions: Liu et al., "SSD: Single Shot MultiBox
// Detector", 2016, section 2.2. The numbers are those of OpenCV's face detector.
type ssdGrid struct {
	side         int
	step         float64 // between centres, in pixels
	small, large float64 // sides of the two squares: the second's is √(small · large)
	ratios       []float64
}

var ssdGrids = []ssdGrid{
	{38, 8, 30, 60, []float64{2}}, {19, 16, 60, 111, []float64{2, 3}}, {10, 32, 111, 162, []float64{2, 3}},
	{5, 64, 162, 213, []float64{2, 3}}, {5, 100, 213, 264, []float64{2}}, {5, 300, 264, 315, []float64{2}},
}

// ssdPriors is the default boxes of a picture of 300 x 300, as centre and size.
func ssdPriors() [][4]float64 {
	var all [][4]float64
	for _, g := range ssdGrids {
		for i := range g.side * g.side {
			x, y := (float64(i%g.side)+0.5)*g.step, (float64(i/g.side)+0.5)*g.step
			add := func(w, h float64) { all = append(all, [4]float64{x, y, w, h}) }
			middle := math.Sqrt(g.small * g.large)
			add(g.small, g.small)
			add(middle, middle)
			for _, r := range g.ratios {
				root := math.Sqrt(r)
				add(g.small*root, g.small/root)
				add(g.small/root, g.small*root)
			}
		}
	}
	return all
}

// TestRealSSD runs the face detector of OpenCV, whose weights are bytes: all
// outputs of TensorFlow, and the faces of two portraits.
func TestRealSSD(t *testing.T) {
	mean := scaling{1, [3]float64{123, 177, 104}, [3]float64{1, 1, 1}}
	priors := ssdPriors()
	for i, p := range portraits[:2] {
		m := photo(t, "models", p.file)
		out := peerCase{
			name: "ssd." + []string{"one", "three"}[i], model: ssdFile, in: tensors{"data": pixels(resized(t, m, 300, 300), mean, bgr)},
			outputs: []string{"mbox_loc", "mbox_conf_flatten"}, tolerance: exact,
		}.run(t, "ssd")
		at, score := values(out["mbox_loc"]), values(out["mbox_conf_flatten"])
		if len(at) != 4*len(priors) || len(score) != 2*len(priors) {
			t.Fatalf("%d numbers of boxes and %d scores for %d priors", len(at), len(score), len(priors))
		}
		var all []box
		sx, sy := float64(m.W)/300, float64(m.H)/300
		for k, q := range priors {
			v := at[4*k:] // offsets and logarithms, in tenths and fifths
			x, y, w, h := q[0]+v[0]/10*q[2], q[1]+v[1]/10*q[3], q[2]*math.Exp(v[2]/5), q[3]*math.Exp(v[3]/5)
			all = append(all, box{(x - w/2) * sx, (y - h/2) * sy, (x + w/2) * sx, (y + h/2) * sy, score[2*k+1]})
		}
		detector{overlap: 0.6}.check(t, i, best(all, 0.5))
	}
}
