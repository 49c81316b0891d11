package media

import (
	"bytes"
	"image"

	"golang.org/x/image/tiff"
)

// TIFF 6.0: the first picture of a file, grey, palette or RGB, of 1, 8 or 16
// bits, in strips or tiles, packed by LZW, Deflate, PackBits or CCITT.
func init() {
	imageFormats.Set("tiff", imageFormat{
		magic:  []string{"II*\x00", "MM\x00*"},
		size:   tiffSize,
		decode: decodeTIFF,
		exif:   func(b []byte) []byte { return b },
	})
}

func tiffSize(b []byte) (w, h int, err error) {
	r := bytes.NewReader(b)
	c, err := tiff.DecodeConfig(r)
	if err != nil {
		return 0, 0, stopped("tiff", b, r, err)
	}
	return c.Width, c.Height, nil
}

func decodeTIFF(b []byte) (Image, error) {
	r := bytes.NewReader(b)
	m, err := tiff.Decode(r)
	if err != nil {
		return Image{}, stopped("tiff", b, r, err)
	}
	size := m.Bounds().Size()
	w, h := size.X, size.Y
	switch m := m.(type) {
	case *image.Gray:
		out := every(w, h, 1, m.Pix, m.Stride, 1, 0)
		if faxBlackIsZero(b) {
			for i, v := range out.Pix {
				out.Pix[i] = 255 - v
			}
		}
		return out, nil
	case *image.Gray16:
		return every(w, h, 1, m.Pix, m.Stride, 2, 0), nil
	case *image.Paletted:
		if err := indices("tiff", m); err != nil {
			return Image{}, err
		}
		return paletted64(m), nil
	case *image.RGBA: // also of files whose colours are multiplied by opacity
		return every(w, h, 3, m.Pix, m.Stride, 4, 1), nil
	case *image.NRGBA:
		return every(w, h, 3, m.Pix, m.Stride, 4, 1), nil
	case *image.RGBA64:
		return every(w, h, 3, m.Pix, m.Stride, 8, 2), nil
	case *image.NRGBA64:
		return every(w, h, 3, m.Pix, m.Stride, 8, 2), nil
	}
	return Image{}, bad("tiff", 0, "colour model %T", m)
}

// faxBlackIsZero says whether the picture is packed by CCITT with white runs as
// zeros, and zeros shown black: the decoder shows them white all the same.
func faxBlackIsZero(b []byte) bool {
	const tagCompression, tagPhotometric, group3, group4, blackIsZero = 259, 262, 3, 4, 1
	packed, _ := tiffShort(b, tagCompression)
	zero, _ := tiffShort(b, tagPhotometric)
	return (packed == group3 || packed == group4) && zero == blackIsZero
}

// paletted64 is the upper 8 bits of a palette of 16.
func paletted64(m *image.Paletted) Image {
	var table [256][3]uint8
	for i, c := range m.Palette {
		r, g, b, _ := c.RGBA()
		table[i] = [3]uint8{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8)}
	}
	return lookUp(m, &table)
}
