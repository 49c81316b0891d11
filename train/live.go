package train

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Live shows progress on a terminal: a block of lines that is drawn over itself.
// A writer that fails is left alone.
type Live struct {
	w     io.Writer
	width int
	color bool
	drawn int // lines of the block on the screen
	next  time.Duration
}

// NewLive draws on a terminal of the given width, with or without colours.
func NewLive(w io.Writer, width int, color bool) *Live {
	return &Live{w: w, width: max(width, 20), color: color}
}

// frame is the time between two drawings.
const frame = 100 * time.Millisecond

// Report implements Reporter.
func (r *Live) Report(p Progress) {
	switch p.Event {
	case EventWarning, EventNote:
		r.clear()
		if p.Event == EventWarning {
			r.write("warning: ")
		}
		r.write(Visible(p.Text) + "\n")
	case EventEnd:
		r.draw(p)
		r.drawn = 0
	default:
		if p.Elapsed < r.next && p.Event != EventStart {
			return
		}
		r.next = p.Elapsed + frame
		r.draw(p)
	}
}

func (r *Live) draw(p Progress) {
	lines := []string{
		r.paint("1", headline(p)) + "  " + r.bar(p),
		"train  " + told(p.Loss, p.Accuracy) + fmt.Sprintf("  lr %.3g", p.LR),
		"valid  " + validLine(p),
		"speed  " + speedLine(p),
	}
	r.clear()
	for i, l := range lines {
		lines[i] = r.fit(l)
	}
	r.write(strings.Join(lines, "\n") + "\n")
	r.drawn = len(lines)
}

func validLine(p Progress) string {
	if p.Valid == nil {
		return "not yet"
	}
	s := told(float64(p.Valid.Loss), float64(p.Valid.Accuracy))
	if p.Best != nil {
		s += fmt.Sprintf("  best %s in epoch %d", p.Best.text(), p.Best.Epoch)
	}
	return s
}

func speedLine(p Progress) string {
	s := rateText(p) + fmt.Sprintf("  %s gone", clockTime(p.Elapsed))
	if p.Left > 0 {
		s += "  ETA " + clockTime(p.Left)
	}
	if p.Memory > 0 {
		s += "  memory " + byteSize(p.Memory)
	}
	if p.Saved > 0 {
		s += fmt.Sprintf("  saved at step %d", p.Saved)
	}
	return s
}

// bar is how far the run is, as a picture.
func (r *Live) bar(p Progress) string {
	width := min(30, r.width-len(headline(p))-4)
	if width < 4 || p.Steps == 0 {
		return ""
	}
	full := width * p.Step / p.Steps
	return r.paint("36", strings.Repeat("━", full)) + r.paint("2", strings.Repeat("─", width-full))
}

func (r *Live) paint(code, s string) string {
	if !r.color || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// fit cuts a line that would wrap; the coloured first line fits by its bar.
func (r *Live) fit(s string) string {
	if strings.Contains(s, "\x1b") {
		return s
	}
	if runes := []rune(s); len(runes) >= r.width {
		return string(runes[:r.width-1])
	}
	return s
}

// clear goes back to the first line of the block and empties the screen below.
func (r *Live) clear() {
	if r.drawn > 0 {
		r.write(fmt.Sprintf("\x1b[%dA\r\x1b[J", r.drawn))
	}
	r.drawn = 0
}

func (r *Live) write(s string) { _, _ = io.WriteString(r.w, s) }
