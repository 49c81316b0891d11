package keras_test

import (
	"fmt"

	"github.com/ihae/ihae/format/keras"
	"github.com/ihae/ihae/tensor"
)

func ExampleConvert() {
	const model = `{"class_name": "Sequential", "config": {"name": "small", "layers": [
		{"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [null, 3]}},
		{"class_name": "Dense", "config": {"name": "answer", "units": 2, "activation": "softmax"}}]}}`
	var w keras.Weights
	w.Add("answer/kernel:0", func() (tensor.Tensor, error) { return tensor.New(tensor.F32(3, 2)), nil })
	w.Add("answer/bias:0", func() (tensor.Tensor, error) { return tensor.New(tensor.F32(2)), nil })

	m, err := keras.Convert([]byte(model), w.Find)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, n := range m.Graph.Nodes {
		fmt.Println(n.Op, n.In, n.Out)
	}
	fmt.Println(m.Graph.Outputs[0].Type, w.Unused())
	// Output:
	// Gemm [x answer/kernel answer/bias] [answer/Gemm]
	// Softmax [answer/Gemm] [answer]
	// float32[N 2] <nil>
}
