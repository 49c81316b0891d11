package media

import (
	"bytes"
	"image/gif"
)

// GIF (89a): the first frame on its screen; all frames by [GIFFrames].
func init() {
	imageFormats.Set("gif", imageFormat{
		magic:  []string{"GIF87a", "GIF89a"},
		size:   gifSize,
		decode: decodeGIF,
		exif:   func([]byte) []byte { return nil },
	})
}

func gifSize(b []byte) (w, h int, err error) {
	r := bytes.NewReader(b)
	c, err := gif.DecodeConfig(r)
	if err != nil {
		return 0, 0, stopped("gif", b, r, err)
	}
	return c.Width, c.Height, nil
}

func decodeGIF(b []byte) (Image, error) {
	for f, err := range gifFrames(b) {
		return f.Image, err
	}
	return Image{}, bad("gif", int64(len(b)), "no picture")
}
