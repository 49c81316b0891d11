package linear

import (
	"context"
	"math"
)

// Ridge fits ridge regression to targets: it makes least the sum of the squared
// errors plus penalty times the sum of the squared weights; the bias is free.
// It solves the normal equations by conjugate gradients: Hestenes and Stiefel,
// 1952.
func Ridge(ctx context.Context, m *Matrix, targets []float64, penalty float64) (*Model, error) {
	if err := m.check(len(targets), penalty); err != nil {
		return nil, err
	}
	mean := 0.0
	for _, t := range targets {
		mean += t / float64(len(targets))
	}
	c := newCentered(m)
	n := m.Features
	x, r, ap := make([]float64, n), make([]float64, n), make([]float64, n)
	residual := make([]float64, m.Rows())
	for i, t := range targets {
		residual[i] = t - mean
	}
	c.transposed(r, residual)
	p, w := append([]float64(nil), r...), &Model{Features: n, Outputs: 1, Weight: x}
	rr := dot(r, r)
	for end := rr * 1e-20; rr > end && w.Steps < 10*maxSteps; w.Steps++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c.times(residual, p)
		c.transposed(ap, residual)
		add(ap, penalty, p)
		step := rr / dot(p, ap)
		if math.IsNaN(step) || math.IsInf(step, 0) {
			break
		}
		add(x, step, p)
		add(r, -step, ap)
		before := rr
		rr = dot(r, r)
		for i := range p {
			p[i] = r[i] + rr/before*p[i]
		}
	}
	w.Bias = []float64{mean - dot(x, c.mean)}
	return w, nil
}

// centered is a matrix whose features have their means taken off.
type centered struct {
	*Matrix
	mean []float64
}

func newCentered(m *Matrix) centered {
	c := centered{m, make([]float64, m.Features)}
	for j, f := range m.Index {
		c.mean[f] += float64(m.Value[j]) / float64(m.Rows())
	}
	return c
}

// times is y = (X - mean)·x.
func (c centered) times(y, x []float64) {
	off := dot(c.mean, x)
	for i := range y {
		index, value := c.row(i)
		sum := -off
		for j, f := range index {
			sum += float64(value[j]) * x[f]
		}
		y[i] = sum
	}
}

// transposed is x = (X - mean)ᵀ·y.
func (c centered) transposed(x, y []float64) {
	clear(x)
	sum := 0.0
	for i, v := range y {
		sum += v
		index, value := c.row(i)
		for j, f := range index {
			x[f] += float64(value[j]) * v
		}
	}
	add(x, -sum, c.mean)
}
