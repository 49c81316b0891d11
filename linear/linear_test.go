package linear

import (
	"math"
	"testing"

	"github.com/ihae/ihae/rng"
)

// dense makes a matrix of rows.
func dense(rows [][]float64) *Matrix {
	m := NewMatrix(len(rows[0]))
	for _, row := range rows {
		for k, v := range row {
			m.Add(k, float32(v))
		}
		m.End()
	}
	return m
}

// drawn is n rows of f features that float32 holds exactly.
func drawn(n, f int) [][]float64 {
	r := rng.New(7).Rand()
	rows := make([][]float64, n)
	for i := range rows {
		for range f {
			rows[i] = append(rows[i], float64(float32(r.NormFloat64())))
		}
	}
	return rows
}

// TestRidgeOfOneFeature holds the fit to its closed form: for a centred feature,
// w = Σxy / (Σx² + penalty).
func TestRidgeOfOneFeature(t *testing.T) {
	x := dense([][]float64{{-2}, {-1}, {0}, {1}, {2}})
	y := []float64{1, 3, 2, 5, 4}
	w, err := Ridge(t.Context(), x, y, 3)
	if err != nil {
		t.Fatal(err)
	}
	if want := 8.0 / 13; math.Abs(w.Weight[0]-want) > 1e-12 || math.Abs(w.Bias[0]-3) > 1e-12 {
		t.Errorf("w %v, b %v; want %v, 3", w.Weight, w.Bias, want)
	}
}

// TestRidgeIsOptimal asks that the gradient of its objective vanishes.
func TestRidgeIsOptimal(t *testing.T) {
	const n, f, penalty = 60, 12, 0.7
	rows := drawn(n, f)
	y := make([]float64, n)
	for i, row := range rows {
		y[i] = 2*row[0] - row[3] + math.Sin(float64(i)) + 5
	}
	w, err := Ridge(t.Context(), dense(rows), y, penalty)
	if err != nil {
		t.Fatal(err)
	}
	gradient, bias := make([]float64, f), 0.0
	for i, row := range rows {
		d := dot(w.Weight, row) + w.Bias[0] - y[i]
		add(gradient, d, row)
		bias += d
	}
	add(gradient, penalty, w.Weight)
	if largest(gradient) > 1e-7 || math.Abs(bias) > 1e-7 {
		t.Errorf("gradient %v, of the bias %v", gradient, bias)
	}
}

// TestLogisticIsOptimal asks that the gradient of its objective vanishes: for
// each class, Σ (p - is)·x + penalty·w.
func TestLogisticIsOptimal(t *testing.T) {
	const n, f, classes, penalty = 90, 5, 3, 0.5
	rows := drawn(n, f)
	labels := make([]int32, n)
	for i, row := range rows {
		if row[0] > 0 {
			labels[i] = 1
		}
		if row[1]+row[2]*row[2] > 1 {
			labels[i] = 2
		}
	}
	m := dense(rows)
	w, err := Logistic(t.Context(), m, labels, classes, penalty)
	if err != nil {
		t.Fatal(err)
	}
	gradient, bias, p := make([]float64, f*classes), make([]float64, classes), make([]float64, classes)
	for i, row := range rows {
		w.Probabilities(p, m, i)
		p[labels[i]]--
		add(bias, 1, p)
		for k, v := range row {
			add(gradient[k*classes:][:classes], v, p)
		}
	}
	add(gradient, penalty, w.Weight)
	if largest(gradient) > 1e-4 || largest(bias) > 1e-4 {
		t.Errorf("after %d steps: gradient %v, of the biases %v", w.Steps, gradient, bias)
	}
}

// TestLogisticOfSeparableClasses ends although without a penalty the weights
// would grow for ever.
func TestLogisticOfSeparableClasses(t *testing.T) {
	m := dense([][]float64{{-1, 1000}, {-2, 1000}, {1, 1000}, {3, 1000}})
	w, err := Logistic(t.Context(), m, []int32{0, 0, 1, 1}, 2, 1e-3)
	if err != nil {
		t.Fatal(err)
	}
	p := make([]float64, 2)
	for i, right := range []int{0, 0, 1, 1} {
		if w.Probabilities(p, m, i); p[right] < 0.9 {
			t.Errorf("row %d: %v", i, p)
		}
	}
}

// TestFitsRefuse what no model can be fitted to.
func TestFitsRefuse(t *testing.T) {
	m := dense([][]float64{{1}, {2}})
	inf := dense([][]float64{{1}, {math.Inf(1)}})
	for name, err := range map[string]error{
		"no rows":     second(Ridge(t.Context(), NewMatrix(1), nil, 1)),
		"labels":      second(Logistic(t.Context(), m, []int32{0}, 2, 1)),
		"no penalty":  second(Ridge(t.Context(), m, []float64{1, 2}, 0)),
		"an infinity": second(Ridge(t.Context(), inf, []float64{1, 2}, 1)),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func second(_ *Model, err error) error { return err }
