package lower_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// TestLongSpectra holds transforms that are too long for products to the sum that
// defines them, at some places, and to the way back.
func TestLongSpectra(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1500, 2048, 2310, 1031} {
		x := tensor.New(tensor.F32(2, n, 2))
		for i := range x.Floats() {
			x.Floats()[i] = rnd.Float32() - 0.5
		}
		y := transform(t, 20, x)
		if want := tensor.F32(2, n, 2); y.Type() != want {
			t.Fatalf("is %v, want %v", y.Type(), want)
		}
		for _, k := range []int{0, 1, n / 3, n - 1} {
			var sum complex128
			for j := range n {
				v := x.Floats()[2*(n+j):]
				sum += complex(float64(v[0]), float64(v[1])) * cmplx.Rect(1, -2*math.Pi*float64(j*k%n)/float64(n))
			}
			v := y.Floats()[2*(n+k):]
			if got := complex(float64(v[0]), float64(v[1])); cmplx.Abs(got-sum) > 1e-4 {
				t.Errorf("%d places: place %d is %v, want %v", n, k, got, sum)
			}
		}
		back := transform(t, 20, y, onnx.Int("inverse", 1))
		far(t, "there and back", back.Floats(), x.Floats())
	}
}

// TestLongRealSpectra: real numbers to half a spectrum and back, for even and odd
// lengths, and a short-time transform of long frames, whose middle one is the
// transform of what it covers.
func TestLongRealSpectra(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{3000, 2049} {
		x := tensor.New(tensor.F32(1, n, 1))
		for i := range x.Floats() {
			x.Floats()[i] = rnd.Float32() - 0.5
		}
		half := transform(t, 17, x, onnx.Int("onesided", 1))
		whole := transform(t, 17, x)
		far(t, "half", half.Floats(), whole.Floats()[:2*(n/2+1)])
		m := oneNode(t, "DFT", 17, []any{half, tensor.Scalar(int64(n))}, onnx.Int("onesided", 1), onnx.Int("inverse", 1))
		out, err := run(t, m, nil)
		if err != nil {
			t.Fatal(err)
		}
		far(t, "back", out[m.Graph.Outputs[0].Name].Floats(), x.Floats())

		frame := n - 200
		window := tensor.New(tensor.F32(frame))
		middle := tensor.New(tensor.F32(1, frame, 1))
		for i := range frame {
			window.Floats()[i] = float32(i%7) / 4
			middle.Floats()[i] = x.Floats()[100+i] * window.Floats()[i]
		}
		m = oneNode(t, "STFT", 17, []any{x.Type(), tensor.Scalar(int64(100)), window})
		out, err = run(t, m, map[string]tensor.Tensor{"a": x})
		if err != nil {
			t.Fatal(err)
		}
		y := out[m.Graph.Outputs[0].Name]
		row := 2 * (frame/2 + 1)
		if want := tensor.F32(1, 3, row/2, 2); y.Type() != want {
			t.Fatalf("is %v, want %v", y.Type(), want)
		}
		far(t, "frame", y.Floats()[row:2*row], transform(t, 17, middle, onnx.Int("onesided", 1)).Floats())
	}
}

// transform is the DFT of x along axis 1.
func transform(t *testing.T, opset int64, x tensor.Tensor, attrs ...onnx.Attr) tensor.Tensor {
	t.Helper()
	m := oneNode(t, "DFT", opset, []any{x.Type()}, attrs...)
	if opset >= 20 {
		m = oneNode(t, "DFT", opset, []any{x.Type(), nil, tensor.Scalar(int64(1))}, attrs...)
	}
	out, err := run(t, m, map[string]tensor.Tensor{"a": x})
	if err != nil {
		t.Fatal(err)
	}
	return out[m.Graph.Outputs[0].Name]
}

func far(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i, v := range want {
		if math.Abs(float64(got[i]-v)) > 1e-4 {
			t.Errorf("%s: number %d is %v, want %v", what, i, got[i], v)
			return
		}
	}
}

// TestImages: the orders of colours, and what is no image.
func TestImages(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 2, 1))
	m.Set(0, 0, color.RGBA{10, 20, 30, 255})
	m.Set(1, 0, color.RGBA{200, 0, 100, 255})
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		format string
		file   []byte
		want   []byte
		shape  tensor.Shape
	}{
		{"RGB", file.Bytes(), []byte{10, 20, 30, 200, 0, 100}, tensor.Dims(1, 2, 3)},
		{"BGR", file.Bytes(), []byte{30, 20, 10, 100, 0, 200}, tensor.Dims(1, 2, 3)},
		// 0.299 R + 0.587 G + 0.114 B, rounded
		{"Grayscale", file.Bytes(), []byte{18, 71}, tensor.Dims(1, 2, 1)},
		{"RGB", file.Bytes()[:20], nil, tensor.Dims(0, 0, 3)},
		{"Grayscale", nil, nil, tensor.Dims(0, 0, 1)},
	} {
		in := tensor.From(tensor.Dims(len(c.file)), c.file)
		model := oneNode(t, "ImageDecoder", 20, []any{in.Type()}, onnx.String("pixel_format", c.format))
		out, err := run(t, model, map[string]tensor.Tensor{"a": in})
		if err != nil {
			t.Fatal(err)
		}
		y := out[model.Graph.Outputs[0].Name]
		if y.Shape() != c.shape || !bytes.Equal(y.Bytes(), c.want) {
			t.Errorf("%s of %d bytes is %v %v, want %v %v", c.format, len(c.file), y.Type(), y.Bytes(), c.shape, c.want)
		}
	}
	refuseKnown(t, "ImageDecoder", "pixel format", oneNode(t, "ImageDecoder", 20, []any{tensor.New(tensor.Type{DType: tensor.Uint8, Shape: tensor.Dims(3)})}, onnx.String("pixel_format", "CMYK")))
	refuseKnown(t, "ImageDecoder", "want uint8", oneNode(t, "ImageDecoder", 20, []any{tensor.F32(3)}))
}
