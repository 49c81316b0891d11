package media

import (
	"encoding/binary"
	"io"
	"slices"
	"time"
)

// gifFile walks over the blocks of a GIF.
type gifFile struct {
	b      []byte
	at     int
	w, h   int
	screen []byte // header, screen descriptor and global palette

	control []byte // graphic control extension of the next picture, or nil
}

// gifPicture is one picture with what was said about it.
type gifPicture struct {
	alone    []byte // a file of this picture only
	at       int
	disposal byte
	delay    time.Duration
	through  int // the transparent colour, or -1
}

// paletteSize is the bytes of a palette whose flags say that it follows.
func paletteSize(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

func parseGIF(b []byte) (*gifFile, error) {
	const header = 13
	if len(b) < header || len(b) < header+paletteSize(b[10]) {
		return nil, bad("gif", int64(len(b)), "the data ends within the header")
	}
	n := header + paletteSize(b[10])
	return &gifFile{
		b: b, at: n, screen: b[:n],
		w: int(binary.LittleEndian.Uint16(b[6:])), h: int(binary.LittleEndian.Uint16(b[8:])),
	}, nil
}

// next finds the next picture; io.EOF after the last one.
func (g *gifFile) next() (gifPicture, error) {
	const extension, picture, trailer, graphicControl = 0x21, 0x2c, 0x3b, 0xf9
	for g.at < len(g.b) {
		start := g.at
		switch kind := g.b[start]; {
		case kind == trailer:
			return gifPicture{}, io.EOF
		case kind == extension && start+2 < len(g.b):
			end, ok := g.blocks(start + 2)
			if !ok {
				return gifPicture{}, bad("gif", int64(len(g.b)), "the data ends within an extension")
			}
			if g.at = end; g.b[start+1] == graphicControl && end-start == 8 {
				g.control = g.b[start:end]
			}
		case kind == picture && start+10 < len(g.b):
			p := start + 10 + paletteSize(g.b[start+9]) + 1 // the byte before the blocks is the code size
			end, ok := g.blocks(p)
			if !ok {
				return gifPicture{}, bad("gif", int64(len(g.b)), "the data ends within a picture")
			}
			g.at = end
			return g.cut(start, end), nil
		default:
			return gifPicture{}, bad("gif", int64(start), "a block of type %#02x, or cut short", kind)
		}
	}
	return gifPicture{}, bad("gif", int64(len(g.b)), "the data ends without a trailer")
}

// blocks is the place after the sub-blocks from p on.
func (g *gifFile) blocks(p int) (end int, ok bool) {
	for p < len(g.b) {
		n := int(g.b[p])
		if p += 1 + n; n == 0 {
			return p, true
		}
	}
	return p, false
}

// cut makes a file of the picture alone.
func (g *gifFile) cut(start, end int) gifPicture {
	f := gifPicture{at: start, through: -1}
	if c := g.control; c != nil {
		f.disposal = c[3] >> 2 & 7
		f.delay = 10 * time.Millisecond * time.Duration(binary.LittleEndian.Uint16(c[4:]))
		if c[3]&1 != 0 {
			f.through = int(c[6])
		}
	}
	g.control = nil
	f.alone = slices.Concat(g.screen, g.b[start:end], []byte{0x3b})
	return f
}
