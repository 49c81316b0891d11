package train

import (
	"encoding/json"
	"io"
	"time"
)

// Lines shows progress to programs: one JSON object a line. Numbers that JSON
// does not have are null.
type Lines struct {
	w     io.Writer
	every time.Duration
	next  time.Duration
}

// NewLines writes to w; steps at most once for each interval, all else as it comes.
func NewLines(w io.Writer, every time.Duration) *Lines { return &Lines{w: w, every: every} }

// progressLine is a line of Lines.
type progressLine struct {
	Event    Event   `json:"event"`
	Run      string  `json:"run"`
	Message  string  `json:"message,omitempty"`
	Step     int     `json:"step"`
	Steps    int     `json:"steps"`
	Epoch    int     `json:"epoch"`
	Epochs   int     `json:"epochs"`
	Loss     Figure  `json:"loss"`
	Accuracy Figure  `json:"accuracy"`
	LR       Figure  `json:"lr"`
	Rate     Figure  `json:"images_per_second"`
	Seconds  float64 `json:"seconds"`
	Left     float64 `json:"seconds_left"`
	Memory   int64   `json:"memory_bytes"`
	Valid    *Score  `json:"valid,omitempty"`
	Best     *Score  `json:"best,omitempty"`
}

// Report implements Reporter.
func (r *Lines) Report(p Progress) {
	if p.Event == EventStep {
		if p.Elapsed < r.next {
			return
		}
		r.next = p.Elapsed + r.every
	}
	line, err := json.Marshal(progressLine{
		Event: p.Event, Run: p.Run, Message: p.Text,
		Step: p.Step, Steps: p.Steps, Epoch: p.Epoch, Epochs: p.Epochs,
		Loss: Figure(p.Loss), Accuracy: Figure(p.Accuracy), LR: Figure(p.LR), Rate: Figure(p.Rate),
		Seconds: p.Elapsed.Seconds(), Left: p.Left.Seconds(), Memory: p.Memory,
		Valid: p.Valid, Best: p.Best,
	})
	if err == nil {
		_, _ = r.w.Write(append(line, '\n'))
	}
}
