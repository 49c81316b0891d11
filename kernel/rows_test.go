package kernel

import (
	"math/rand/v2"
	"testing"
)

// TestRowsReadAndWriteColumns compares gated sums of columns, of all widths and in
// all forms, with plain loops; one result lies in the memory of an operand.
func TestRowsReadAndWriteColumns(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	for form, v := range vecForms.All() {
		for _, cols := range []int{1, 5, 16, 33, 1024, 1100} {
			rows := 1 + r.IntN(9)
			x, c := values(r, make(Memory, 4*rows*3*cols)), values(r, make(Memory, 4*rows*cols))
			e := &Expr{}
			a, b, d := e.Load(0), e.Load(1), e.Load(2)
			s := RowsSpec{
				Rows: rows, Cols: cols, Expr: e,
				In:    []Columns{{0, 0, 3 * cols}, {0, 2 * cols, 3 * cols}, {1, 0, cols}},
				Out:   []Reg{e.Add(e.Mul(a, b), d), e.Sub(a, d), d},
				OutAt: []Columns{{0, 0, cols}, {1, cols, 2 * cols}, {1, 0, 2 * cols}},
			}
			before := append(Memory{}, c...)
			y := make(Memory, 4*rows*2*cols)
			runCode(rowsIn(v, s), []Memory{x, c}, []Memory{c, y}, shuffled)
			for i := range rows {
				for j := range cols {
					a, b, d := x.F32()[i*3*cols+j], x.F32()[(i*3+2)*cols+j], before.F32()[i*cols+j]
					got := [3]float32{c.F32()[i*cols+j], y.F32()[(i*2+1)*cols+j], y.F32()[i*2*cols+j]}
					for k, want := range [3]float32{a*b + d, a - d, d} {
						if diff := got[k] - want; diff > 1e-5 || diff < -1e-5 {
							t.Fatalf("%s, %d columns: result %d at %d %d is %v, want %v", form, cols, k, i, j, got[k], want)
						}
					}
				}
			}
		}
	}
}
