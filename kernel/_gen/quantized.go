package main

import "fmt"

// The tiles of quantized products: rows of A by up to a panel of B, both packed so
// that each group of steps along K lies together, summed in int32. The struct
// quantizedTile of package kernel says what they are told. Offsets into it:
const (
	quantA, quantB, quantC  = 0, 8, 16
	quantSteps              = 24
	quantARow, quantCRow    = 32, 40
	quantStart, quantScales = 48, 56
	quantRowStart           = 64
	quantBytes, quantMask   = 72, 80
)

// quantRows512 and quantRows256 are the most rows of a tile of 1, 2, … vectors of
// columns: what fits the registers, and no more than 12.
var (
	quantRows512 = []int{12, 12, 8, 6}
	quantRows256 = []int{12, 6}
)

func init() {
	emit("quantized512_amd64.s", func(t *text) {
		quantTiles(t, true, quantRows512)
		quantPack(t)
	})
	emit("quantized256_amd64.s", func(t *text) {
		quantTiles(t, false, quantRows256)
		quantPackPairs(t)
		for i := range 8 {
			t.line("DATA quantLowest<>+%d(SB)/4, $0x0c080400", 4*i)
		}
		t.line("GLOBL quantLowest<>(SB), RODATA|NOPTR, $32")
	})
	emit("quantized_amd64.go", func(t *text) {
		quantSwitch(t, "512", quantRows512)
		quantSwitch(t, "256", quantRows256)
	})
}

func quantTiles(t *text, wide bool, rows []int) {
	form := "256"
	if wide {
		form = "512"
	}
	for v, most := range rows {
		for r := 1; r <= most; r++ {
			quantTile(t, quantKernel{name: fmt.Sprintf("quantized%sx%dx%d", form, r, v+1), rows: r, vecs: v + 1, panel: len(rows), wide: wide})
		}
	}
}

// quantKernel is a tile of rows by the first vectors of a panel of so many.
type quantKernel struct {
	name              string
	rows, vecs, panel int
	wide              bool
}

func (k quantKernel) reg(i int) string {
	if k.wide {
		return fmt.Sprint("Z", i)
	}
	return fmt.Sprint("Y", i)
}

func (k quantKernel) acc(i, v int) string { return k.reg(i*k.vecs + v) }
func (k quantKernel) b(v int) string      { return k.reg(k.rows*k.vecs + v) }

// a is a register for one element of A; there are two where there is room.
func (k quantKernel) a(i int) string {
	if !k.wide {
		return "Y14"
	}
	return k.reg(k.rows*k.vecs + k.vecs + i%2)
}

func (k quantKernel) bytes() int {
	if k.wide {
		return 64
	}
	return 32
}

// quantTile sums groups of 4 products of bytes with VPDPBUSD, or of 2 products of
// int16 with VPMADDWD, neither of which can overflow a group.
func quantTile(t *text, k quantKernel) {
	t.line("// func %s(t *quantizedTile)", k.name)
	t.line("TEXT ·%s(SB), NOSPLIT, $0-8", k.name)
	t.do("MOVQ t+0(FP), DI")
	t.do("MOVQ %d(DI), AX", quantA)
	t.do("MOVQ %d(DI), R11", quantB)
	t.do("MOVQ %d(DI), R9", quantARow)
	t.do("MOVQ %d(DI), SI", quantStart)
	t.do("MOVQ %d(DI), R13", quantSteps)
	for i := range k.rows {
		for v := range k.vecs {
			t.do("VMOVUPS %d(SI), %s", k.bytes()*v, k.acc(i, v))
		}
	}
	pointers := aPointers[:(k.rows+2)/3]
	for j := 1; j < len(pointers); j++ {
		t.do("LEAQ (%s)(R9*2), %s", pointers[j-1], pointers[j])
		t.do("ADDQ R9, %s", pointers[j])
	}
	t.label("next")
	for v := range k.vecs {
		t.do("VMOVUPS %d(R11), %s", k.bytes()*v, k.b(v))
	}
	for i := range k.rows {
		t.do("VPBROADCASTD %s, %s", aRow(i), k.a(i))
		for v := range k.vecs {
			if k.wide {
				t.do("VPDPBUSD %s, %s, %s", k.b(v), k.a(i), k.acc(i, v))
			} else {
				t.do("VPMADDWD %s, %s, Y15", k.b(v), k.a(i))
				t.do("VPADDD Y15, %s, %s", k.acc(i, v), k.acc(i, v))
			}
		}
	}
	t.do("ADDQ $%d, R11", k.bytes()*k.panel)
	for _, p := range pointers {
		t.do("ADDQ $4, %s", p)
	}
	t.ins("DECQ R13", "JNZ next")
	quantEnd(t, k)
}

