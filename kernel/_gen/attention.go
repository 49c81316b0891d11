package main

// The passes of attention over a block [rows width] of scores, whose columns are
// queries: each walks down one vector of columns at a time. width is a multiple
// of the lanes.

func init() {
	emit("attention256_amd64.s", func(t *text) { genAttention(t, false) })
	emit("attention512_amd64.s", func(t *text) { genAttention(t, true) })
}

func genAttention(f *text, wide bool) {
	consts := map[uint32]bool{}
	suffix := "256"
	if wide {
		suffix = "512"
	}
	columns(f, wide, consts, "attentionTop"+suffix, "s unsafe.Pointer, rows, width int, top unsafe.Pointer", columnPass{
		operands: []string{"top"},
		start:    func(v *vec) { v.mov(v.t(0), "(R8)") },
		row:      func(v *vec) { v.do("VMAXPS (SI), %s, %s", v.t(0), v.t(0)) },
		end:      func(v *vec) { v.mov("(R8)", v.t(0)) },
	})
	columns(f, wide, consts, "attentionExp"+suffix, "s unsafe.Pointer, rows, width int, shift, sum unsafe.Pointer", columnPass{
		operands: []string{"shift", "sum"},
		start:    func(v *vec) { v.mov(v.t(4), "(R8)"); v.mov(v.t(5), "(R9)") },
		row: func(v *vec) {
			v.mov(v.t(0), "(SI)")
			v.sub(v.t(0), v.t(0), v.t(4))
			v.exp()
			v.mov("(SI)", v.t(0))
			v.add(v.t(5), v.t(5), v.t(0))
		},
		end: func(v *vec) { v.mov("(R9)", v.t(5)) },
	})
	columns(f, wide, consts, "attentionGrad"+suffix, "s unsafe.Pointer, rows, width int, shift, delta, ds unsafe.Pointer", columnPass{
		operands: []string{"shift", "delta", "ds"},
		start:    func(v *vec) { v.mov(v.t(4), "(R8)"); v.mov(v.t(5), "(R9)") },
		row: func(v *vec) {
			v.mov(v.t(0), "(SI)")
			v.sub(v.t(0), v.t(0), v.t(4))
			v.exp()
			v.mov("(SI)", v.t(0))
			v.mov(v.t(1), "(R10)")
			v.sub(v.t(1), v.t(1), v.t(5))
			v.mul(v.t(1), v.t(1), v.t(0))
			v.mov("(R10)", v.t(1))
			v.do("ADDQ R11, R10")
		},
		end:  func(*vec) {},
		rows: []string{"R10"},
	})
	constants(f, wide, consts)
}

// columnPass is what is done with a vector of columns: at its start, for each row
// at SI, and at its end. Operand i beside the block is in register 8+i, and moves
// on with the columns; rows are those of them that move down the rows too.
type columnPass struct {
	operands        []string
	start, row, end func(*vec)
	rows            []string
}

func columns(f *text, wide bool, consts map[uint32]bool, name, signature string, p columnPass) {
	v := &vec{text: f, body: new(text), wide: wide, free: 15, held: map[uint32]string{}, consts: consts}
	if wide {
		v.free = 31
	}
	registers := []string{"R8", "R9", "R10"}[:len(p.operands)]
	v.body.label(name + "_column")
	v.do("MOVQ BX, CX")
	v.do("MOVQ DI, SI")
	for i, r := range p.rows {
		v.do("MOVQ %s, %s", r, []string{"R12"}[i])
	}
	p.start(v)
	v.body.label(name + "_row")
	p.row(v)
	v.body.ins("ADDQ R11, SI", "DECQ CX")
	v.do("JNZ %s_row", name)
	p.end(v)
	for i, r := range p.rows {
		v.do("MOVQ %s, %s", []string{"R12"}[i], r)
	}
	for _, r := range append([]string{"DI"}, registers...) {
		v.do("ADDQ $%d, %s", 4*v.lanes(), r)
	}
	v.do("SUBQ $%d, DX", v.lanes())
	v.do("JNZ %s_column", name)
	f.line("// func %s(%s)", name, signature)
	f.line("TEXT ·%s(SB), NOSPLIT, $0-%d", name, 24+8*len(p.operands))
	f.ins("MOVQ s+0(FP), DI", "MOVQ rows+8(FP), BX", "MOVQ width+16(FP), DX", "LEAQ (DX*4), R11")
	for i, o := range p.operands {
		f.do("MOVQ %s+%d(FP), %s", o, 24+8*i, registers[i])
	}
	v.finish()
}
