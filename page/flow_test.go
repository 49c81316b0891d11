package page

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawFlow is any graph without cycles.
func drawFlow(t *rapid.T) Flow {
	n := rapid.IntRange(1, 40).Draw(t, "boxes")
	f := Flow{Title: "<any> & all"}
	for i := range n {
		lines := []string{fmt.Sprint("box ", i)}
		for range rapid.IntRange(0, 3).Draw(t, "lines") {
			lines = append(lines, rapid.SampledFrom([]string{"", "한글 이름", "a<b>&c", strings.Repeat("w", 30)}).Draw(t, "line"))
		}
		f.Boxes = append(f.Boxes, Box{Lines: lines, Tone: Tone(i % 3)})
	}
	for range rapid.IntRange(0, 3*n).Draw(t, "arrows") {
		if n < 2 {
			break
		}
		to := rapid.IntRange(1, n-1).Draw(t, "to")
		f.Arrows = append(f.Arrows, [2]int{rapid.IntRange(0, to-1).Draw(t, "from"), to})
	}
	return f
}

// TestFlowLayout: arrows lead down, boxes do not overlap and lie in the drawing,
// and the drawing is well-formed.
func TestFlowLayout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFlow(t)
		l := f.layout()
		w, h := l.size()
		for _, a := range f.Arrows {
			if from, to := l.items[a[0]], l.items[a[1]]; from.y+from.h >= to.y {
				t.Fatalf("arrow %v does not lead down: %+v, %+v", a, from, to)
			}
		}
		for i, a := range l.items[:len(f.Boxes)] {
			if a.x-a.w/2 < 0 || a.x+a.w/2 > w || a.y < 0 || a.y+a.h > h {
				t.Fatalf("box %d at %v %v of %v x %v lies outside of %v x %v", i, a.x, a.y, a.w, a.h, w, h)
			}
			for j, b := range l.items[:i] {
				if apart := a.x-a.w/2 >= b.x+b.w/2 || b.x-b.w/2 >= a.x+a.w/2 || a.y >= b.y+b.h || b.y >= a.y+a.h; !apart {
					t.Fatalf("boxes %d and %d overlap", j, i)
				}
			}
		}
		d := xml.NewDecoder(strings.NewReader(string(f.SVG())))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestFlowIsAChain(t *testing.T) {
	f := Flow{Boxes: []Box{{Lines: []string{"in"}}, {Lines: []string{"conv", "relu"}}, {Lines: []string{"out"}}}, Arrows: [][2]int{{0, 1}, {1, 2}}}
	l := f.layout()
	if a, b, c := l.items[0], l.items[1], l.items[2]; a.x != b.x || b.x != c.x {
		t.Errorf("a chain is not straight: %v %v %v", a.x, b.x, c.x)
	}
}
