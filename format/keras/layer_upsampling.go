package keras

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// upSampling makes n axes of space a whole number of times larger: each place
// several times over, or in between linearly, by the centres of places or by their
// first corners.
func upSampling(n int) func(c *call) value {
	return func(c *call) value {
		words := []string{"nearest"}
		if n == 2 {
			words = append(words, "bilinear")
		}
		mode := c.oneOf("interpolation", words...)
		key := "size"
		if n == 1 && !c.has(key) {
			key = "length"
		}
		x, size := c.channelsBehind(n), c.sizes(key, n, 2)
		if mode == "bilinear" {
			x = c.asFloat(x)
		}
		scales := []float32{1, 1}
		y := x
		y.dims = slices.Clone(x.dims)
		for i, s := range size {
			scales = append(scales, float32(s))
			y.dims[2+i] = c.product(y.dims[2+i], s)
		}
		attrs := []onnx.Attr{onnx.String("mode", "nearest"), onnx.String("coordinate_transformation_mode", "asymmetric"), onnx.String("nearest_mode", "floor")}
		if mode == "bilinear" {
			places := "half_pixel"
			if c.byCorners() {
				places = "asymmetric"
			}
			attrs = []onnx.Attr{onnx.String("mode", "linear"), onnx.String("coordinate_transformation_mode", places)}
		}
		scale := c.t.b.Init(pathName(c.path)+"/scales", tensor.From(tensor.Dims(n+2), scales))
		return c.back(c.with(y, "Resize", []string{"", scale}, attrs...))
	}
}

// byCorners says whether places are counted by their first corners, as
// tf.image.resize_bilinear of TensorFlow 1 and resizeBilinear of TensorFlow.js do.
// Keras itself took the former up to 2.2; tf.keras writes its versions with -tf.
func (c *call) byCorners() bool {
	v := c.t.version
	return strings.HasPrefix(v, "tfjs-layers") || strings.HasPrefix(v, "2.2.") && !strings.HasSuffix(v, "-tf")
}

func init() {
	for n := 1; n <= 3; n++ {
		register(fmt.Sprintf("UpSampling%dD", n), upSampling(n))
	}
}