// quantEnd adds what is told for each row, multiplies by the scales and makes bytes,
// if it is told to, and stores.
func quantEnd(t *text, k quantKernel) {
	t.do("MOVQ %d(DI), AX", quantC)
	t.do("MOVQ %d(DI), BX", quantCRow)
	t.do("MOVQ %d(DI), SI", quantScales)
	t.do("MOVQ %d(DI), R8", quantRowStart)
	t.do("MOVQ %d(DI), R10", quantBytes)
	if k.wide {
		t.do("MOVQ %d(DI), CX", quantMask)
		t.do("KMOVW CX, K1")
	}
	t.ins("TESTQ R8, R8", "JZ scale")
	for i := range k.rows {
		t.do("VPBROADCASTD %d(R8), %s", 4*i, k.a(i))
		k.each(t, i, "VPADDD", k.a(i))
	}
	t.label("scale")
	t.ins("TESTQ SI, SI", "JZ store")
	for v := range k.vecs {
		t.do("VMOVUPS %d(SI), %s", k.bytes()*v, k.b(v))
	}
	for i := range k.rows {
		for v := range k.vecs {
			t.do("VCVTDQ2PS %s, %s", k.acc(i, v), k.acc(i, v))
			t.do("VMULPS %s, %s, %s", k.b(v), k.acc(i, v), k.acc(i, v))
		}
	}
	t.ins("TESTQ R10, R10", "JNZ bytes")
	t.label("store")
	k.rowsOut(t, func(i, v int) { k.store(t, i, v) })
	t.ins("VZEROUPPER", "RET")
	t.label("bytes")
	for i := range k.rows {
		for v := range k.vecs {
			t.do("%s $8, %s, %s", k.round(), k.acc(i, v), k.acc(i, v))
		}
		k.each(t, i, "VADDPS", "(R10)")
		k.each(t, i, "VMAXPS", "64(R10)") // which is the result where one is NaN
		k.each(t, i, "VMINPS", "128(R10)")
		for v := range k.vecs {
			t.do("VCVTPS2DQ %s, %s", k.acc(i, v), k.acc(i, v))
		}
	}
	k.rowsOut(t, func(i, v int) { k.storeBytes(t, i, v) })
	t.ins("VZEROUPPER", "RET", "")
}

// each is an instruction of every vector of row i and another operand.
func (k quantKernel) each(t *text, i int, name, operand string) {
	for v := range k.vecs {
		t.do("%s %s, %s, %s", name, operand, k.acc(i, v), k.acc(i, v))
	}
}

func (k quantKernel) round() string {
	if k.wide {
		return "VRNDSCALEPS"
	}
	return "VROUNDPS"
}

// rowsOut stores all vectors; AX is at the row.
func (k quantKernel) rowsOut(t *text, store func(i, v int)) {
	for i := range k.rows {
		for v := range k.vecs {
			store(i, v)
		}
		if i < k.rows-1 {
			t.do("ADDQ BX, AX")
		}
	}
}

// masked is the mask of the last vector of a row.
func (k quantKernel) masked(v int) string {
	if k.wide && v == k.vecs-1 {
		return "K1, "
	}
	return ""
}

func (k quantKernel) store(t *text, i, v int) {
	t.do("VMOVUPS %s, %s%d(AX)", k.acc(i, v), k.masked(v), k.bytes()*v)
}

