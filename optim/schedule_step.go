package optim

import "math"

// Steps multiplies the rate by Factor every so many updates. A zero field means
// the value in its comment.
type Steps struct {
	Every  int     // a third of the run, at least 1
	Factor float64 // 0.1
}

// At implements Schedule.
func (s Steps) At(step, total int) float64 {
	every := s.Every
	if every <= 0 {
		every = max((total+2)/3, 1)
	}
	return math.Pow(min(or(s.Factor, 0.1), 1), float64(max(step, 0)/every))
}

func init() {
	RegisterSchedule(ScheduleEntry{
		Name: "step", Doc: "times factor, every so many updates",
		Default: Steps{Factor: 0.1},
	})
}
