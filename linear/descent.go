package linear

import (
	"context"
	"math"

	"github.com/ihae/ihae/rng"
)

// Descent is multinomial logistic regression by stochastic gradient descent with
// a rate for each weight: Duchi et al., "Adaptive Subgradient Methods for Online
// Learning and Stochastic Optimization", JMLR 2011. Where there are far more
// features than a full gradient is worth, some passes over the rows are as good
// as the optimum, and when to stop takes the place of a penalty.
type Descent struct {
	Rate   float64    // 0.1
	Epochs int        // passes over the rows, 10
	Stream rng.Stream // of the order of rows
	// After, if there is one, is called after each epoch and says whether to stop.
	// The model is at work: what is kept of it must be copied.
	After func(epoch int, w *Model) (stop bool)
}

// Fit fits a model to labels from 0 to classes-1.
func (o Descent) Fit(ctx context.Context, m *Matrix, labels []int32, classes int) (*Model, error) {
	if err := m.check(len(labels), 1); err != nil {
		return nil, err
	}
	if o.Rate == 0 {
		o.Rate = 0.1
	}
	if o.Epochs == 0 {
		o.Epochs = 10
	}
	w := &Model{Features: m.Features, Outputs: classes, Weight: make([]float64, m.Features*classes), Bias: make([]float64, classes)}
	d := &descending{Model: w, rate: o.Rate, squares: make([]float32, len(w.Weight)), biases: make([]float64, classes), p: make([]float64, classes)}
	for epoch := range o.Epochs {
		for n, i := range o.Stream.At(uint64(epoch)).Perm(m.Rows()) {
			if n%4096 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			d.step(m, i, labels[i])
		}
		w.Steps++
		if o.After != nil && o.After(epoch, w) {
			break
		}
	}
	return w, nil
}

// descending is a model and the squares of all its gradients so far.
type descending struct {
	*Model
	rate    float64
	squares []float32 // as Weight
	biases  []float64 // as Bias
	p       []float64
}

// step descends by the gradient of one row.
func (d *descending) step(m *Matrix, i int, label int32) {
	d.Scores(d.p, m, i)
	softmax(d.p)
	d.p[label]--
	k := d.Outputs
	index, value := m.row(i)
	for j, f := range index {
		v := float64(value[j])
		w, s := d.Weight[int(f)*k:][:k], d.squares[int(f)*k:][:k]
		for c, e := range d.p {
			g := v * e
			s[c] += float32(g * g)
			w[c] -= d.rate * g / (math.Sqrt(float64(s[c])) + 1e-6)
		}
	}
	for c, g := range d.p {
		d.biases[c] += g * g
		d.Bias[c] -= d.rate * g / (math.Sqrt(d.biases[c]) + 1e-6)
	}
}
