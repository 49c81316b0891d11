package tfjs_test

import (
	"fmt"

	"github.com/ihae/ihae/format/tfjs"
)

func ExampleOpen() {
	f, err := tfjs.Open("testdata/rows")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = f.Close() }()
	for _, name := range f.Names() {
		t, err := f.Type(name)
		fmt.Println(name, t, err)
	}
	m, err := f.Model()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Graph.Inputs[0].Type, m.Graph.Outputs[0].Type)
	// Output:
	// dense_Dense3/kernel float32[6 5] <nil>
	// dense_Dense3/bias float32[5] <nil>
	// dense_Dense4/kernel float32[5 2] <nil>
	// float32[N 6] float32[N 2]
}
