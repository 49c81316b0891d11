package optim

import "math"

// MultiStep multiplies the rate by Factor where each of the shares of the run is
// over, as in He et al., "Deep Residual Learning", CVPR 2016, section 4.2, which
// has 1/2 and 3/4. A zero field means the value in its comment.
type MultiStep struct {
	Shares []float64 // 0.5 0.75
	Factor float64   // 0.1
}

var heShares = []float64{0.5, 0.75}

// At implements Schedule.
func (s MultiStep) At(step, total int) float64 {
	shares := s.Shares
	if len(shares) == 0 {
		shares = heShares
	}
	over := 0
	for _, share := range shares {
		if float64(step) >= share*float64(total) {
			over++
		}
	}
	return math.Pow(min(or(s.Factor, 0.1), 1), float64(over))
}

func init() {
	RegisterSchedule(ScheduleEntry{
		Name: "multi-step", Doc: "times factor, where each of some shares of the run is over",
		Cite: "He et al., 2016", Default: MultiStep{Shares: heShares, Factor: 0.1},
	})
}
