package kernel

// ArgReduce is the index, along the middle axis of x, of the largest element
// (ReduceMax) or the smallest (ReduceMin); the first of several, and the first
// NaN if there is one. It is nil for other operations and where Axis is 0.
//
// Operands: x [Outer Axis Inner] float32; result [Outer Inner] int32.
func ArgReduce(s ReduceSpec) *Code {
	if s.Axis == 0 || s.Op != ReduceMax && s.Op != ReduceMin {
		return nil
	}
	if s.Outer*s.Inner == 0 {
		return &Code{}
	}
	per := rowsPerPiece(s.Axis * s.Inner)
	return &Code{
		Local: 4 * s.Inner,
		Phases: []Phase{{
			Pieces: (s.Outer + per - 1) / per,
			Work:   s.Outer * s.Axis * s.Inner,
			Run: func(a *Args, piece int, local Memory) {
				for r := piece * per; r < min(s.Outer, piece*per+per); r++ {
					x := f32(at(base(a.In[0]), r*s.Axis*s.Inner), s.Axis*s.Inner)
					s.argRow(a.Out[0].I32()[r*s.Inner:(r+1)*s.Inner], local.F32()[:s.Inner], x)
				}
			},
		}},
	}
}

// argRow finds the indices into place, keeping the best elements so far in best.
func (s ReduceSpec) argRow(place []int32, best, x []float32) {
	copy(best, x)
	clear(place)
	for i := 1; i < s.Axis; i++ {
		row := x[i*s.Inner:][:s.Inner]
		for j, v := range row {
			b := best[j]
			better := v > b
			if s.Op == ReduceMin {
				better = v < b
			}
			if better || v != v && b == b {
				best[j], place[j] = v, int32(i)
			}
		}
	}
}
