package media

import (
	"bytes"
	"errors"
	"io"
)

// Limits bounds what one file can make a reader allocate. A zero field means
// the default in its comment.
type Limits struct {
	Pixels  int64 // of one image: 64,000,000
	Side    int   // width and height of one image: 10,000
	Frames  int   // of one animation: 1,000
	Samples int64 // of one sound, over all channels: 4 h of stereo at 48 kHz
	Bytes   int64 // of one file, unpacked: 1 GiB; of an archive, unpacked: 50 times that
	Entries int   // of one archive: 100,000
	Ratio   int64 // unpacked to packed bytes of an archive or of an entry above 1 MiB: 200
}

func (l Limits) withDefaults() Limits {
	d := Limits{Pixels: 64_000_000, Side: 10_000, Frames: 1000, Samples: 4 * 3600 * 48_000 * 2, Bytes: 1 << 30, Entries: 100_000, Ratio: 200}
	if l.Pixels > 0 {
		d.Pixels = l.Pixels
	}
	if l.Side > 0 {
		d.Side = l.Side
	}
	if l.Frames > 0 {
		d.Frames = l.Frames
	}
	if l.Samples > 0 {
		d.Samples = l.Samples
	}
	if l.Bytes > 0 {
		d.Bytes = l.Bytes
	}
	if l.Entries > 0 {
		d.Entries = l.Entries
	}
	if l.Ratio > 0 {
		d.Ratio = l.Ratio
	}
	return d
}

// image refuses sizes beyond the limits, before anything is decoded.
func (l Limits) image(format string, w, h int) error {
	switch {
	case w <= 0 || h <= 0:
		return bad(format, 0, "an image of %d x %d", w, h)
	case w > l.Side || h > l.Side:
		return bad(format, 0, "%d x %d is larger than the limit of %d a side", w, h, l.Side)
	case int64(w)*int64(h) > l.Pixels:
		return bad(format, 0, "%d x %d is more than the limit of %d pixels", w, h, l.Pixels)
	}
	return nil
}

// readAll reads r to its end and refuses more than limit bytes.
func readAll(format string, r io.Reader, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, bad(format, int64(len(b)), "%v", err)
	}
	if int64(len(b)) > limit {
		return nil, bad(format, limit, "more than the limit of %d bytes", limit)
	}
	return b, nil
}

// trusted is how many bytes are allocated on the word of a header alone; above
// that, memory grows as the bytes arrive.
const trusted = 1 << 20

// readExactly reads n bytes, which stand at offset.
func readExactly(format string, r io.Reader, offset, n int64) ([]byte, error) {
	if n <= trusted {
		b := make([]byte, n)
		got, err := io.ReadFull(r, b)
		return b, short(format, offset, int64(got), n, err)
	}
	var b bytes.Buffer
	b.Grow(trusted)
	got, err := io.CopyN(&b, r, n)
	return b.Bytes(), short(format, offset, got, n, err)
}

func short(format string, offset, got, want int64, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return bad(format, offset+got, "%d bytes wanted here, the data ends after %d", want, got)
	}
	return bad(format, offset+got, "%v", err)
}
