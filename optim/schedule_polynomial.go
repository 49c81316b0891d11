package optim

import "math"

// Polynomial goes from 1 to Final as (1-x)^Power, where x is the share of the
// run that is over: Chen et al., "DeepLab", TPAMI 2018, section 4.1.2, with 0.9.
// A zero field means the value in its comment.
type Polynomial struct {
	Power float64 // 1
	Final float64 // 0
}

// At implements Schedule.
func (s Polynomial) At(step, total int) float64 {
	final := min(s.Final, 1)
	return final + (1-final)*math.Pow(1-progress(step, total), or(s.Power, 1))
}

func init() {
	RegisterSchedule(ScheduleEntry{
		Name: "polynomial", Doc: "from the base rate to final as a power of what is left of the run",
		Cite: "Chen et al., 2018", Default: Polynomial{Power: 0.9},
	})
	RegisterSchedule(ScheduleEntry{
		Name: "linear", Doc: "from the base rate to final in equal steps",
		Default: Linear{},
	})
}

// Linear goes from 1 to Final in equal steps.
type Linear struct {
	Final float64 // 0
}

// At implements Schedule.
func (s Linear) At(step, total int) float64 { return Polynomial{Final: s.Final}.At(step, total) }
