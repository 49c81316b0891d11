package media

import "bytes"

// PNM: the bitmaps, graymaps and pixmaps of Netpbm, P1 to P6, as text or bytes, of
// 1 to 16 bits a sample. Samples are scaled to 255; of a file with several images
// the first is read. https://netpbm.sourceforge.net/doc/pnm.html
func init() {
	imageFormats.Set("pnm", imageFormat{
		magic: []string{"P1", "P2", "P3", "P4", "P5", "P6"},
		size: func(b []byte) (w, h int, err error) {
			p, err := newPNM(b)
			return p.w, p.h, err
		},
		decode: decodePNM,
		exif:   func([]byte) []byte { return nil },
	})
}

// pnm is a file whose header is read: rest is what follows, at offset at.
type pnm struct {
	b       []byte
	at      int
	kind    byte // '1' to '6'
	w, h, c int
	most    int // the sample that means white
}

// newPNM reads the header: numbers between white space and comments, then one
// character of white space.
func newPNM(b []byte) (*pnm, error) {
	p := &pnm{b: b, at: 2, kind: b[1], c: 1, most: 1}
	fields := []*int{&p.w, &p.h}
	if p.kind != '1' && p.kind != '4' {
		fields = append(fields, &p.most)
	}
	if p.kind == '3' || p.kind == '6' {
		p.c = 3
	}
	for _, f := range fields {
		v, err := p.number()
		if err != nil {
			return p, err
		}
		*f = v
	}
	if p.w == 0 || p.h == 0 || p.most == 0 || p.most > 65535 {
		return p, bad("pnm", int64(p.at), "an image of %d x %d with samples up to %d", p.w, p.h, p.most)
	}
	p.at++
	return p, nil
}

// number skips white space and comments and reads decimal digits.
func (p *pnm) number() (int, error) {
	p.skip()
	start, v := p.at, 0
	for ; p.at < len(p.b) && p.b[p.at] >= '0' && p.b[p.at] <= '9'; p.at++ {
		if v = 10*v + int(p.b[p.at]-'0'); v > 1<<30 {
			return 0, bad("pnm", int64(p.at), "a number above 2^30")
		}
	}
	if p.at == start {
		return 0, bad("pnm", int64(p.at), "want a number")
	}
	return v, nil
}

func (p *pnm) skip() {
	for comment := false; p.at < len(p.b); p.at++ {
		switch c := p.b[p.at]; {
		case comment:
			comment = c != '\n'
		case c == '#':
			comment = true
		case !bytes.ContainsRune([]byte(" \t\n\v\f\r"), rune(c)):
			return
		}
	}
}

func decodePNM(b []byte) (Image, error) {
	p, err := newPNM(b)
	if err != nil {
		return Image{}, err
	}
	if need := p.need(); len(b)-p.at < need {
		return Image{}, bad("pnm", int64(len(b)), "ends after %d bytes of %d x %d samples, want %d", max(len(b)-p.at, 0), p.w, p.h, need)
	}
	m := NewImage(p.w, p.h, p.c)
	if p.kind == '4' {
		p.bits(m)
		return m, nil
	}
	for i := range m.Pix {
		v, err := p.sample()
		if err != nil {
			return Image{}, err
		}
		if v > p.most {
			return Image{}, bad("pnm", int64(p.at), "a sample of %d, the most is %d", v, p.most)
		}
		if p.kind == '1' {
			v = 1 - v
		}
		m.Pix[i] = uint8((v*255 + p.most/2) / p.most)
	}
	return m, nil
}

// need is the bytes that the samples take at least.
func (p *pnm) need() int {
	n := p.w * p.h * p.c
	switch {
	case p.kind == '1':
		return n
	case p.kind < '4':
		return 2*n - 1
	case p.kind == '4':
		return (p.w + 7) / 8 * p.h
	case p.most > 255:
		return 2 * n
	}
	return n
}

// sample reads the next sample: a digit, a number, or one or two bytes.
func (p *pnm) sample() (int, error) {
	switch {
	case p.kind == '1':
		p.skip()
		if p.at == len(p.b) || p.b[p.at]&^1 != '0' {
			return 0, bad("pnm", int64(p.at), "want a 0 or a 1")
		}
		p.at++
		return int(p.b[p.at-1] - '0'), nil
	case p.kind < '4':
		return p.number()
	case p.most > 255:
		p.at += 2
		return int(p.b[p.at-2])<<8 | int(p.b[p.at-1]), nil
	}
	p.at++
	return int(p.b[p.at-1]), nil
}

// bits reads rows of bits, the first one the highest of its byte; 1 is black.
func (p *pnm) bits(m Image) {
	stride := (p.w + 7) / 8
	for y := range p.h {
		row := m.Row(y)
		for x := range row {
			if p.b[p.at+y*stride+x/8]>>(7-x%8)&1 == 0 {
				row[x] = 255
			}
		}
	}
}
