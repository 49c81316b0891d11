package linear

import (
	"context"
	"math"
	"testing"

	"github.com/ihae/ihae/rng"
)

// rows is n rows of 30 features, whose label the first three decide but for some
// noise.
func rows(n int) (*Matrix, []int32) {
	m, labels, draw := NewMatrix(30), []int32{}, rng.New(3).Rand()
	for range n {
		label := int32(draw.IntN(3))
		labels = append(labels, label)
		if draw.Float64() < 0.8 {
			m.Add(int(label), 1)
		}
		for range 4 {
			m.Add(3+draw.IntN(27), 0.5)
		}
		m.End()
	}
	return m, labels
}

// likelihood is the mean negative log-likelihood of labels.
func likelihood(w *Model, m *Matrix, labels []int32) float64 {
	p, sum := make([]float64, w.Outputs), 0.0
	for i, label := range labels {
		w.Probabilities(p, m, i)
		sum -= math.Log(p[label])
	}
	return sum / float64(len(labels))
}

// TestDescentNearOptimum comes near the optimum that [Logistic] finds, and to the
// same bits each time.
func TestDescentNearOptimum(t *testing.T) {
	m, labels := rows(2000)
	best, err := Logistic(t.Context(), m, labels, 3, 0.01)
	if err != nil {
		t.Fatal(err)
	}
	fit := func() *Model {
		w, err := Descent{Epochs: 30, Stream: rng.New(1)}.Fit(t.Context(), m, labels, 3)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	w := fit()
	got, want := likelihood(w, m, labels), likelihood(best, m, labels)
	if got > want+0.01 || got < want-1e-3 {
		t.Errorf("the mean loss is %v, at the optimum %v", got, want)
	}
	for i, v := range fit().Weight {
		if v != w.Weight[i] {
			t.Fatal("two fits of one seed differ")
		}
	}
}

// TestDescentStops stops when it is told, and when its context ends.
func TestDescentStops(t *testing.T) {
	m, labels := rows(50)
	o := Descent{Epochs: 9, Stream: rng.New(1), After: func(epoch int, _ *Model) bool { return epoch == 3 }}
	if w, err := o.Fit(t.Context(), m, labels, 3); err != nil || w.Steps != 4 {
		t.Errorf("%d epochs, %v", w.Steps, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := o.Fit(ctx, m, labels, 3); err == nil {
		t.Error("it goes on when its context has ended")
	}
}
