package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/gif"
	"io"
	"iter"
	"slices"
	"time"
)

// A Frame is one picture of an animation, as it stands on the screen.
type Frame struct {
	Image Image         // [H W 3] of the whole screen, the caller's own
	Delay time.Duration // how long it is shown
}

// GIFFrames decodes an animation frame by frame, each drawn over what the one
// before it left; the screen begins black. Only one frame is in memory at a
// time. It stops at the first error: also one for more frames than the limits
// allow.
func GIFFrames(r io.Reader, l Limits) iter.Seq2[Frame, error] {
	return func(yield func(Frame, error) bool) {
		l = l.withDefaults()
		b, err := readAll("gif", r, l.Bytes)
		if err == nil {
			var w, h int
			if w, h, err = gifSize(b); err == nil {
				err = l.image("gif", w, h)
			}
		}
		if err != nil {
			yield(Frame{}, err)
			return
		}
		n := 0
		for f, err := range gifFrames(b) {
			if n++; n > l.Frames {
				f, err = Frame{}, bad("gif", 0, "more than the limit of %d frames", l.Frames)
			}
			if !yield(f, err) || err != nil {
				return
			}
		}
	}
}

// gifFrames is GIFFrames of a file whose screen is within the limits.
func gifFrames(b []byte) iter.Seq2[Frame, error] {
	return func(yield func(Frame, error) bool) {
		g, err := parseGIF(b)
		if err != nil {
			yield(Frame{}, err)
			return
		}
		screen := NewImage(g.w, g.h, 3)
		for n := 0; ; n++ {
			p, err := g.next()
			if err == io.EOF && n > 0 {
				return
			}
			if err == io.EOF {
				err = bad("gif", int64(g.at), "no picture")
			}
			before := screen.Pix
			if err == nil {
				screen.Pix = slices.Clone(before)
				err = p.draw(screen, n == 0)
			}
			if err != nil {
				yield(Frame{}, err)
				return
			}
			if !yield(Frame{screen, p.delay}, nil) {
				return
			}
			switch p.disposal {
			case gif.DisposalPrevious:
				screen.Pix = before
			case gif.DisposalBackground:
				screen.Pix = slices.Clone(screen.Pix)
				p.clear(screen)
			}
		}
	}
}

// draw decodes the picture onto the screen. Of the first picture transparent
// samples get their colour, too, as Pillow's convert("RGB") does.
func (f gifPicture) draw(screen Image, first bool) error {
	m, err := gif.Decode(bytes.NewReader(f.alone))
	if err != nil {
		return bad("gif", int64(f.at), "%v", err)
	}
	p, ok := m.(*image.Paletted)
	if !ok {
		return bad("gif", int64(f.at), "colour model %T", m)
	}
	colours, at := paletted(p), p.Rect.Min // the decoder has checked that it is within the screen
	for y := range colours.H {
		src, dst := colours.Row(y), screen.Row(at.Y + y)[3*at.X:]
		for x, v := range p.Pix[y*p.Stride : y*p.Stride+colours.W] {
			if first || int(v) != f.through {
				copy(dst[3*x:3*x+3], src[3*x:])
			}
		}
	}
	return nil
}

// clear makes the picture's place black.
func (f gifPicture) clear(screen Image) {
	const header = 13
	d := f.alone[header+paletteSize(f.alone[10]):]
	x, y := int(binary.LittleEndian.Uint16(d[1:])), int(binary.LittleEndian.Uint16(d[3:]))
	w, h := int(binary.LittleEndian.Uint16(d[5:])), int(binary.LittleEndian.Uint16(d[7:]))
	for r := y; r < min(y+h, screen.H); r++ {
		clear(screen.Row(r)[3*min(x, screen.W) : 3*min(x+w, screen.W)])
	}
}
