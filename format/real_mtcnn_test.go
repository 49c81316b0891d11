package format_test

import (
	"math"
	"strings"
	"testing"

	"github.com/ihae/ihae/format/caffe"
	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

const mtcnn = "caffe-mtcnn-face/"

var mtcnnScaling = scaling{127.5, [3]float64{1, 1, 1}, [3]float64{1, 1, 1}}

// turned is crops of one size, rows and columns exchanged, as float32
// [N 3 W H]: the nets of MTCNN were trained on pictures that lie so.
func turned(crops ...media.Image) tensor.Tensor {
	var all []float32
	w, h := crops[0].W, crops[0].H
	for _, m := range crops {
		x := planes(m, mtcnnScaling, rgb).Floats()
		for c := range 3 {
			for i := range w * h {
				all = append(all, x[c*w*h+i%h*w+i/h])
			}
		}
	}
	return tensor.From(tensor.Dims(len(crops), 3, w, h), all)
}

// cut is the square about a box, side by side pixels.
func cut(t testing.TB, m media.Image, b box, side int) media.Image {
	s := max(b.x1-b.x0, b.y1-b.y0)
	x, y := (b.x0+b.x1-s)/2, (b.y0+b.y1-s)/2
	return resized(t, m.Crop(int(x), int(y), int(s), int(s)), side, side)
}

// TestRealMTCNN runs the three nets of Zhang et al., "Joint Face Detection and
// Alignment using Multi-task Cascaded Convolutional Networks", 2016: all outputs
// of OpenCV, the first net's surest cell in the face, and the others' yes to three
// faces and no to what is none, with eyes, nose and mouth in their order.
func TestRealMTCNN(t *testing.T) {
	const smaller = 0.28 // makes the face of 43 pixels one of 12
	one, three := portraits[0], portraits[1]
	m := photo(t, "models", one.file)
	small := resized(t, m, int(smaller*float64(m.W)), int(smaller*float64(m.H)))
	whole := shared(t, "models", mtcnn+"det1.caffemodel")
	anySize, err := caffe.Open(strings.TrimSuffix(whole, "caffemodel")+"prototxt", whole, caffe.Options{Inputs: map[string][]int{"data": {-1, 3, -1, -1}}})
	if err != nil {
		t.Fatal(err)
	}
	out := peerCase{
		name: "proposal", model: mtcnn + "det1.caffemodel", opened: anySize, in: tensors{"data": turned(small)}, outputs: []string{"prob1", "conv4-2"},
		tolerance: exact,
	}.run(t, "mtcnn")
	p := out["prob1"] // [1 2 X Y]
	columns, rows, at := p.Shape().Dim(2), p.Shape().Dim(3), 0
	score := values(p)[columns*rows:]
	for i, v := range score {
		if v > score[at] {
			at = i
		}
	}
	const stride, side = 2, 12
	x, y := float64(at/rows*stride)/smaller, float64(at%rows*stride)/smaller
	if b := (box{x, y, x + side/smaller, y + side/smaller, 0}); score[at] < 0.9 || b.overlap(one.faces[0]) < 0.4 {
		t.Errorf("the surest cell, %v, has score %.3f", b, score[at])
	}
	m = photo(t, "models", three.file)
	places := append([]box{{100, 900, 300, 1100, 0}}, three.faces...)
	for _, net := range []struct {
		name, file string
		side       int
		outputs    []string
	}{
		{"refinement", "det2.caffemodel", 24, []string{"prob1", "conv5-2"}},
		{"output", "det3.caffemodel", 48, []string{"prob1", "conv6-2", "conv6-3"}},
	} {
		var crops []media.Image
		for _, b := range places {
			crops = append(crops, cut(t, m, b, net.side))
		}
		out := peerCase{
			name: net.name, model: mtcnn + net.file, in: tensors{"data": turned(crops...)}, outputs: net.outputs, tolerance: exact,
		}.run(t, "mtcnn")
		yes := values(out["prob1"])
		if yes[1] > 0.1 || yes[3] < 0.9 || yes[5] < 0.9 || yes[7] < 0.9 {
			t.Errorf("%s: probabilities %v, want no and three times yes", net.name, yes)
		}
		if net.name == "output" {
			checkLandmarks(t, values(out["conv6-3"]))
		}
	}
}

// checkLandmarks wants the ten shares of each face but the first to be a face,
// however the head is held: five columns and five rows, of the left eye, the right,
// the nose, the mouth's left corner and right. The mouth lies along the eyes, and
// below them.
func checkLandmarks(t *testing.T, v []float64) {
	t.Helper()
	for face := 1; face < len(v)/10; face++ {
		x, y := v[10*face:10*face+5], v[10*face+5:10*face+10]
		eyesX, eyesY, mouthX, mouthY := x[1]-x[0], y[1]-y[0], x[4]-x[3], y[4]-y[3]
		downX, downY := x[3]+x[4]-x[0]-x[1], y[3]+y[4]-y[0]-y[1]
		along, below := eyesX*mouthX+eyesY*mouthY, eyesX*downY-eyesY*downX
		if !(along > 0.8*math.Hypot(eyesX, eyesY)*math.Hypot(mouthX, mouthY) && below > 0.8*math.Hypot(eyesX, eyesY)*math.Hypot(downX, downY)) {
			t.Errorf("face %d: landmarks at columns %.2f, rows %.2f", face, x, y)
		}
	}
}
