package hdf5_test

import (
	"fmt"

	"github.com/ihae/ihae/format/hdf5"
)

func ExampleOpen() {
	f, err := hdf5.Open("../../../shared/data/models/absent.h5", hdf5.Limits{})
	if err != nil {
		fmt.Println("no such file")
		return
	}
	defer f.Close()
	root, err := f.Root()
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := root.Dataset("model_weights/conv2d_1/conv2d_1/kernel:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Type())
	// Output: no such file
}
