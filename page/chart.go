package page

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// Series is one line of a chart.
type Series struct {
	Name string
	X, Y []float64 // of one length; a NaN in Y leaves a gap
}

// Chart is a line chart.
type Chart struct {
	Title    string
	X, Y     string // what the axes show
	Series   []Series
	Percent  bool // Y is a fraction, written in per cent
	Unit     bool // both axes go from 0 to 1 and the diagonal is drawn
	Log      bool // Y is drawn on a logarithmic axis; values ≤ 0 leave a gap
	MarkX    float64
	MarkName string // what happened at MarkX; none if empty
}

// The drawing's size in user units, and the margins around the plot.
const (
	chartW, chartH          = 480, 270
	left, right, top, below = 52, 16, 12, 40
)

// scale maps values to the drawing.
type scale struct {
	x0, x1, y0, y1 float64
	log            bool
}

func (s scale) x(v float64) float64 { return left + (v-s.x0)/(s.x1-s.x0)*(chartW-left-right) }

func (s scale) y(v float64) float64 {
	if s.log {
		v = math.Log10(v)
	}
	return chartH - below - (v-s.y0)/(s.y1-s.y0)*(chartH-top-below)
}

// SVG draws the chart. Without a single finite point it says so instead.
func (c Chart) SVG() template.HTML {
	s, ok := c.scale()
	var b strings.Builder
	fmt.Fprintf(&b, `<figure class="chart"><figcaption>%s%s</figcaption>`, esc(c.Title), c.legend())
	if !ok {
		b.WriteString(`<p class="none">nothing to draw yet</p></figure>`)
		return template.HTML(b.String())
	}
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-label="%s">`, chartW, chartH, esc(c.Title+": "+c.Y+" by "+c.X))
	c.axes(&b, s)
	if c.Unit {
		fmt.Fprintf(&b, `<line class="diagonal" x1="%s" y1="%s" x2="%s" y2="%s"/>`, num(s.x(0)), num(s.y(0)), num(s.x(1)), num(s.y(1)))
	}
	if c.MarkName != "" && c.MarkX >= s.x0 && c.MarkX <= s.x1 {
		x := s.x(c.MarkX)
		anchor := "start"
		if x > chartW*0.7 {
			anchor = "end"
		}
		fmt.Fprintf(&b, `<line class="mark" x1="%s" x2="%s" y1="%d" y2="%d"/><text class="mark" text-anchor="%s" x="%s" y="%d">%s</text>`,
			num(x), num(x), top, chartH-below, anchor, num(x+map[string]float64{"start": 4, "end": -4}[anchor]), top+10, esc(c.MarkName))
	}
	for i, line := range c.Series {
		for _, path := range c.paths(line, s) {
			fmt.Fprintf(&b, `<path class="line s%d" d="%s"><title>%s</title></path>`, i%6, path, esc(line.Name))
		}
	}
	b.WriteString(`</svg></figure>`)
	return template.HTML(b.String())
}

// legend names the lines when there are several.
func (c Chart) legend() string {
	if len(c.Series) < 2 {
		return ""
	}
	var b strings.Builder
	for i, s := range c.Series {
		fmt.Fprintf(&b, ` <span class="key s%d">%s</span>`, i%6, esc(s.Name))
	}
	return b.String()
}

func (c Chart) drawable(y float64) bool {
	return !math.IsNaN(y) && !math.IsInf(y, 0) && (!c.Log || y > 0)
}

func (c Chart) scale() (scale, bool) {
	if c.Unit {
		return scale{0, 1, 0, 1, false}, true
	}
	s := scale{math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1), c.Log}
	for _, line := range c.Series {
		for i, y := range line.Y {
			if !c.drawable(y) {
				continue
			}
			if c.Log {
				y = math.Log10(y)
			}
			s.x0, s.x1 = min(s.x0, line.X[i]), max(s.x1, line.X[i])
			s.y0, s.y1 = min(s.y0, y), max(s.y1, y)
		}
	}
	if s.x0 > s.x1 {
		return s, false
	}
	if s.x0 == s.x1 {
		s.x1++
	}
	if c.Percent {
		s.y1 = 1
	}
	step := tickStep(s.y0, s.y1)
	s.y0, s.y1 = math.Floor(s.y0/step)*step, math.Ceil(s.y1/step)*step
	if s.y0 == s.y1 {
		s.y1 += step
	}
	return s, true
}

// tickStep is 1, 2 or 5 times a power of ten that cuts [a b] into about five.
func tickStep(a, b float64) float64 {
	span := b - a
	if span <= 0 {
		span = max(math.Abs(a), 1)
	}
	raw := span / 5
	p := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5} {
		if raw <= m*p {
			return m * p
		}
	}
	return 10 * p
}

func (c Chart) axes(b *strings.Builder, s scale) {
	step := tickStep(s.y0, s.y1)
	for i := 0; ; i++ {
		v := s.y0 + float64(i)*step
		if v > s.y1+step/2 {
			break
		}
		at, label := v, v
		if s.log {
			at, label = math.Pow(10, v), math.Pow(10, v)
		}
		y := num(s.y(at))
		fmt.Fprintf(b, `<line class="grid" x1="%d" x2="%d" y1="%s" y2="%s"/><text class="tick" text-anchor="end" x="%d" y="%s">%s</text>`,
			left, chartW-right, y, y, left-6, num(s.y(at)+3.5), c.tick(label, step))
	}
	xstep := tickStep(s.x0, s.x1)
	for v := math.Ceil(s.x0/xstep) * xstep; v <= s.x1+xstep/1e6; v += xstep {
		fmt.Fprintf(b, `<text class="tick" text-anchor="middle" x="%s" y="%d">%s</text>`, num(s.x(v)), chartH-below+16, trim(v, xstep))
	}
	fmt.Fprintf(b, `<text class="axis" text-anchor="middle" x="%d" y="%d">%s</text>`, (left+chartW-right)/2, chartH-6, esc(c.X))
}

func (c Chart) tick(v, step float64) string {
	switch {
	case c.Percent:
		return trim(100*v, 100*step) + " %"
	case c.Log:
		return strconv.FormatFloat(v, 'g', 2, 64)
	}
	return trim(v, step)
}

// paths is the line as one path for each stretch without a gap.
func (c Chart) paths(line Series, s scale) []string {
	var all []string
	var b strings.Builder
	for i, y := range line.Y {
		if !c.drawable(y) {
			if b.Len() > 0 {
				all = append(all, b.String())
				b.Reset()
			}
			continue
		}
		verb := "L"
		if b.Len() == 0 {
			verb = "M"
		}
		b.WriteString(verb + num(s.x(line.X[i])) + " " + num(s.y(y)))
	}
	if b.Len() > 0 {
		all = append(all, b.String())
	}
	return all
}

// num writes a coordinate with one decimal.
func num(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

// trim writes v with the decimals that step needs.
func trim(v, step float64) string {
	d := 0
	for p := step; d < 6 && math.Abs(p-math.Round(p)) > 1e-9*math.Abs(p)+1e-12; d++ {
		p *= 10
	}
	if math.Abs(v) < step/1e6 {
		v = 0
	}
	return strconv.FormatFloat(v, 'f', d, 64)
}

func esc(s string) string { return template.HTMLEscapeString(s) }
