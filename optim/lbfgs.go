package optim

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// LBFGS minimises with curvature that it learns from the last steps: Liu and
// Nocedal, "On the Limited Memory BFGS Method for Large Scale Optimization",
// Mathematical Programming 45, 1989, with the two-loop recursion of Nocedal and
// Wright, "Numerical Optimization", 2006, algorithm 7.4. A zero field means the
// value in its comment.
type LBFGS struct {
	LR         float64 // 1: the first length to try, in units of the direction
	History    int     // 100: pairs to remember
	Iterations int     // 20
	Calls      int     // of the function at most: 5/4 of Iterations
	Gradient   float64 // 1e-7: ends when no component of the gradient is larger
	Change     float64 // 1e-9: ends when no component of x, or the value, changes by more
	Fixed      bool    // false: search along the line; true: always go LR
}

func (o LBFGS) withDefaults() LBFGS {
	o.LR, o.Gradient, o.Change = or(o.LR, 1), or(o.Gradient, 1e-7), or(o.Change, 1e-9)
	if o.History <= 0 {
		o.History = 100
	}
	if o.Iterations <= 0 {
		o.Iterations = 20
	}
	if o.Calls <= 0 {
		o.Calls = max(o.Iterations*5/4, 1)
	}
	return o
}

// pair is what one step taught: how far it went, and how the gradient changed.
type pair struct {
	step, change []float64
	rho          float64 // 1/(step·change)
}

// lbfgs is a minimisation at work.
type lbfgs struct {
	LBFGS
	x         []float64
	grad      []float64
	value     float64
	last      []float64 // the gradient before the last step
	direction []float64
	length    float64 // of the last step, in directions
	history   []pair
	scale     float64 // of the first guess at the inverse Hessian
	min       Minimum
	f         func(x, grad []float64) (float64, error)
}

// Minimize implements Minimizer.
func (o LBFGS) Minimize(ctx context.Context, x []float64, f Objective) (Minimum, error) {
	n := len(x)
	m := &lbfgs{
		LBFGS: o.withDefaults(), x: x, scale: 1,
		grad: make([]float64, n), last: make([]float64, n), direction: make([]float64, n),
	}
	m.f = func(x, grad []float64) (float64, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		m.min.Evaluations++
		return f(ctx, x, grad)
	}
	err := m.run()
	m.min.Value = m.value
	return m.min, err
}

var errNotFinite = errors.New("optim: the function is not finite where the minimisation starts")

func (m *lbfgs) run() error {
	var err error
	if m.value, err = m.f(m.x, m.grad); err != nil {
		return fmt.Errorf("optim: evaluate the function at the start: %w", err)
	}
	if norm := largest(m.grad); math.IsNaN(m.value-m.value) || math.IsNaN(norm-norm) {
		return errNotFinite
	}
	m.min.Converged = largest(m.grad) <= m.Gradient
	for !m.min.Converged && m.min.Iterations < m.Iterations && m.min.Evaluations < m.Calls {
		m.min.Iterations++
		before := m.value
		if m.min.Iterations > 1 {
			m.learn()
		}
		m.aim()
		copy(m.last, m.grad)
		slope := dot(m.grad, m.direction)
		if slope > -m.Change {
			m.min.Converged = true
			break
		}
		if err := m.move(slope); err != nil {
			return fmt.Errorf("optim: evaluate the function in iteration %d: %w", m.min.Iterations, err)
		}
		m.min.Converged = largest(m.grad) <= m.Gradient ||
			m.length*largest(m.direction) <= m.Change || math.Abs(m.value-before) < m.Change
	}
	return nil
}

// learn takes the last step into the history.
func (m *lbfgs) learn() {
	p := pair{make([]float64, len(m.x)), make([]float64, len(m.x)), 0}
	for i, d := range m.direction {
		p.step[i], p.change[i] = d*m.length, m.grad[i]-m.last[i]
	}
	curvature := dot(p.change, p.step)
	if curvature <= 1e-10 { // not convex along the step: nothing is learnt
		return
	}
	if len(m.history) == m.History {
		m.history = append(m.history[:0], m.history[1:]...)
	}
	p.rho = 1 / curvature
	m.history = append(m.history, p)
	m.scale = curvature / dot(p.change, p.change)
}

// aim sets the direction: minus the inverse Hessian, as far as it is known,
// times the gradient.
func (m *lbfgs) aim() {
	d := m.direction
	for i, g := range m.grad {
		d[i] = -g
	}
	alpha := make([]float64, len(m.history))
	for i := len(m.history) - 1; i >= 0; i-- {
		p := m.history[i]
		alpha[i] = p.rho * dot(p.step, d)
		addScaled(d, -alpha[i], p.change)
	}
	for i := range d {
		d[i] *= m.scale
	}
	for i, p := range m.history {
		beta := p.rho * dot(p.change, d)
		addScaled(d, alpha[i]-beta, p.step)
	}
}

// move goes along the direction, and evaluates there.
func (m *lbfgs) move(slope float64) error {
	first := m.LR
	if m.min.Iterations == 1 { // nothing is known of the scale yet
		sum := 0.0
		for _, g := range m.grad {
			sum += math.Abs(g)
		}
		first *= min(1, 1/sum)
	}
	if m.Fixed {
		m.length = first
		addScaled(m.x, first, m.direction)
		var err error
		m.value, err = m.f(m.x, m.grad)
		return err
	}
	l := newLine(m)
	best, err := l.search(first, slope)
	m.length, m.value = best.t, best.value
	copy(m.grad, best.grad)
	addScaled(m.x, best.t, m.direction)
	return err
}
