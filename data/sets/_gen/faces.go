// Command faces writes faces.idx, the photographs that the program carries,
// from lfw_subset.npy of scikit-image (float64 [200 25 25] of 0 to 1): each
// sample v becomes round(255·v). In the folder data/sets:
//
//	go run ./_gen/faces.go PATH/lfw_subset.npy faces.idx
package main

import (
	"fmt"
	"math"
	"os"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: faces lfw_subset.npy faces.idx")
		os.Exit(2)
	}
	if err := convert(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func convert(from, to string) error {
	t, err := media.ReadNPY(from, media.Limits{})
	if err != nil {
		return err
	}
	if t.DType() != tensor.Float64 {
		return fmt.Errorf("%s: %v; wanted float64", from, t.Type())
	}
	pix := tensor.New(tensor.Type{DType: tensor.Uint8, Shape: t.Shape()})
	for i, v := range tensor.Of[float64](t) {
		pix.Bytes()[i] = uint8(math.Round(255 * v))
	}
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	if err := media.EncodeIDX(f, pix); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
