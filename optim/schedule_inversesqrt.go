package optim

import "math"

// InverseSqrt rises in equal steps over the first Warmup updates and then falls
// with the inverse root of the number of the update: Vaswani et al., "Attention
// Is All You Need", 2017, equation 3. The base rate is the largest; the paper's
// is 1/√(d·Warmup) for a width of d.
type InverseSqrt struct {
	Warmup int // a tenth of the run, at least 1
}

// At implements Schedule. A zero field means the value in its comment.
func (s InverseSqrt) At(step, total int) float64 {
	warmup := float64(s.Warmup)
	if s.Warmup <= 0 {
		warmup = float64(max(total/10, 1))
	}
	t := float64(max(step, 0) + 1)
	return min(t/warmup, math.Sqrt(warmup/t))
}

func init() {
	RegisterSchedule(ScheduleEntry{
		Name: "inverse-sqrt", Doc: "up to the base rate over warmup updates, then down with the inverse root",
		Cite: "Vaswani et al., 2017", Default: InverseSqrt{},
	})
}
