package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"io"
)

// PNG (ISO/IEC 15948): every depth and colour type, interlaced or not.
func init() {
	imageFormats.Set("png", imageFormat{
		magic:  []string{"\x89PNG\r\n\x1a\n"},
		size:   pngSize,
		decode: decodePNG,
		exif:   func(b []byte) []byte { return pngChunk(b, "eXIf") },
	})
}

func pngSize(b []byte) (w, h int, err error) {
	r := bytes.NewReader(b)
	c, err := png.DecodeConfig(r)
	if err != nil {
		return 0, 0, stopped("png", b, r, err)
	}
	return c.Width, c.Height, nil
}

// pngGrayAlpha is the colour type of grey with transparency.
const pngGrayAlpha = 4

func decodePNG(b []byte) (Image, error) {
	r := bytes.NewReader(b)
	m, err := png.Decode(r)
	if err != nil {
		return Image{}, stopped("png", b, r, err)
	}
	size := m.Bounds().Size()
	w, h := size.X, size.Y
	switch m := m.(type) {
	case *image.Gray:
		return every(w, h, 1, m.Pix, m.Stride, 1, 0), nil
	case *image.Gray16:
		return every(w, h, 1, m.Pix, m.Stride, 2, 0), nil
	case *image.NRGBA:
		return every(w, h, pngChannels(b), m.Pix, m.Stride, 4, 1), nil
	case *image.NRGBA64:
		return every(w, h, pngChannels(b), m.Pix, m.Stride, 8, 2), nil
	case *image.RGBA: // opaque
		return every(w, h, 3, m.Pix, m.Stride, 4, 1), nil
	case *image.RGBA64: // opaque
		return every(w, h, 3, m.Pix, m.Stride, 8, 2), nil
	case *image.Paletted:
		return paletted(m), nil
	}
	return Image{}, bad("png", 0, "colour model %T", m)
}

// pngChannels is 1 when the header (which has been decoded) says grey.
func pngChannels(b []byte) int {
	if t := b[25]; t == pngGrayAlpha || t == 0 {
		return 1
	}
	return 3
}

// every copies c samples of each pixel: pixels are step bytes apart and their
// samples next, of which the first byte is the upper one.
func every(w, h, c int, pix []uint8, stride, step, next int) Image {
	out := NewImage(w, h, c)
	for y := range h {
		row, src := out.Row(y), pix[y*stride:]
		for x := range w {
			for k := range c {
				row[x*c+k] = src[x*step+k*next]
			}
		}
	}
	return out
}

func paletted(m *image.Paletted) Image {
	var table [256][3]uint8
	for i, c := range m.Palette {
		switch c := c.(type) {
		case color.NRGBA:
			table[i] = [3]uint8{c.R, c.G, c.B}
		case color.RGBA:
			table[i] = [3]uint8{c.R, c.G, c.B}
		}
	}
	return lookUp(m, &table)
}

// lookUp has the colour of each sample of m.
func lookUp(m *image.Paletted, table *[256][3]uint8) Image {
	size := m.Bounds().Size()
	out := NewImage(size.X, size.Y, 3)
	for y := range size.Y {
		row := out.Row(y)
		for x, v := range m.Pix[y*m.Stride : y*m.Stride+size.X] {
			copy(row[3*x:], table[v][:])
		}
	}
	return out
}

// pngChunk is the data of the first chunk of that type before the samples, or
// nil.
func pngChunk(b []byte, kind string) []byte {
	for p := 8; p+8 <= len(b); {
		n, name := int64(binary.BigEndian.Uint32(b[p:])), string(b[p+4:p+8])
		if name == "IEND" || n > int64(len(b)-p-8) {
			return nil
		}
		if name == kind {
			return b[p+8 : p+8+int(n)]
		}
		p += 12 + int(n)
	}
	return nil
}

// EncodePNG writes the image as PNG without loss. The same image gives the same
// bytes.
func EncodePNG(w io.Writer, m Image) error {
	r := image.Rect(0, 0, m.W, m.H)
	if m.C == 1 {
		return png.Encode(w, &image.Gray{Pix: m.Pix, Stride: m.W, Rect: r})
	}
	out := image.NewRGBA(r)
	for i := range m.W * m.H {
		copy(out.Pix[4*i:], m.Pix[3*i:3*i+3])
		out.Pix[4*i+3] = 255
	}
	return png.Encode(w, out)
}
