package train

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
)

// Plain shows progress where nobody watches a terminal: a line every few
// seconds. A writer that fails, such as a closed pipe, is left alone.
type Plain struct {
	w     io.Writer
	every time.Duration
	next  time.Duration
}

// NewPlain writes to w at most one line for each interval.
func NewPlain(w io.Writer, every time.Duration) *Plain { return &Plain{w: w, every: every} }

// Report implements Reporter.
func (r *Plain) Report(p Progress) {
	switch p.Event {
	case EventWarning:
		r.line("warning: " + Visible(p.Text))
	case EventNote:
		r.line(Visible(p.Text))
	case EventStart:
		r.line(fmt.Sprintf("training into %s: %d steps, %d epochs", p.Run, p.Steps, p.Epochs))
		r.next = p.Elapsed + r.every
	case EventStep, EventEpoch:
		if p.Elapsed < r.next {
			return
		}
		r.next = p.Elapsed + r.every
		r.line(headline(p) + "  " + figures(p))
	case EventEnd:
		r.line(headline(p) + "  " + figures(p))
	}
}

func (r *Plain) line(s string) { _, _ = io.WriteString(r.w, s+"\n") }

// headline says how far a run is.
func headline(p Progress) string {
	return fmt.Sprintf("epoch %d/%d  step %d/%d", p.Epoch, p.Epochs, p.Step, p.Steps)
}

// figures says how it goes.
func figures(p Progress) string {
	parts := []string{told(p.Loss, p.Accuracy)}
	if p.Valid != nil {
		parts = append(parts, "valid "+p.Valid.text())
	}
	parts = append(parts, fmt.Sprintf("lr %.3g", p.LR), rateText(p))
	if p.Left > 0 {
		parts = append(parts, "ETA "+clockTime(p.Left))
	}
	return strings.Join(parts, "  ")
}

// told is loss and accuracy, as far as there is one.
func told(loss, accuracy float64) string {
	if math.IsNaN(accuracy) {
		return fmt.Sprintf("loss %.4f", loss)
	}
	return fmt.Sprintf("loss %.4f  accuracy %s", loss, Percent(accuracy))
}

// text is the figure that s is judged by.
func (s Score) text() string {
	if math.IsNaN(float64(s.Accuracy)) {
		return fmt.Sprintf("loss %.4f", float64(s.Loss))
	}
	return Percent(float64(s.Accuracy))
}

// rateText is how fast it goes.
func rateText(p Progress) string {
	return fmt.Sprintf("%.0f %s/s", p.Rate, cmp.Or(p.Unit, "images"))
}

// Percent writes a fraction for people: 98.3 %.
func Percent(fraction float64) string { return fmt.Sprintf("%.1f %%", 100*fraction) }

// clockTime writes a duration as 1:02:03 or 2:03.
func clockTime(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// byteSize writes a size for people.
func byteSize(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%d kB", n>>10)
}
