package optim

// Cosine goes from 1 to Final along half a cosine wave: Loshchilov and Hutter,
// "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017, equation 5,
// without restarts. The factor at the very end of the run would be Final.
type Cosine struct {
	Final float64 // 0
}

// At implements Schedule.
func (s Cosine) At(step, total int) float64 { return cosine(1, s.Final, progress(step, total)) }

func init() {
	RegisterSchedule(ScheduleEntry{
		Name: "cosine", Doc: "half a cosine wave from the base rate to final",
		Cite: "Loshchilov and Hutter, 2017", Default: Cosine{},
	})
}
