package format_test

import (
	"math"
	"slices"
	"testing"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

const (
	styleFile = "style-fast-ml5/ml5_wave.onnx"
	features  = "style-vgg19-features-wct/"
)

var unit = scaling{255, [3]float64{}, [3]float64{1, 1, 1}}

func wolves(t testing.TB) media.Image {
	t.Helper()
	return resized(t, photo(t, "models", "style-fast-ml5/wolves.jpg"), 480, 320)
}

func mean(x tensor.Tensor) float64 {
	sum := 0.0
	for _, v := range values(x) {
		sum += v
	}
	return sum / float64(x.Shape().Size())
}

// noise is the peak signal-to-noise ratio, in decibels, of x, cut to 0 to peak,
// against y.
func noise(x, y tensor.Tensor, peak float64) float64 {
	square := 0.0
	b := values(y)
	for i, v := range values(x) {
		d := max(0, min(peak, v)) - b[i]
		square += d * d
	}
	return 10 * math.Log10(peak*peak*float64(len(b))/square)
}

// TestRealFeatures runs VGG-19 on a photograph and decodes each of three layers:
// all outputs of ONNX Runtime. The long test does so in the size of the published
// figures: means, and how near the decoders come to the photograph. Since they do
// not tell the filter that made the photograph smaller, they are only near.
func TestRealFeatures(t *testing.T) {
	small := resized(t, wolves(t), 120, 80)
	seen(t, "small", planes(small, unit, rgb))
	if !*long && *record == "" {
		return
	}
	x := planes(wolves(t), unit, rgb)
	out := seen(t, "whole", x)
	for i, layer := range vggLayers {
		near(t, "mean of "+layer, []float64{mean(out[layer])}, 0.01, []float64{0.82677, 0.83795, 0.75360}[i])
		near(t, "noise of "+layer, []float64{noise(out["from "+layer], x, 1)}, 0.3, []float64{27.54, 32.55, 28.30}[i])
	}
}

var vggLayers = []string{"relu1_1", "relu2_1", "relu3_1"}

// seen is the layers of a picture, and the pictures decoded from them.
func seen(t *testing.T, name string, x tensor.Tensor) tensors {
	t.Helper()
	out := peerCase{name: "vgg19." + name, model: features + "vgg19_norm_relu3_1.onnx", in: tensors{"image": x}, tolerance: exact}.run(t, "style")
	for _, layer := range vggLayers {
		c := peerCase{
			name: "decoder." + name + "." + layer, model: features + "vgg19_decoder_" + layer + ".onnx", in: tensors{layer: out[layer]}, tolerance: exact,
		}
		out["from "+layer] = c.run(t, "style")["image_out"]
	}
	return out
}

// TestRealStyle paints a photograph: all outputs of ONNX Runtime, the published
// mean and, within what JPEG loses, the published picture.
func TestRealStyle(t *testing.T) {
	x := planes(wolves(t), plain, rgb)
	y := peerCase{name: "wave", model: styleFile, in: tensors{"image": x}, tolerance: exact}.run(t, "style")["stylized"]
	near(t, "mean", []float64{mean(y)}, 1e-3, 139.649)
	want := planes(photo(t, "models", "style-fast-ml5/expected_wave.jpg"), plain, rgb)
	if got := noise(y, want, 255); got < 25 {
		t.Errorf("the picture is %.1f dB from the published one", got)
	} else {
		t.Logf("the picture is %.1f dB from the published one", got)
	}
}

// TestRealMNIST reads a digit: the published logits, and all of ONNX Runtime.
func TestRealMNIST(t *testing.T) {
	m := photo(t, "models", "mnist-cntk-onnx/mnist_28.png").Gray()
	x := tensor.New(tensor.F32(1, 1, 28, 28))
	for i, v := range m.Pix {
		x.Floats()[i] = float32(v)
	}
	out := peerCase{name: "mnist", model: "mnist-cntk-onnx/mnist.onnx", in: tensors{"Input3": x}, tolerance: exact}.run(t, "digits")
	y := values(out["Plus214_Output_0"])
	if slices.Index(y, slices.Max(y)) != 8 {
		t.Errorf("logits %v, want 8", y)
	}
	near(t, "logits of 8 and 3", []float64{y[8], y[3]}, 0.01, 6080.63, 356.65)
}
