package kernel

import "github.com/ihae/ihae/tensor"

// GemmNumbers is C = A·B for float64 and integers, which wrap around, by the
// sizes and strides of s; other fields of s are not looked at. It is nil for other
// types.
//
// Operands: A, B; result C.
func GemmNumbers(s GemmSpec, d tensor.DType) *Code {
	switch d {
	case tensor.Float64:
		return productOf[float64](s)
	case tensor.Int8, tensor.Uint8:
		return productOf[uint8](s)
	case tensor.Int16, tensor.Uint16:
		return productOf[uint16](s)
	case tensor.Int32, tensor.Uint32:
		return productOf[uint32](s)
	case tensor.Int64, tensor.Uint64:
		return productOf[uint64](s)
	}
	return nil
}

// productOf gives each piece some rows of C. A row is a sum of rows of B, four at
// a time, in panels that stay in the cache; where rows of B are not straight each
// element is a sum of its own.
func productOf[T number](s GemmSpec) *Code {
	const panel = 512 // columns
	rows := s.Batch * s.M
	if rows*s.N == 0 {
		return &Code{}
	}
	per := max(1, 32768/max(1, s.K*s.N))
	return &Code{Phases: []Phase{{
		Pieces: ceilDiv(rows, per),
		Work:   rows * s.K * s.N,
		Run: func(a *Args, piece int, _ Memory) {
			for from := 0; from < s.N; from += panel {
				for r := piece * per; r < min(rows, (piece+1)*per); r++ {
					b, m := r/s.M, r%s.M
					x, y := see[T](a.In[0])[b*s.ABatch+m*s.ARow:], see[T](a.In[1])[b*s.BBatch:]
					z := see[T](a.Out[0])[b*s.CBatch+m*s.CRow+from:][:min(panel, s.N-from)]
					switch {
					case s.K == 0:
						clear(z)
					case s.BCol == 1 || s.N == 1:
						rowProduct(s, z, x, y[from:])
					default:
						eachProduct(s, z, x, y[from*s.BCol:])
					}
				}
			}
		},
	}}}
}

// rowProduct sets z to Σ x[k]·(row k of y).
func rowProduct[T number](s GemmSpec, z, x, y []T) {
	n := len(z)
	clear(z)
	k := 0
	for ; k+4 <= s.K; k += 4 {
		x0, x1, x2, x3 := x[k*s.ACol], x[(k+1)*s.ACol], x[(k+2)*s.ACol], x[(k+3)*s.ACol]
		y0, y1, y2, y3 := y[k*s.BRow:][:n], y[(k+1)*s.BRow:][:n], y[(k+2)*s.BRow:][:n], y[(k+3)*s.BRow:][:n]
		for j := range z {
			z[j] += (x0*y0[j] + x1*y1[j]) + (x2*y2[j] + x3*y3[j])
		}
	}
	for ; k < s.K; k++ {
		v := x[k*s.ACol]
		for j, w := range y[k*s.BRow:][:n] {
			z[j] += v * w
		}
	}
}

// eachProduct sets each element of z to a sum of products.
func eachProduct[T number](s GemmSpec, z, x, y []T) {
	for j := range z {
		var sum T
		column := y[j*s.BCol:]
		for k := range s.K {
			sum += x[k*s.ACol] * column[k*s.BRow]
		}
		z[j] = sum
	}
}
