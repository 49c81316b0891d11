package tensorflow_test

import (
	"fmt"

	"github.com/ihae/ihae/format/tensorflow"
	"github.com/ihae/ihae/tensor"
)

// A graph can also be made by hand, as one that was read from another form.
func ExampleConvert() {
	weights := tensor.From(tensor.Dims(2, 3), []float32{1, 2, 3, 4, 5, 6})
	g := &tensorflow.Graph{Nodes: []*tensorflow.Node{
		{Name: "x", Op: "Placeholder", Attrs: []tensorflow.Attr{
			{Name: "dtype", Kind: tensorflow.AttrType, Type: tensorflow.DataTypeOf(tensor.Float32)},
			{Name: "shape", Kind: tensorflow.AttrShape, Shape: &tensorflow.Shape{Dims: []int64{-1, 2}}},
		}},
		{Name: "w", Op: "Const", Attrs: []tensorflow.Attr{{
			Name: "value", Kind: tensorflow.AttrTensor,
			Tensor: &tensorflow.Tensor{Type: tensorflow.DataTypeOf(tensor.Float32), Dims: []int64{2, 3}, Value: weights},
		}}},
		{Name: "product", Op: "MatMul", Inputs: []string{"x", "w"}},
		{Name: "y", Op: "Relu", Inputs: []string{"product"}},
	}}
	m, err := tensorflow.Convert(g, tensorflow.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, n := range m.Graph.Nodes {
		fmt.Println(n.Op, n.In, n.Out)
	}
	fmt.Println(m.Graph.Inputs[0].Type, m.Graph.Outputs[0].Type)
	// Output:
	// MatMul [x w] [product]
	// Relu [product] [y]
	// float32[N 2] float32[N 3]
}
