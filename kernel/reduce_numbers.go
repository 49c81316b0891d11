package kernel

import "github.com/ihae/ihae/tensor"

// ReduceNumbers is [Reduce] for float64 and integers: sums, products and the
// largest and smallest. It is nil for other types, for And and Or, and where there
// is nothing to fold.
//
// Operands: x [Outer Axis Inner]; result [Outer Inner] of the same type.
func ReduceNumbers(s ReduceSpec, d tensor.DType) *Code {
	if s.Op > ReduceProd || s.Outer*s.Axis*s.Inner == 0 {
		return nil
	}
	switch d {
	case tensor.Float64:
		return foldNumbers[float64](s)
	case tensor.Int8:
		return foldNumbers[int8](s)
	case tensor.Int16:
		return foldNumbers[int16](s)
	case tensor.Int32:
		return foldNumbers[int32](s)
	case tensor.Int64:
		return foldNumbers[int64](s)
	case tensor.Uint8:
		return foldNumbers[uint8](s)
	case tensor.Uint16:
		return foldNumbers[uint16](s)
	case tensor.Uint32:
		return foldNumbers[uint32](s)
	case tensor.Uint64:
		return foldNumbers[uint64](s)
	}
	return nil
}

// foldNumbers gives each piece some columns of some outer places.
func foldNumbers[T number](s ReduceSpec) *Code {
	row, column := foldOf[T](s.Op)
	width := min(s.Inner, lanes)
	chunks := ceilDiv(s.Inner, width)
	per := max(1, 16384/(s.Axis*width))
	return &Code{Phases: []Phase{{
		Pieces: ceilDiv(s.Outer*chunks, per),
		Work:   s.Outer * s.Axis * s.Inner,
		Run: func(a *Args, piece int, _ Memory) {
			for r := piece * per; r < min(s.Outer*chunks, (piece+1)*per); r++ {
				first := r % chunks * width
				x := see[T](a.In[0])[r/chunks*s.Axis*s.Inner+first:]
				y := see[T](a.Out[0])[r/chunks*s.Inner+first:][:min(width, s.Inner-first)]
				if s.Inner == 1 {
					y[0] = row(x[:s.Axis])
					continue
				}
				copy(y, x)
				for i := 1; i < s.Axis; i++ {
					column(y, x[i*s.Inner:][:len(y)])
				}
			}
		},
	}}}
}

// foldOf is how a row is folded into one number, and one row onto another.
func foldOf[T number](o ReduceOp) (row func(x []T) T, column func(to, from []T)) {
	how := [...]Combine{ReduceSum: CombineAdd, ReduceMax: CombineMax, ReduceMin: CombineMin, ReduceProd: CombineMul}[o]
	column = combines[T](how)
	if o == ReduceSum {
		return sumOf[T], column
	}
	return func(x []T) T {
		var part [8]T // eight at a time, then one after the other
		n := copy(part[:], x)
		for i := n; i+8 <= len(x); i += 8 {
			column(part[:], x[i:i+8])
			n = i + 8
		}
		rest := x[n:]
		for i := range min(len(x), 8) {
			if i > 0 {
				column(part[:1], part[i:i+1])
			}
		}
		for i := range rest {
			column(part[:1], rest[i:i+1])
		}
		return part[0]
	}, column
}

// sumOf adds up in four strands.
func sumOf[T number](x []T) T {
	var a, b, c, d T
	i := 0
	for ; i+4 <= len(x); i += 4 {
		v := x[i : i+4 : i+4]
		a, b, c, d = a+v[0], b+v[1], c+v[2], d+v[3]
	}
	for _, v := range x[i:] {
		a += v
	}
	return (a + b) + (c + d)
}
