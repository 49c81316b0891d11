package train

import (
	"math"

	"github.com/ihae/ihae/optim"
)

// state is all of a training beside its tensors: with them, and with the
// settings, it decides every later bit.
type state struct {
	Step    int    `json:"step"`    // done
	Epoch   int    `json:"epoch"`   // at work, from 0
	Batch   int    `json:"batch"`   // done in this epoch
	Records int    `json:"records"` // written to metrics.jsonl
	Valid   *Score `json:"valid,omitempty"`
	Best    *Score `json:"best,omitempty"`
	Stale   int    `json:"stale"` // validations since the best
	Stopped string `json:"stopped,omitempty"`
	Running tally  `json:"running"` // since the start of the epoch
	Recent  tally  `json:"recent"`  // since the last record

	Averaged   int           `json:"averaged,omitzero"`    // weights taken into the average
	AveragedAt int           `json:"averaged_at,omitzero"` // the step of the last
	Watched    optim.Watched `json:"watched,omitzero"`     // by a schedule
}

// tally sums up training batches.
type tally struct {
	Loss  float64 `json:"loss"` // the sum over examples, nats
	Right float64 `json:"right"`
	Count int     `json:"count"`
}

func (t *tally) add(loss, right float64, count int) {
	t.Loss += loss * float64(count)
	t.Right += right
	t.Count += count
}

func (t tally) loss() float64     { return t.Loss / float64(max(t.Count, 1)) }
func (t tally) accuracy() float64 { return t.Right / float64(max(t.Count, 1)) }

// validated takes a validation into account. It says whether it is the best so
// far: a higher accuracy, or the same or none with a lower loss. A loss that is
// NaN is never better.
func (s *state) validated(v Score, minDelta float64) bool {
	s.Valid = &v
	if !usable(v) || s.Best != nil && !better(v, *s.Best) {
		s.Stale++
		return false
	}
	// The checkpoint follows the best, but patience asks for a real gain.
	if s.Best == nil || gain(v, *s.Best) > minDelta {
		s.Stale = 0
	} else {
		s.Stale++
	}
	s.Best = &v
	return true
}

func usable(v Score) bool { return !math.IsNaN(float64(v.Loss)) }

func better(a, b Score) bool { return gain(a, b) > 0 }

// gain is how much better a is than b, in accuracy, or in loss where the
// accuracy is the same or there is none.
func gain(a, b Score) float64 {
	if d := float64(a.Accuracy - b.Accuracy); d != 0 && !math.IsNaN(d) {
		return d
	}
	return float64(b.Loss - a.Loss)
}
