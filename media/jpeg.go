package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
)

// JPEG (ITU-T T.81): baseline and progressive; grey, YCbCr, RGB, CMYK, YCCK.
func init() {
	imageFormats.Set("jpeg", imageFormat{
		magic:  []string{"\xff\xd8\xff"},
		size:   jpegSize,
		decode: decodeJPEG,
		exif:   jpegEXIF,
	})
}

func jpegSize(b []byte) (w, h int, err error) {
	r := bytes.NewReader(b)
	c, err := jpeg.DecodeConfig(r)
	if err != nil {
		return 0, 0, stopped("jpeg", b, r, err)
	}
	return c.Width, c.Height, nil
}

func decodeJPEG(b []byte) (Image, error) {
	r := bytes.NewReader(b)
	m, err := jpeg.Decode(r)
	if err != nil {
		return Image{}, stopped("jpeg", b, r, err)
	}
	size := m.Bounds().Size()
	switch m := m.(type) {
	case *image.Gray:
		return every(size.X, size.Y, 1, m.Pix, m.Stride, 1, 0), nil
	case *image.YCbCr:
		return ycbcr(m), nil
	case *image.RGBA:
		return every(size.X, size.Y, 3, m.Pix, m.Stride, 4, 1), nil
	case *image.CMYK:
		return cmyk(m), nil
	}
	return Image{}, bad("jpeg", 0, "colour model %T", m)
}

// cmyk takes the ink away as Pillow's convert("RGB") does: with W = 255 - K,
// R = W - C·W/255, rounded. The decoder has already undone Adobe's inversion.
func cmyk(m *image.CMYK) Image {
	size := m.Bounds().Size()
	out := NewImage(size.X, size.Y, 3)
	for y := range size.Y {
		row, src := out.Row(y), m.Pix[y*m.Stride:]
		for x := range size.X {
			white := 255 - uint32(src[4*x+3])
			for k := range 3 {
				t := uint32(src[4*x+k])*white + 128
				row[3*x+k] = uint8(white - (t>>8+t)>>8) // t/255 rounded
			}
		}
	}
	return out
}

// jpegEXIF is the TIFF structure in the APP1 segment that begins "Exif", or nil.
func jpegEXIF(b []byte) []byte {
	const app1, startOfScan, mark = 0xe1, 0xda, "Exif\x00\x00"
	for p := 2; p+4 <= len(b); {
		if b[p] != 0xff {
			return nil
		}
		kind := b[p+1]
		if kind == 0xff || kind == 0 || kind == 1 || kind >= 0xd0 && kind <= 0xd8 { // fill and segments without length
			p++
			if kind != 0xff {
				p++
			}
			continue
		}
		n := int(binary.BigEndian.Uint16(b[p+2:]))
		if kind == startOfScan || kind == 0xd9 || n < 2 || p+2+n > len(b) {
			return nil
		}
		if body := b[p+4 : p+2+n]; kind == app1 && bytes.HasPrefix(body, []byte(mark)) {
			return body[len(mark):]
		}
		p += 2 + n
	}
	return nil
}
