package safetensors_test

import (
	"bytes"
	"fmt"

	"github.com/ihae/ihae/format/safetensors"
	"github.com/ihae/ihae/tensor"
)

func ExampleWrite() {
	w := tensor.From(tensor.Dims(2, 2), []float32{1, 2, 3, 4})
	var file bytes.Buffer
	err := safetensors.Write(&file, []safetensors.Named{{Name: "linear.weight", Tensor: w}}, nil)
	fmt.Println(file.Len(), err)

	f, err := safetensors.Read(bytes.NewReader(file.Bytes()), int64(file.Len()), safetensors.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	t, err := f.Tensor("linear.weight")
	fmt.Println(t.Type(), t.Floats(), err)
	// Output:
	// 96 <nil>
	// float32[2 2] [1 2 3 4] <nil>
}
