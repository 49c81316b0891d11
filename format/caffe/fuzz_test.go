package caffe

import (
	"os"
	"testing"

	"github.com/ihae/ihae/format/onnx"
)

// FuzzConvert translates any two files: an error, or a model that can be written.
func FuzzConvert(f *testing.F) {
	cases := goldenCases(f)
	for _, c := range cases {
		f.Add(c.net, c.weights)
	}
	if net, err := os.ReadFile(mtcnn + "det1.prototxt"); err == nil {
		weights, err := os.ReadFile(mtcnn + "det1.caffemodel")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(net, weights)
		f.Add([]byte(nil), weights)
	}
	f.Add([]byte(one("Data", "transform_param { mean_value: 104 scale: 0.5 }")), []byte(nil))
	f.Fuzz(func(t *testing.T, net, weights []byte) {
		m, err := Convert(net, weights, Options{})
		if err != nil {
			return
		}
		if _, err := onnx.Encode(m); err != nil {
			t.Fatal(err)
		}
	})
}
