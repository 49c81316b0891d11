package format_test

import (
	"slices"
	"testing"

	"github.com/ihae/ihae/tensor"
)

const emotionFile = "emotion-fer2013-keras/fer2013_mini_XCEPTION.102-0.66.hdf5"

// TestRealEmotions runs mini_XCEPTION of Arriaga et al., "Real-time Convolutional
// Neural Networks for Emotion and Gender Classification", 2017, on the faces of a
// portrait: what Keras says, and the published emotions.
func TestRealEmotions(t *testing.T) {
	const happy, wider = 3, 1.15
	m := photo(t, "models", portraits[1].file).Gray()
	var x []float32
	for _, b := range portraits[1].faces {
		w, h := (b.x1-b.x0)*(wider-1)/2, (b.y1-b.y0)*(wider-1)/2
		b.x0, b.x1, b.y0, b.y1 = b.x0-w, b.x1+w, b.y0-h, b.y1+h
		x = append(x, pixels(cut(t, m, b, 64), oneAround, [3]int{}).Floats()...)
	}
	in := tensors{"input_1": tensor.From(tensor.Dims(3, 64, 64, 1), x)}
	out := peerCase{name: "faces", model: emotionFile, in: in, outputs: []string{"predictions"}, tolerance: exact}.run(t, "emotions")
	p := values(out["predictions"])
	for i, want := range []float64{0.754, 0.955, 0.867} {
		row := p[7*i : 7*i+7]
		if slices.Index(row, slices.Max(row)) != happy {
			t.Errorf("face %d: %v, want happy", i, row)
		}
		near(t, "happy", row[happy:happy+1], 0.05, want)
	}
}
