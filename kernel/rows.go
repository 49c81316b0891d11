package kernel

import "unsafe"

// RowsSpec is a loop over the rows of several matrices that computes columns of
// some from columns of others: the gates of a recurrent cell.
type RowsSpec struct {
	Rows, Cols int
	In         []Columns // by number of the expression's Loads
	Expr       *Expr
	Out        []Reg
	OutAt      []Columns // where each of Out goes
}

// Columns is RowsSpec.Cols neighbouring columns of a matrix.
type Columns struct {
	Operand int // its number among operands, or among results
	First   int // the first column
	Stride  int // elements from row to row; 0 for one row that repeats
}

// Rows computes the expression in every row, so many columns at a time that all
// that lies between operands and results stays in the first cache. A result may
// lie in the memory of an operand of which it takes the same columns. It is nil
// for programs of more than 128 registers.
//
// Operands and results: as the Columns number them, float32.
func Rows(s RowsSpec) *Code { return rowsIn(vecForms.Best(), s) }

// rowPiece is about how many elements of each column group a piece computes.
const rowPiece = 2048

func rowsIn(vec *vecTable, s RowsSpec) *Code {
	p, ok := compileExpr(s.Expr, s.Out, true, storesOf(s.Out, nil))
	if !ok {
		return nil
	}
	if s.Rows*s.Cols == 0 {
		return &Code{}
	}
	l := &rowLoop{RowsSpec: s, vec: vec, prog: p}
	l.block = min(blockSize, (s.Cols+15)&^15)
	l.perPiece = max(1, rowPiece/s.Cols)
	whole := loop{space: space{n: s.Rows * s.Cols}, prog: p}
	return &Code{
		Local: 4 * p.blocks * l.block,
		Phases: []Phase{{
			Pieces: ceilDiv(s.Rows, l.perPiece),
			Work:   whole.work() + 30*s.Rows,
			Run:    l.run,
		}},
	}
}

// rowLoop is a RowsSpec compiled.
type rowLoop struct {
	RowsSpec
	vec      *vecTable
	prog     program
	block    int // columns at a time
	perPiece int // rows
}

func (l *rowLoop) run(a *Args, piece int, local Memory) {
	var p frame
	for k := range l.prog.blocks {
		p.slot[k] = at(base(local), k*l.block)
	}
	for i := range l.prog.imms {
		m := &l.prog.imms[i]
		l.vec.op[opFill](p.slot[m.slot], unsafe.Pointer(&m.bits), nil, nil, min(l.block, l.Cols))
	}
	for r := piece * l.perPiece; r < min(l.Rows, (piece+1)*l.perPiece); r++ {
		for c := 0; c < l.Cols; c += l.block {
			l.chunk(&p, a, r, c, min(l.block, l.Cols-c))
		}
	}
}

// chunk computes n columns of row r from column c on.
func (l *rowLoop) chunk(p *frame, a *Args, r, c, n int) {
	for _, ld := range l.prog.loads {
		o := &l.In[ld.in]
		p.slot[ld.slot] = at(base(a.In[o.Operand]), o.First+r*o.Stride+c)
	}
	for k, o := range l.prog.outs {
		if o.direct {
			p.slot[o.slot] = l.result(a, k, r, c)
		}
	}
	for _, s := range l.prog.steps {
		l.vec.op[s.op](p.slot[s.dst], p.slot[s.a], p.slot[s.b], p.slot[s.c], n)
	}
	for k, o := range l.prog.outs {
		if !o.direct {
			l.vec.op[opCopy](l.result(a, k, r, c), p.slot[o.slot], nil, nil, n)
		}
	}
}

func (l *rowLoop) result(a *Args, k, r, c int) unsafe.Pointer {
	o := &l.OutAt[k]
	return at(base(a.Out[o.Operand]), o.First+r*o.Stride+c)
}
