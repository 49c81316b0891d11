package kernel

import (
	"math"
	"unsafe"
)

// rowwise is a Code whose pieces are groups of rows of n elements.
func rowwise(rows, n, work, local int, row func(a *Args, r int, local Memory)) *Code {
	if rows == 0 {
		return &Code{}
	}
	per := rowsPerPiece(n)
	return &Code{
		Local: local,
		Phases: []Phase{{
			Pieces: (rows + per - 1) / per,
			Work:   work,
			Run: func(a *Args, piece int, local Memory) {
				for r := piece * per; r < min(rows, piece*per+per); r++ {
					row(a, r, local)
				}
			},
		}},
	}
}

// Softmax makes every row positive with the sum 1: exp(x - max)/Σ exp(x - max),
// or its logarithm. The largest of an empty row does not exist: n is positive.
//
// Operands: x [rows n]; result y [rows n], which may lie in x.
func Softmax(rows, n int, log bool) *Code {
	s := &softmax{n: n, vec: vecForms.Best()}
	row := s.share
	if log {
		row = s.log
	}
	return rowwise(rows, n, rows*(n/2+20), 4*min(n, blockSize), row)
}

type softmax struct {
	n   int
	vec *vecTable
}

// exponentials writes exp(x - shift) to y and returns the sum.
func (s *softmax) exponentials(y, x unsafe.Pointer, shift float32, local Memory) float64 {
	fill := base(local)
	s.vec.fill(fill, shift, min(s.n, blockSize))
	var sum float64
	for i := 0; i < s.n; i += blockSize {
		m := min(blockSize, s.n-i)
		s.vec.op[opSub](at(y, i), at(x, i), fill, nil, m)
		s.vec.op[opExp](at(y, i), at(y, i), nil, nil, m)
		sum += float64(s.vec.reduce[ReduceSum](at(y, i), m))
	}
	return sum
}

// logSum is log Σ exp(x - shift), through a block of scratch.
func (s *softmax) logSum(x unsafe.Pointer, shift float32, local Memory) float64 {
	var sum float64
	for i := 0; i < s.n; i += blockSize {
		m := min(blockSize, s.n-i)
		s.vec.fill(base(local), shift, m)
		s.vec.op[opSub](base(local), at(x, i), base(local), nil, m)
		s.vec.op[opExp](base(local), base(local), nil, nil, m)
		sum += float64(s.vec.reduce[ReduceSum](base(local), m))
	}
	return math.Log(sum)
}

// scale multiplies y by v.
func (s *softmax) scale(y unsafe.Pointer, v float32, local Memory) {
	s.vec.fill(base(local), v, min(s.n, blockSize))
	for i := 0; i < s.n; i += blockSize {
		s.vec.op[opMul](at(y, i), at(y, i), base(local), nil, min(blockSize, s.n-i))
	}
}

func (s *softmax) share(a *Args, r int, local Memory) {
	x, y := at(base(a.In[0]), r*s.n), at(base(a.Out[0]), r*s.n)
	sum := s.exponentials(y, x, s.vec.reduce[ReduceMax](x, s.n), local)
	s.scale(y, float32(1/sum), local)
}

func (s *softmax) log(a *Args, r int, local Memory) {
	x, y := at(base(a.In[0]), r*s.n), at(base(a.Out[0]), r*s.n)
	top := s.vec.reduce[ReduceMax](x, s.n)
	sum := float32(s.logSum(x, top, local))
	for i := 0; i < s.n; i += blockSize {
		m := min(blockSize, s.n-i)
		s.vec.fill(base(local), top, m)
		s.vec.op[opSub](at(y, i), at(x, i), base(local), nil, m)
		s.vec.fill(base(local), sum, m)
		s.vec.op[opSub](at(y, i), at(y, i), base(local), nil, m)
	}
}

// SoftmaxGrad is the gradient of Softmax: dx = y·(dy - Σ y·dy), and with log
// dx = dy - exp(y)·Σ dy.
//
// Operands: dy [rows n], y [rows n]; result dx [rows n], which may lie in dy.
func SoftmaxGrad(rows, n int, log bool) *Code {
	s := &softmax{n: n, vec: vecForms.Best()}
	row := s.shareGrad
	if log {
		row = s.logGrad
	}
	return rowwise(rows, n, rows*(n/2+20), 8*min(n, blockSize), row)
}

func (s *softmax) shareGrad(a *Args, r int, local Memory) {
	dy, y, dx := at(base(a.In[0]), r*s.n), at(base(a.In[1]), r*s.n), at(base(a.Out[0]), r*s.n)
	var sum float64
	for i := 0; i < s.n; i += blockSize {
		m := min(blockSize, s.n-i)
		s.vec.op[opMul](base(local), at(y, i), at(dy, i), nil, m)
		sum += float64(s.vec.reduce[ReduceSum](base(local), m))
	}
	dot := float32(sum)
	s.vec.fill(base(local), dot, min(s.n, blockSize))
	for i := 0; i < s.n; i += blockSize {
		m := min(blockSize, s.n-i)
		s.vec.op[opSub](at(dx, i), at(dy, i), base(local), nil, m)
		s.vec.op[opMul](at(dx, i), at(dx, i), at(y, i), nil, m)
	}
}

func (s *softmax) logGrad(a *Args, r int, local Memory) {
	dy, y, dx := at(base(a.In[0]), r*s.n), at(base(a.In[1]), r*s.n), at(base(a.Out[0]), r*s.n)
	var total float64
	for i := 0; i < s.n; i += blockSize {
		total += float64(s.vec.reduce[ReduceSum](at(dy, i), min(blockSize, s.n-i)))
	}
	sum := float32(-total)
	width := min(s.n, blockSize)
	fill := at(base(local), width)
	s.vec.fill(fill, sum, width)
	for i := 0; i < s.n; i += blockSize {
		m := min(blockSize, s.n-i)
		s.vec.op[opExp](base(local), at(y, i), nil, nil, m)
		s.vec.op[opMulAdd](at(dx, i), base(local), fill, at(dy, i), m)
	}
}
