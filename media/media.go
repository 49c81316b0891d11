// Package media turns files into numbers and back: images (PNG, JPEG, GIF, BMP,
// TIFF, WebP, PNM), sounds (WAV), idx and npy arrays, and archives. What it reads
// is not trusted: every size is checked before anything is allocated for it, and a
// file that breaks its format's rules gives a [FormatError], never a panic.
package media

import (
	"fmt"

	"github.com/ihae/ihae/tensor"
)

// Image is 8-bit samples [H W C] in row-major order. C is 1 (grey) or 3 (red,
// green, blue). Copies share the samples.
type Image struct {
	W, H, C int
	Pix     []uint8
}

// NewImage is a black image. It panics on sizes that no program asks for.
func NewImage(w, h, c int) Image {
	if w < 0 || h < 0 || c != 1 && c != 3 {
		panic(fmt.Sprintf("media: an image of %d x %d x %d", w, h, c))
	}
	return Image{w, h, c, make([]uint8, w*h*c)}
}

// ImageOf sees a uint8 tensor [H W C] or [H W] as an image, which shares its
// memory.
func ImageOf(t tensor.Tensor) (Image, error) {
	s := t.Shape()
	if t.DType() != tensor.Uint8 || s.Rank() != 2 && s.Rank() != 3 {
		return Image{}, fmt.Errorf("media: %v is no image; wanted uint8[H W C]", t.Type())
	}
	c := 1
	if s.Rank() == 3 {
		c = s.Dim(2)
	}
	if c != 1 && c != 3 {
		return Image{}, fmt.Errorf("media: an image of %d channels; wanted 1 or 3", c)
	}
	return Image{s.Dim(1), s.Dim(0), c, t.Bytes()}, nil
}

// Tensor sees the image as a uint8 tensor [H W C], which shares its memory.
func (m Image) Tensor() tensor.Tensor { return tensor.From(tensor.Dims(m.H, m.W, m.C), m.Pix) }

// Row is the samples of row y, shared.
func (m Image) Row(y int) []uint8 {
	n := m.W * m.C
	return m.Pix[y*n : (y+1)*n : (y+1)*n]
}

// Gray is the luma of ITU-R BT.601 in the integers of Pillow's convert("L"):
// (19595 R + 38470 G + 7471 B + 32768) >> 16. A grey image is returned as it is.
func (m Image) Gray() Image {
	if m.C == 1 {
		return m
	}
	g := NewImage(m.W, m.H, 1)
	for i := range g.Pix {
		p := m.Pix[3*i : 3*i+3]
		g.Pix[i] = uint8((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 32768) >> 16)
	}
	return g
}

// RGB has three equal channels where m is grey. A colour image is returned as
// it is.
func (m Image) RGB() Image {
	if m.C == 3 {
		return m
	}
	c := NewImage(m.W, m.H, 3)
	for i, v := range m.Pix {
		c.Pix[3*i], c.Pix[3*i+1], c.Pix[3*i+2] = v, v, v
	}
	return c
}

// Crop is a copy of the w x h samples from column x and row y on. Samples
// outside m are black.
func (m Image) Crop(x, y, w, h int) Image {
	out := NewImage(w, h, m.C)
	x0, x1 := max(x, 0), min(x+w, m.W)
	for r := max(y, 0); r < min(y+h, m.H) && x0 < x1; r++ {
		copy(out.Row(r - y)[(x0-x)*m.C:], m.Row(r)[x0*m.C:x1*m.C])
	}
	return out
}

// A FormatError says that the bytes are not what the format allows, and where:
// Offset counts from the start of the (unpacked) data to the place where reading
// stopped.
type FormatError struct {
	Format string
	Offset int64
	Reason string
}

// Error names the format, the place and the reason.
func (e *FormatError) Error() string {
	return fmt.Sprintf("%s: byte %d: %s", e.Format, e.Offset, e.Reason)
}

func bad(format string, offset int64, reason string, args ...any) error {
	return &FormatError{format, offset, fmt.Sprintf(reason, args...)}
}
