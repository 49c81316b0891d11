package page

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// Bins counts finite values in n bins of one width from the least to the
// greatest value, which it returns too; no bins without values.
func Bins(values []float64, n int) (counts []int, low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !math.IsNaN(v - v) {
			low, high = min(low, v), max(high, v)
		}
	}
	if low > high {
		return nil, 0, 0
	}
	counts = make([]int, n)
	for _, v := range values {
		if !math.IsNaN(v - v) {
			k := 0
			if high > low {
				k = int((v/2 - low/2) / (high/2 - low/2) * float64(n)) // halves, so that nothing overflows
			}
			counts[min(max(k, 0), n-1)]++
		}
	}
	return counts, low, high
}

// Spark is counts as bars, small enough for a line of text.
func Spark(counts []int, label string) template.HTML {
	const w, h = 120, 26
	most := 1
	for _, c := range counts {
		most = max(most, c)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="spark" viewBox="0 0 %d %d" role="img" aria-label="%s">`, w, h, esc(label))
	for i, c := range counts {
		height := float64(c) / float64(most) * h
		if c > 0 {
			height = max(height, 1.5)
		}
		step := float64(w) / float64(len(counts))
		fmt.Fprintf(&b, `<rect x="%s" y="%s" width="%s" height="%s"/>`, num(float64(i)*step), num(h-height), num(step*0.85), num(height))
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}
