package optim

// OneCycle rises from 1/Divisor to 1 over the share Rise of the run, then falls
// to 1/(Divisor·FinalDivisor), both along half cosine waves: Smith and Topin,
// "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning
// Rates", 2018. The base rate is the largest.
type OneCycle struct {
	Rise         float64 // 0.3
	Divisor      float64 // 25
	FinalDivisor float64 // 10000
}

// At implements Schedule. A zero field means the value in its comment.
func (s OneCycle) At(step, total int) float64 {
	rise, start := or(s.Rise, 0.3), 1/or(s.Divisor, 25)
	x := progress(step, total)
	if x < rise {
		return cosine(start, 1, x/rise)
	}
	if rise >= 1 {
		return 1
	}
	return cosine(1, start/or(s.FinalDivisor, 1e4), (x-rise)/(1-rise))
}

// or is v, or instead of zero the default d.
func or(v, d float64) float64 {
	if v == 0 {
		return d
	}
	return v
}

func init() {
	RegisterSchedule(ScheduleEntry{
		Name: "one-cycle", Doc: "up to the base rate, then down to almost nothing, along cosines",
		Cite: "Smith and Topin, 2018", Default: OneCycle{Rise: 0.3, Divisor: 25, FinalDivisor: 1e4},
	})
}
