package main

import "fmt"

// The tiles of quantized products: rows of A by a panel of B, both packed so that
// each group of steps along K lies together, summed in int32. The struct
// quantizedTile of package kernel says what they are told. Offsets into it:
const (
	quantA, quantB, quantC  = 0, 8, 16
	quantSteps              = 24
	quantARow, quantCRow    = 32, 40
	quantStart, quantScales = 48, 56
)

// quantRows512 and quantRows256 are the most rows of a tile of 4 and of 2
// vectors of columns.
const quantRows512, quantRows256 = 6, 6

func init() {
	emit("quantized512_amd64.s", func(t *text) {
		for rows := 1; rows <= quantRows512; rows++ {
			quantTile(t, quantKernel{name: fmt.Sprint("quantized512x", rows), rows: rows, vecs: 4, wide: true})
		}
		quantPack(t)
	})
	emit("quantized256_amd64.s", func(t *text) {
		for rows := 1; rows <= quantRows256; rows++ {
			quantTile(t, quantKernel{name: fmt.Sprint("quantized256x", rows), rows: rows, vecs: 2})
		}
		quantPackPairs(t)
	})
	emit("quantized_amd64.go", func(t *text) {
		quantSwitch(t, "512", quantRows512)
		quantSwitch(t, "256", quantRows256)
	})
}

type quantKernel struct {
	name       string
	rows, vecs int
	wide       bool
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
	if k.rows > 3 {
		t.ins("LEAQ (AX)(R9*2), BX", "ADDQ R9, BX")
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
	t.do("ADDQ $%d, R11", k.bytes()*k.vecs)
	t.ins("ADDQ $4, AX")
	if k.rows > 3 {
		t.ins("ADDQ $4, BX")
	}
	t.ins("DECQ R13", "JNZ next")
	quantEnd(t, k)
}

// quantEnd multiplies by the scales, if there are any, and stores.
func quantEnd(t *text, k quantKernel) {
	t.do("MOVQ %d(DI), AX", quantC)
	t.do("MOVQ %d(DI), BX", quantCRow)
	t.do("MOVQ %d(DI), SI", quantScales)
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
	t.label("store")
	for i := range k.rows {
		for v := range k.vecs {
			t.do("VMOVUPS %s, %d(AX)", k.acc(i, v), k.bytes()*v)
		}
		if i < k.rows-1 {
			t.do("ADDQ BX, AX")
		}
	}
	t.ins("VZEROUPPER", "RET", "")
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

func quantSwitch(t *text, form string, most int) {
	for r := 1; r <= most; r++ {
		t.line("//go:noescape\nfunc quantized%sx%d(t *quantizedTile)\n", form, r)
	}
	t.line("func quantized%s(t *quantizedTile, rows int) {\n\tswitch rows {", form)
	for r := 1; r <= most; r++ {
		t.line("case %d:\n quantized%sx%d(t)", r, form, r)
	}
	t.line("}\n}\n")
}
