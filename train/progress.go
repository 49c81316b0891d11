package train

import "time"

// Event is what a Progress is about.
type Event string

// The events.
const (
	EventStart      Event = "start"      // before the first step
	EventNote       Event = "note"       // Text says what a person should know of the data
	EventStep       Event = "step"       // after each step
	EventEpoch      Event = "epoch"      // after an epoch and its validation
	EventCheckpoint Event = "checkpoint" // after a checkpoint
	EventWarning    Event = "warning"    // Text says what
	EventEnd        Event = "end"        // after the last step, however it came
)

// Progress is what a run tells while it goes on.
type Progress struct {
	Event         Event
	Text          string // of a warning or a note
	Run           string
	Step, Steps   int // done, and in all
	Epoch, Epochs int // the one at work from 1, and in all
	Loss          float64
	Accuracy      float64 // of the training batches of this epoch so far, from 0 to 1; NaN where there is none
	LR            float64
	Rate          float64       // examples a second
	Unit          string        // what the examples are: "images"
	Elapsed, Left time.Duration // of this session, and estimated
	Memory        int64         // the process's peak resident size in bytes
	Valid, Best   *Score        // the newest and the best validation, nil before the first
	Saved         int           // the step of the newest checkpoint, 0 before the first
}

// Score is a validation.
type Score struct {
	Step     int    `json:"step"`
	Epoch    int    `json:"epoch"` // from 1
	Loss     Figure `json:"loss"`
	Accuracy Figure `json:"accuracy"` // of classes, else null: the loss decides
}

// Reporter shows progress. Report is called from one goroutine, after every
// step, and decides itself how often it writes.
type Reporter interface{ Report(Progress) }

// silent shows nothing.
type silent struct{}

func (silent) Report(Progress) {}
