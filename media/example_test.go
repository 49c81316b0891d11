package media_test

import (
	"bytes"
	"fmt"

	"github.com/ihae/ihae/media"
)

// A black image with one white sample, halved: the sample is spread by the
// filter's weights.
func ExampleResize() {
	m := media.NewImage(4, 1, 1)
	m.Pix[1] = 255
	half, err := media.Resize(m, 2, 1, media.Bilinear)
	fmt.Println(half.Pix, err)
	// Output: [109 36] <nil>
}

func ExampleDecodeImage() {
	var file bytes.Buffer
	if err := media.EncodePNG(&file, media.NewImage(3, 2, 3)); err != nil {
		fmt.Println(err)
	}
	m, err := media.DecodeImage(&file, media.Limits{})
	fmt.Println(m.W, m.H, m.C, err)
	// Output: 3 2 3 <nil>
}
