package linear

import (
	"context"
	"math"
)

// The bounds of a minimisation.
const (
	maxSteps = 500
	memory   = 10 // pairs of steps and changes of the gradient
)

// minimize brings x to the minimum of f, which writes its gradient, by L-BFGS
// with a backtracking line search: Nocedal and Wright, Numerical Optimization,
// 2006, algorithm 7.4. It ends when no component of the gradient exceeds
// tolerance, and returns the steps it took.
func minimize(ctx context.Context, x []float64, f func(x, gradient []float64) float64, tolerance float64) (int, error) {
	n := len(x)
	g, next, nextG, d := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	var s, y [][]float64
	value := f(x, g)
	for step := range maxSteps {
		if err := ctx.Err(); err != nil {
			return step, err
		}
		if largest(g) <= tolerance {
			return step, nil
		}
		direction(d, g, s, y)
		slope := dot(d, g)
		if !(slope < 0) {
			s, y = nil, nil
			direction(d, g, s, y)
			slope = dot(d, g)
		}
		size := 1.0
		if len(s) == 0 {
			size = min(1, 1/math.Sqrt(dot(g, g)))
		}
		reached := math.Inf(1)
		for ; size > 1e-20; size /= 2 {
			for i := range x {
				next[i] = x[i] + size*d[i]
			}
			if reached = f(next, nextG); reached <= value+1e-4*size*slope {
				break
			}
		}
		if !(reached < value) {
			return step, nil // as near as the arithmetic comes
		}
		s, y = remember(s, y, x, next, g, nextG)
		copy(x, next)
		copy(g, nextG)
		value = reached
	}
	return maxSteps, nil
}

// remember appends a pair, unless the curvature along it is not positive.
func remember(s, y [][]float64, x, next, g, nextG []float64) ([][]float64, [][]float64) {
	ds, dy := make([]float64, len(x)), make([]float64, len(x))
	for i := range x {
		ds[i], dy[i] = next[i]-x[i], nextG[i]-g[i]
	}
	if dot(ds, dy) <= 1e-12*dot(dy, dy) {
		return s, y
	}
	s, y = append(s, ds), append(y, dy)
	if len(s) > memory {
		s, y = s[1:], y[1:]
	}
	return s, y
}

// direction is -H·g, where H is what the pairs say of the inverse Hessian.
func direction(d, g []float64, s, y [][]float64) {
	for i, v := range g {
		d[i] = -v
	}
	k := len(s)
	if k == 0 {
		return
	}
	var alpha [memory]float64
	for i := k - 1; i >= 0; i-- {
		alpha[i] = dot(s[i], d) / dot(s[i], y[i])
		add(d, -alpha[i], y[i])
	}
	scale := dot(s[k-1], y[k-1]) / dot(y[k-1], y[k-1])
	for i := range d {
		d[i] *= scale
	}
	for i := range k {
		beta := dot(y[i], d) / dot(s[i], y[i])
		add(d, alpha[i]-beta, s[i])
	}
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

func add(a []float64, k float64, b []float64) {
	for i, v := range b {
		a[i] += k * v
	}
}

func largest(x []float64) float64 {
	most := 0.0
	for _, v := range x {
		most = max(most, math.Abs(v))
	}
	return most
}
