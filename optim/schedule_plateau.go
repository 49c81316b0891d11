package optim

import "math"

// Plateau multiplies the rate by Factor when the loss has not become less for
// more than Patience validations in a row. A loss is less if it is below the
// best by more than the share MinGain of the best. It needs what it remembers
// from the caller: see [Adaptive]. A zero field means the value in its comment.
type Plateau struct {
	Factor   float64 // 0.1
	Patience int     // 0
	MinGain  float64 // 1e-4
	Cooldown int     // 0: validations that do not count after a change
	Floor    float64 // 0: of the factor
}

// Adaptive is a schedule that looks at the validations of a run.
type Adaptive interface {
	Schedule
	// Watch takes the loss of a validation into account. The factor of what it
	// returns multiplies that of At from then on.
	Watch(before Watched, loss float64) Watched
}

// Watched is what an [Adaptive] remembers. A checkpoint holds it.
type Watched struct {
	Seen     int     `json:"seen"`     // validations
	Best     float64 `json:"best"`     // the least loss
	Stale    int     `json:"stale"`    // validations since
	Cooldown int     `json:"cooldown"` // validations yet to be passed over
	Lowered  int     `json:"lowered"`  // how often the rate was changed
	Factor   float64 `json:"factor"`   // of the rate, if it was
}

// Rate is the factor: 1 before anything was watched.
func (w Watched) Rate() float64 {
	if w.Lowered == 0 {
		return 1
	}
	return w.Factor
}

// At implements Schedule.
func (Plateau) At(_, _ int) float64 { return 1 }

// Watch implements Adaptive. A loss that is not a number is no gain.
func (s Plateau) Watch(w Watched, loss float64) Watched {
	switch {
	case w.Seen == 0 && !math.IsNaN(loss) || loss < w.Best*(1-or(s.MinGain, 1e-4)):
		w.Best, w.Stale = loss, 0
	default:
		w.Stale++
	}
	if w.Seen == 0 && math.IsNaN(loss) {
		return w
	}
	w.Seen++
	if w.Cooldown > 0 {
		w.Cooldown, w.Stale = w.Cooldown-1, 0
	}
	if w.Stale > s.Patience {
		w.Factor = max(w.Rate()*min(or(s.Factor, 0.1), 1), s.Floor)
		w.Lowered++
		w.Cooldown, w.Stale = s.Cooldown, 0
	}
	return w
}

func init() {
	RegisterSchedule(ScheduleEntry{
		Name: "plateau", Doc: "times factor, when the validations have not become better for a while",
		Default: Plateau{Factor: 0.1, Patience: 3, MinGain: 1e-4},
	})
}
