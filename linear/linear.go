// Package linear fits linear models to rows of few or many features: ridge
// regression and multinomial logistic regression, in float64, to the optimum.
// They are what a network has to beat.
package linear

import (
	"errors"
	"fmt"
	"math"
)

// Matrix is N rows of F features, of which zeros are left out.
type Matrix struct {
	Features int
	Start    []int     // [N+1]: row i is from Start[i] to Start[i+1]
	Index    []int32   // of the feature, each from 0 to Features-1
	Value    []float32 // of the feature
}

// NewMatrix is a matrix without rows.
func NewMatrix(features int) *Matrix { return &Matrix{Features: features, Start: []int{0}} }

// Rows is N.
func (m *Matrix) Rows() int { return len(m.Start) - 1 }

// Add appends a feature to the row that [Matrix.End] will end. A feature may
// come again: its values add up.
func (m *Matrix) Add(feature int, value float32) {
	if value != 0 {
		m.Index, m.Value = append(m.Index, int32(feature)), append(m.Value, value)
	}
}

// End ends a row.
func (m *Matrix) End() { m.Start = append(m.Start, len(m.Index)) }

// row is the features of row i and their values.
func (m *Matrix) row(i int) ([]int32, []float32) {
	a, b := m.Start[i], m.Start[i+1]
	return m.Index[a:b], m.Value[a:b]
}

// Model is K linear functions of F features.
type Model struct {
	Features, Outputs int
	Weight            []float64 // [F K]
	Bias              []float64 // [K]
	Steps             int       // that the fit took
}

// Scores writes the K functions of row i.
func (w *Model) Scores(out []float64, m *Matrix, i int) {
	copy(out, w.Bias)
	index, value := m.row(i)
	k := w.Outputs
	for j, f := range index {
		v := float64(value[j])
		for c, weight := range w.Weight[int(f)*k:][:k] {
			out[c] += v * weight
		}
	}
}

// Probabilities writes the softmax of the K functions of row i.
func (w *Model) Probabilities(out []float64, m *Matrix, i int) {
	w.Scores(out, m, i)
	softmax(out)
}

// softmax turns scores into probabilities and returns the log of the sum that
// they were divided by.
func softmax(x []float64) float64 {
	most, sum := math.Inf(-1), 0.0
	for _, v := range x {
		most = max(most, v)
	}
	for i, v := range x {
		x[i] = math.Exp(v - most)
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
	return most + math.Log(sum)
}

// errEmpty is the error of a fit to nothing.
var errEmpty = errors.New("linear: there are no rows to fit to")

func (m *Matrix) check(labels int, penalty float64) error {
	switch {
	case m.Rows() == 0:
		return errEmpty
	case labels != m.Rows():
		return fmt.Errorf("linear: %d labels for %d rows", labels, m.Rows())
	case !(penalty > 0) || math.IsInf(penalty, 0):
		return fmt.Errorf("linear: the penalty is %v, wanted more than 0", penalty)
	}
	for _, v := range m.Value {
		if math.IsNaN(float64(v - v)) {
			return errors.New("linear: a feature is not finite")
		}
	}
	return nil
}