// storeBytes stores the lowest byte of each int32.
func (k quantKernel) storeBytes(t *text, i, v int) {
	if k.wide {
		t.do("VPMOVDB %s, %s%d(AX)", k.acc(i, v), k.masked(v), 16*v)
		return
	}
	low := fmt.Sprint("X", i*k.vecs+v)
	t.do("VPSHUFB quantLowest<>(SB), %s, %s", k.acc(i, v), k.acc(i, v))
	t.do("VEXTRACTI128 $1, %s, X14", k.acc(i, v))
	t.do("VPUNPCKLDQ X14, %s, %s", low, low)
	t.do("VMOVQ %s, %d(AX)", low, 8*v)
}

// quantPack interleaves the bytes of four rows of 64 columns, group by group.
func quantPack(t *text) {
	t.line("// func quantizedPack(dst, src unsafe.Pointer, row, groups int)")
	t.line("TEXT ·quantizedPack(SB), NOSPLIT, $0-32")
	t.ins("MOVQ dst+0(FP), DI", "MOVQ src+8(FP), AX", "MOVQ row+16(FP), R9", "MOVQ groups+24(FP), CX")
	t.label("group")
	t.ins("LEAQ (AX)(R9*2), BX", "ADDQ R9, BX")
	for c := 0; c < 64; c += 16 {
		for i, from := range []string{"(AX)", "(AX)(R9*1)", "(AX)(R9*2)", "(BX)"} {
			t.do("VMOVDQU %d%s, X%d", c, from, i)
		}
		t.ins("VPUNPCKLBW X1, X0, X4", "VPUNPCKHBW X1, X0, X5", "VPUNPCKLBW X3, X2, X6", "VPUNPCKHBW X3, X2, X7")
		for i, pair := range [][3]string{{"VPUNPCKLWD", "X6", "X4"}, {"VPUNPCKHWD", "X6", "X4"}, {"VPUNPCKLWD", "X7", "X5"}, {"VPUNPCKHWD", "X7", "X5"}} {
			t.do("%s %s, %s, X%d", pair[0], pair[1], pair[2], 8+i)
			t.do("VMOVDQU X%d, %d(DI)", 8+i, 4*c+16*i)
		}
	}
	t.ins("ADDQ $256, DI", "LEAQ (AX)(R9*4), AX", "DECQ CX", "JNZ group", "VZEROUPPER", "RET", "")
}

// quantPackPairs interleaves the bytes of two rows of 16 columns, group by group,
// and widens them to int16.
func quantPackPairs(t *text) {
	t.line("// func quantizedPackPairs(dst, src unsafe.Pointer, row, groups int)")
	t.line("TEXT ·quantizedPackPairs(SB), NOSPLIT, $0-32")
	t.ins("MOVQ dst+0(FP), DI", "MOVQ src+8(FP), AX", "MOVQ row+16(FP), R9", "MOVQ groups+24(FP), CX")
	t.label("group")
	t.ins("VMOVDQU (AX), X0", "VMOVDQU (AX)(R9*1), X1", "VPUNPCKLBW X1, X0, X2", "VPUNPCKHBW X1, X0, X3")
	t.ins("VPMOVSXBW X2, Y2", "VPMOVSXBW X3, Y3", "VMOVDQU Y2, (DI)", "VMOVDQU Y3, 32(DI)")
	t.ins("ADDQ $64, DI", "LEAQ (AX)(R9*2), AX", "DECQ CX", "JNZ group", "VZEROUPPER", "RET", "")
}

func quantSwitch(t *text, form string, rows []int) {
	t.line("// quantizedRows%s is the most rows of a tile of one vector and more.", form)
	t.line("var quantizedRows%s = [...]int{", form)
	for _, r := range rows {
		t.line("%d,", r)
	}
	t.line("}\n")
	for v, most := range rows {
		for r := 1; r <= most; r++ {
			t.line("//go:noescape\nfunc quantized%sx%dx%d(t *quantizedTile)\n", form, r, v+1)
		}
	}
	t.line("func quantized%s(t *quantizedTile, rows, vecs int) {\n\tswitch 16*vecs + rows {", form)
	for v, most := range rows {
		for r := 1; r <= most; r++ {
			t.line("case %d:\n quantized%sx%dx%d(t)", 16*(v+1)+r, form, r, v+1)
		}
	}
	t.line("}\n}\n")
}
