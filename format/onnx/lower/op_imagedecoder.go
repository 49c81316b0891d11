package lower

import (
	"bytes"
	"fmt"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/tensor"
)

func init() {
	register(Operator{Name: "ImageDecoder", Since: []int64{20}, Rule: imageDecoder})
}

// imageDecoder reads an image file, a vector of bytes, to [H W C]: red, green and
// blue in the order of the attribute, or grey. What cannot be read is an image
// without elements, as the standard says.
func imageDecoder(c *Call) {
	format := c.AttrString("pixel_format", "RGB")
	if format != "RGB" && format != "BGR" && format != "Grayscale" {
		c.Fail("pixel format %q is unknown", format)
	}
	c.Host(func(in []Host) ([]Host, error) {
		if t := in[0].Tensor.Type(); t.DType != tensor.Uint8 || t.Shape.Rank() != 1 {
			return nil, fmt.Errorf("the file is %v, want uint8 [bytes]", t)
		}
		m, err := media.DecodeImage(bytes.NewReader(in[0].Tensor.Bytes()), media.Limits{})
		switch {
		case err != nil && format == "Grayscale":
			m = media.NewImage(0, 0, 1)
		case err != nil:
			m = media.NewImage(0, 0, 3)
		case format == "Grayscale":
			m = m.Gray()
		default:
			m = m.RGB()
		}
		if format == "BGR" {
			m = media.Image{W: m.W, H: m.H, C: m.C, Pix: bytes.Clone(m.Pix)}
			for i := 0; i < len(m.Pix); i += 3 {
				m.Pix[i], m.Pix[i+2] = m.Pix[i+2], m.Pix[i]
			}
		}
		return []Host{TensorHost(m.Tensor())}, nil
	}, 0)
}
