package media

import (
	"bytes"
	"image"

	"golang.org/x/image/bmp"
)

// BMP: uncompressed, of 1, 2, 4, 8, 24 and 32 bits a pixel.
func init() {
	imageFormats.Set("bmp", imageFormat{
		magic:  []string{"BM????\x00\x00\x00\x00"},
		size:   bmpSize,
		decode: decodeBMP,
		exif:   func([]byte) []byte { return nil },
	})
}

func bmpSize(b []byte) (w, h int, err error) {
	r := bytes.NewReader(b)
	c, err := bmp.DecodeConfig(r)
	if err != nil {
		return 0, 0, stopped("bmp", b, r, err)
	}
	return c.Width, c.Height, nil
}

func decodeBMP(b []byte) (Image, error) {
	r := bytes.NewReader(b)
	m, err := bmp.Decode(r)
	if err != nil {
		return Image{}, stopped("bmp", b, r, err)
	}
	size := m.Bounds().Size()
	switch m := m.(type) {
	case *image.Paletted:
		if err := indices("bmp", m); err != nil {
			return Image{}, err
		}
		return paletted(m), nil
	case *image.RGBA:
		return every(size.X, size.Y, 3, m.Pix, m.Stride, 4, 1), nil
	case *image.NRGBA:
		return every(size.X, size.Y, 3, m.Pix, m.Stride, 4, 1), nil
	}
	return Image{}, bad("bmp", 0, "colour model %T", m)
}

// indices asks that each sample of m is a colour of its palette.
func indices(format string, m *image.Paletted) error {
	for i, v := range m.Pix {
		if int(v) >= len(m.Palette) {
			return bad(format, 0, "sample %d is colour %d of a palette of %d", i, v, len(m.Palette))
		}
	}
	return nil
}
