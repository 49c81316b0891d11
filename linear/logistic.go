package linear

import (
	"context"
	"math"
)

// Logistic fits multinomial logistic regression to labels from 0 to classes-1:
// it makes least the sum over the rows of the negative log-likelihood plus
// penalty/2 times the sum of the squared weights; biases are free.
func Logistic(ctx context.Context, m *Matrix, labels []int32, classes int, penalty float64) (*Model, error) {
	if err := m.check(len(labels), penalty); err != nil {
		return nil, err
	}
	w := &Model{Features: m.Features, Outputs: classes}
	n := m.Features * classes
	x := make([]float64, n+classes) // weights, then biases
	p := make([]float64, classes)
	loss := func(x, gradient []float64) float64 {
		w.Weight, w.Bias = x[:n], x[n:]
		clear(gradient)
		sum := 0.0
		for i, label := range labels {
			w.Scores(p, m, i)
			score := p[label]
			sum += softmax(p) - score
			p[label]--
			index, value := m.row(i)
			for j, f := range index {
				v := float64(value[j])
				for c, d := range p {
					gradient[int(f)*classes+c] += v * d
				}
			}
			for c, d := range p {
				gradient[n+c] += d
			}
		}
		for j, v := range x[:n] {
			sum += penalty / 2 * v * v
			gradient[j] += penalty * v
		}
		return sum
	}
	var err error
	w.Steps, err = minimize(ctx, x, loss, 1e-6*math.Sqrt(float64(m.Rows())))
	w.Weight, w.Bias = x[:n], x[n:]
	return w, err
}
