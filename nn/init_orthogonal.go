package nn

import (
	"math"

	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Orthogonal makes the weight, seen as a matrix [M K] with M all axes but the
// last, orthogonal: its columns where M ≥ K, else its rows, have length one and
// are at right angles. Saxe et al., "Exact Solutions to the Nonlinear Dynamics
// of Learning in Deep Linear Neural Networks", ICLR 2014, section 3.
func Orthogonal(r rng.Stream, s tensor.Shape) *Param {
	p := normal(r, s, 1)
	w := p.Value.Floats()
	if len(w) == 0 || s.Rank() == 0 {
		return p
	}
	columns := s.Dim(-1)
	rows := len(w) / columns
	count, length, next, step := columns, rows, 1, columns // vector i, element j: w[i*next+j*step]
	if rows < columns {
		count, length, next, step = rows, columns, columns, 1
	}
	v := make([][]float64, count)
	for i := range v {
		v[i] = make([]float64, length)
		for j := range v[i] {
			v[i][j] = float64(w[i*next+j*step])
		}
		straighten(v[i], v[:i])
		for j, x := range v[i] {
			w[i*next+j*step] = float32(x)
		}
	}
	return p
}

// straighten makes v orthogonal to the orthonormal others and of length one, by
// Gram and Schmidt's process done twice, which loses no precision (Giraud et
// al., 2005). Normal draws stay independent of the others' directions, so the
// result is evenly distributed.
func straighten(v []float64, others [][]float64) {
	for range 2 {
		for _, u := range others {
			share := dot(u, v)
			for j := range v {
				v[j] -= share * u[j]
			}
		}
	}
	length := math.Sqrt(dot(v, v))
	for j := range v {
		v[j] /= length
	}
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}
