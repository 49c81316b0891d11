package media

import (
	"bytes"
	"encoding/binary"
	"image"

	"golang.org/x/image/webp"
)

// WebP (RFC 9649): one picture, lossy or lossless. Animations are refused.
func init() {
	imageFormats.Set("webp", imageFormat{
		magic:  []string{"RIFF????WEBP"},
		size:   webpSize,
		decode: decodeWebP,
		exif:   func(b []byte) []byte { return bytes.TrimPrefix(riffChunk(b, "EXIF"), []byte("Exif\x00\x00")) },
	})
}

func webpSize(b []byte) (w, h int, err error) {
	if riffChunk(b, "ANIM") != nil {
		return 0, 0, bad("webp", 12, "an animation; convert it to GIF or to single pictures")
	}
	r := bytes.NewReader(b)
	c, err := webp.DecodeConfig(r)
	if err != nil {
		return 0, 0, stopped("webp", b, r, err)
	}
	return c.Width, c.Height, nil
}

func decodeWebP(b []byte) (Image, error) {
	r := bytes.NewReader(b)
	m, err := webp.Decode(r)
	if err != nil {
		return Image{}, stopped("webp", b, r, err)
	}
	size := m.Bounds().Size()
	switch m := m.(type) {
	case *image.YCbCr:
		return vp8RGB(m), nil
	case *image.NYCbCrA:
		return vp8RGB(&m.YCbCr), nil
	case *image.NRGBA:
		return every(size.X, size.Y, 3, m.Pix, m.Stride, 4, 1), nil
	}
	return Image{}, bad("webp", 0, "colour model %T", m)
}

// riffChunk is the data of the first chunk of that name in a RIFF file, or nil.
func riffChunk(b []byte, name string) []byte {
	for p := 12; p+8 <= len(b); {
		n := int64(binary.LittleEndian.Uint32(b[p+4:]))
		if n > int64(len(b)-p-8) {
			return nil
		}
		if string(b[p:p+4]) == name {
			return b[p+8 : p+8+int(n)]
		}
		p += 8 + int(n) + int(n&1)
	}
	return nil
}

// vp8RGB converts what VP8 decodes: luma of 16 to 235, chroma of half resolution
// (RFC 6386, 9.2), brought to full resolution by the weights 9, 3, 3 and 1 of
// 16 for the four nearest samples, as libwebp does by default.
func vp8RGB(m *image.YCbCr) Image {
	size := m.Bounds().Size()
	out := NewImage(size.X, size.Y, 3)
	cw, ch := (size.X+1)/2, (size.Y+1)/2
	cb, cr := make([]uint8, 2*cw), make([]uint8, 2*cw)
	for y := range size.Y {
		near := y / 2
		far := max(0, min(near-1+y%2*2, ch-1)) // above for even rows, below for odd ones
		for _, c := range []struct{ dst, plane []uint8 }{{cb, m.Cb}, {cr, m.Cr}} {
			doubleRow(c.dst, c.plane[near*m.CStride:][:cw], c.plane[far*m.CStride:][:cw])
		}
		row, luma := out.Row(y), m.Y[y*m.YStride:]
		for x := range size.X {
			vp8Pixel(row[3*x:3*x+3], luma[x], cb[x], cr[x])
		}
	}
	return out
}

// doubleRow writes a row of twice the width, in the roundings of libwebp.
func doubleRow(dst, near, far []uint8) {
	n := len(near)
	dst[0] = uint8((3*int(near[0]) + int(far[0]) + 2) >> 2)
	dst[2*n-1] = uint8((3*int(near[n-1]) + int(far[n-1]) + 2) >> 2)
	for i := 1; i < n; i++ {
		l, r, fl, fr := int(near[i-1]), int(near[i]), int(far[i-1]), int(far[i])
		sum := l + r + fl + fr + 8
		dst[2*i-1] = uint8((l + (sum+2*(r+fl))>>3) >> 1)
		dst[2*i] = uint8((r + (sum+2*(l+fr))>>3) >> 1)
	}
}

// vp8Pixel is ITU-R BT.601 for luma of 16 to 235, in coefficients of 14
// fractional bits.
func vp8Pixel(dst []uint8, y, u, v uint8) {
	times := func(v uint8, coefficient int) int { return int(v) * coefficient >> 8 }
	luma := times(y, 19077)
	dst[0] = clamp8((luma + times(v, 26149) - 14234) >> 6)
	dst[1] = clamp8((luma - times(u, 6419) - times(v, 13320) + 8708) >> 6)
	dst[2] = clamp8((luma + times(u, 33050) - 17685) >> 6)
}
