package page

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// Scatter is points, and a diagonal on which both axes agree.
type Scatter struct {
	Title string
	X, Y  string // what the axes show
	At    [][2]float64
}

// mostDots is how many points a drawing has; of more, some evenly apart.
const mostDots = 1500

// SVG draws the points on axes of one scale.
func (s Scatter) SVG() template.HTML {
	c := Chart{Title: s.Title, X: s.X, Y: s.Y}
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range s.At {
		for _, v := range p {
			if !math.IsNaN(v - v) {
				low, high = min(low, v), max(high, v)
			}
		}
	}
	if low > high {
		return c.SVG() // which says that there is nothing
	}
	step := tickStep(low, high)
	low, high = math.Floor(low/step)*step, math.Ceil(high/step)*step
	if low == high {
		high += step
	}
	axes := scale{low, high, low, high, false}
	var b strings.Builder
	fmt.Fprintf(&b, `<figure class="chart"><figcaption>%s</figcaption><svg viewBox="0 0 %d %d" role="img" aria-label="%s">`,
		esc(s.Title), chartW, chartH, esc(s.Title))
	c.axes(&b, axes)
	fmt.Fprintf(&b, `<line class="diagonal" x1="%s" y1="%s" x2="%s" y2="%s"/><g class="dots">`,
		num(axes.x(low)), num(axes.y(low)), num(axes.x(high)), num(axes.y(high)))
	n := min(len(s.At), mostDots)
	for i := range n {
		p := s.At[i*len(s.At)/n]
		if !math.IsNaN(p[0]-p[0]) && !math.IsNaN(p[1]-p[1]) {
			fmt.Fprintf(&b, `<circle cx="%s" cy="%s" r="2.6"/>`, num(axes.x(p[0])), num(axes.y(p[1])))
		}
	}
	b.WriteString(`</g></svg></figure>`)
	return template.HTML(b.String())
}
