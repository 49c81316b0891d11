package kernel

import "math"

// Act is the activation that a contraction applies to its result: it is held
// between two numbers; NaN stays NaN.
type Act struct {
	Clamps    bool
	Low, High float32
}

// The activations that have names.
var (
	ActNone Act
	ActReLU = Act{true, 0, float32(math.Inf(1))} // max(x, 0)
)

func (a Act) flags() int {
	switch a {
	case ActNone:
		return 0
	case ActReLU:
		return tileReLU
	}
	return tileClamp
}

// of is v after the activation.
func (a Act) of(v float32) float32 {
	if !a.Clamps {
		return v
	}
	return min(max(v, a.Low), a.High)
}

func (a Act) apply(row []float32) {
	switch a {
	case ActNone:
	case ActReLU:
		for i, v := range row {
			row[i] = max(v, 0)
		}
	default:
		for i, v := range row {
			row[i] = min(max(v, a.Low), a.High)
		}
	}
}
