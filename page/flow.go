package page

import (
	"fmt"
	"html/template"
	"strings"
)

// Flow is a drawing of a graph without cycles: boxes, from top to bottom in the
// order of what flows, and arrows between them.
type Flow struct {
	Title  string // for those who cannot see the drawing
	Boxes  []Box  // each after those that lead to it
	Arrows [][2]int
}

// Box is one box: its first line in bold.
type Box struct {
	Lines []string
	Tone  Tone
}

// Tone is the colour of a box.
type Tone int

// The tones.
const (
	TonePlain  Tone = iota // computes something
	ToneWeight             // has weights
	ToneEnd                // an input or output
)

// Measures of the drawing, in pixels.
const (
	flowLine   = 16 // from line to line of a box
	flowPad    = 10
	flowLayer  = 28 // between two layers
	flowGap    = 24 // between neighbours in a layer
	flowLane   = 8  // an arrow that passes a layer
	flowLetter = 6.8
)

// SVG draws the flow, as part of a page or a file of its own.
func (f Flow) SVG() template.HTML {
	l := f.layout()
	w, h := l.size()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img" font-family="sans-serif" font-size="12">`, w, h, w, h)
	fmt.Fprintf(&b, "<title>%s</title>", template.HTMLEscapeString(f.Title))
	b.WriteString(`<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#667"/></marker></defs>`)
	fmt.Fprintf(&b, `<rect width="%.0f" height="%.0f" fill="#fff"/>`, w, h)
	for _, path := range l.paths {
		b.WriteString(l.arrow(path))
	}
	for i, box := range f.Boxes {
		l.box(&b, box, l.items[i])
	}
	b.WriteString("</svg>\n")
	return template.HTML(b.String())
}

var toneColours = [...][2]string{TonePlain: {"#f4f5f8", "#99a"}, ToneWeight: {"#dcebff", "#4a7fc1"}, ToneEnd: {"#e6f6e2", "#5a9a4a"}}

func (l *flowLayout) box(b *strings.Builder, box Box, at *flowItem) {
	c := toneColours[box.Tone]
	fmt.Fprintf(b, `<g><rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="6" fill="%s" stroke="%s"/>`, at.x-at.w/2, at.y, at.w, at.h, c[0], c[1])
	for i, line := range box.Lines {
		weight := ""
		if i == 0 {
			weight = ` font-weight="bold"`
		}
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="middle" fill="#223"%s>%s</text>`,
			at.x, at.y+flowPad/2+float64(i)*flowLine+13, weight, template.HTMLEscapeString(line))
	}
	b.WriteString("</g>")
}

// arrow draws the way of an arrow through its items: straight down past layers,
// bent between them.
func (l *flowLayout) arrow(path []*flowItem) string {
	var b strings.Builder
	from := path[0]
	fmt.Fprintf(&b, `<path d="M%.1f %.1f`, from.x, from.y+from.h)
	for _, to := range path[1:] {
		y0, y1 := from.y+from.h, to.y
		if top := l.tops[to.layer]; to.w == flowLane {
			y1 = top
		}
		mid := (y0 + y1) / 2
		fmt.Fprintf(&b, " C%.1f %.1f %.1f %.1f %.1f %.1f", from.x, mid, to.x, mid, to.x, y1)
		if to.w == flowLane {
			fmt.Fprintf(&b, " V%.1f", to.y+to.h)
		}
		from = to
	}
	b.WriteString(`" fill="none" stroke="#667" marker-end="url(#tip)"/>`)
	return b.String()
}

// textWidth is about how wide a line is: letters of East Asian scripts are two
// of others.
func textWidth(s string) float64 {
	n := 0.0
	for _, r := range s {
		if n++; r >= 0x1100 {
			n++
		}
	}
	return n * flowLetter
}
