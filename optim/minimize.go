package optim

import "context"

// Objective is a function to minimise, of a vector: its value at x, and into
// grad its gradient there. It must not keep x or grad.
type Objective func(ctx context.Context, x, grad []float64) (float64, error)

// Minimum is where a minimisation ended.
type Minimum struct {
	Value       float64
	Iterations  int
	Evaluations int
	Converged   bool // a tolerance ended it, not a limit
}

// Minimizer is an optimizer of another kind than [Optimizer]: it asks for the
// function as often as it wants, and so suits functions without chance in them,
// such as those of style transfer and of logistic models.
type Minimizer interface {
	// Minimize improves x in its place. It ends with an error when f does, when
	// ctx ends, and when f is not finite at the start; x then holds the best
	// vector so far.
	Minimize(ctx context.Context, x []float64, f Objective) (Minimum, error)
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// largest is the largest absolute value.
func largest(a []float64) float64 {
	top := 0.0
	for _, v := range a {
		top = max(top, v, -v)
	}
	return top
}

// addScaled is y ← y + a·x.
func addScaled(y []float64, a float64, x []float64) {
	for i, v := range x {
		y[i] += a * v
	}
}
