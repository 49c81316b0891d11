package caffe_test

import (
	"fmt"

	"github.com/ihae/ihae/format/caffe"
)

func ExampleConvert() {
	net := `
input: "data"
input_shape { dim: 1 dim: 3 dim: 6 dim: 6 }
layer { name: "relu" type: "ReLU" bottom: "data" top: "data" }
layer { name: "pool" type: "Pooling" bottom: "data" top: "pool" pooling_param { kernel_size: 3 stride: 2 } }`
	m, err := caffe.Convert([]byte(net), nil, caffe.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, n := range m.Graph.Nodes {
		fmt.Println(n.Op, n.In, n.Out)
	}
	fmt.Println(m.Graph.Inputs[0].Type, m.Graph.Outputs[0].Type)
	// Output:
	// Relu [data] [data@relu]
	// MaxPool [data@relu] [pool]
	// float32[N 3 6 6] float32[N 3 3 3]
}
