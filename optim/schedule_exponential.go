package optim

import "math"

// Exponential goes from 1 to Final, by the same factor at each update. A zero
// field means the value in its comment.
type Exponential struct {
	Final float64 // 0.01
}

// At implements Schedule.
func (s Exponential) At(step, total int) float64 {
	return math.Pow(min(or(s.Final, 0.01), 1), progress(step, total))
}

func init() {
	RegisterSchedule(ScheduleEntry{
		Name: "exponential", Doc: "from the base rate to final, by the same factor at each update",
		Default: Exponential{Final: 0.01},
	})
}
