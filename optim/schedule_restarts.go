package optim

// Restarts goes from 1 to Final along half a cosine wave, again and again:
// Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts",
// ICLR 2017, equation 5. Each wave is Growth times as long as the one before. A
// zero field means the value in its comment.
type Restarts struct {
	Period int     // of the first wave, in updates: a seventh of the run, which is three waves where Growth is 2
	Growth float64 // 1
	Final  float64 // 0
}

// At implements Schedule.
func (s Restarts) At(step, total int) float64 {
	period, growth := float64(s.Period), max(s.Growth, 1)
	if s.Period <= 0 {
		period = float64(max((total+6)/7, 1))
	}
	left := float64(max(step, 0))
	if growth == 1 {
		return cosine(1, min(s.Final, 1), left/period-float64(int(left/period)))
	}
	for left >= period {
		left -= period
		period *= growth
	}
	return cosine(1, min(s.Final, 1), left/period)
}

func init() {
	RegisterSchedule(ScheduleEntry{
		Name: "restarts", Doc: "half cosine waves from the base rate to final, each growth times as long",
		Cite: "Loshchilov and Hutter, 2017", Default: Restarts{Growth: 2},
	})
}
