package optim

import "github.com/ihae/ihae/tensor"

// Vector is float32 tensors seen as one long vector, for a [Minimizer].
type Vector []tensor.Tensor

// Len is how many elements there are.
func (v Vector) Len() int {
	n := 0
	for _, t := range v {
		n += t.Shape().Size()
	}
	return n
}

// Read copies the elements into x, which has Len elements.
func (v Vector) Read(x []float64) {
	for _, t := range v {
		from := t.Floats()
		for i, e := range from {
			x[i] = float64(e)
		}
		x = x[len(from):]
	}
}

// Write copies x, which has Len elements, into the tensors.
func (v Vector) Write(x []float64) {
	for _, t := range v {
		to := t.Floats()
		for i := range to {
			to[i] = float32(x[i])
		}
		x = x[len(to):]
	}
}
