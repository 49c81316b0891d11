package lower

import "github.com/ihae/ihae/tensor"

func init() {
	register(Operator{Name: "NonZero", Since: []int64{9, 13}, Rule: func(c *Call) { c.Host(nonZero, 0) }})
}

// nonZero is the places of what is not 0, in row-major order: [axes places].
func nonZero(in []Host) ([]Host, error) {
	w := tensor.Widen(in[0].Tensor)
	s := w.Type.Shape
	var at []int
	for i := range s.Size() {
		if w.F != nil && w.F[i] != 0 || w.F == nil && w.I[i] != 0 {
			at = append(at, i)
		}
	}
	y := make([]int64, s.Rank()*len(at))
	for a, stride := range s.Strides() {
		for j, i := range at {
			if a < s.Rank() {
				y[a*len(at)+j] = int64(i / stride % s.Dim(a))
			}
		}
	}
	return []Host{TensorHost(tensor.From(tensor.Dims(s.Rank(), len(at)), y))}, nil
}
