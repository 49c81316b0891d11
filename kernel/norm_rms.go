package kernel

import "math"

// RMSNorm divides every row by the root of its mean square (Zhang and Sennrich,
// 2019): y = x/√(mean(x²) + eps)·scale.
//
// Operands: x [rows n], scale [n], with n positive; result y [rows n], which may
// lie in x.
func RMSNorm(rows, n int, eps float32) *Code {
	v := vecForms.Best()
	return rowwise(rows, n, rows*(n/5+30), 4*min(n, blockSize), func(a *Args, r int, local Memory) {
		x, y, block := at(base(a.In[0]), r*n), at(base(a.Out[0]), r*n), base(local)
		var square float64
		for i := 0; i < n; i += blockSize {
			m := min(blockSize, n-i)
			v.op[opMul](block, at(x, i), at(x, i), nil, m)
			square += float64(v.reduce[ReduceSum](block, m))
		}
		v.fill(block, float32(1/math.Sqrt(square/float64(n)+float64(eps))), min(n, blockSize))
		for i := 0; i < n; i += blockSize {
			m := min(blockSize, n-i)
			v.op[opMul](at(y, i), at(x, i), block, nil, m)
			v.op[opMul](at(y, i), at(y, i), at(base(a.In[1]), i), nil, m)
		}
	})
}
