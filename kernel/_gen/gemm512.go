package main

import "fmt"

// The tile kernels multiply a strip of A by a panel of B into registers; the
// struct tile of package kernel says what they are told. Offsets into it:
const (
	tileA, tileB, tileC  = 0, 8, 16
	tileK                = 24
	tileARow, tileACol   = 32, 40
	tileBRow, tileCRow   = 48, 56
	tileTaps, tileTap    = 64, 72
	tileFlags            = 80
	tileMask             = 104
	tileBias, tileResidl = 120, 128
	tileLow, tileHigh    = 152, 156
)

// Bits of tile.flags.
const (
	flagAdd = 1 << iota
	flagBias
	flagReLU
	flagResidual
	flagClamp
)

// rows512 is the most rows of a tile of so many vectors of 16 columns: the 32
// registers hold the tile, one row of the panel and one element of A.
var rows512 = []int{0, 14, 14, 9, 6}

// along512 is the same for tiles of which each column has a matrix A of its own:
// A is read as B is, and not one element for all columns.
var along512 = []int{0, 8, 8}

func init() {
	emit("gemm512_amd64.s", genTiles512)
	emit("gemm512_amd64.go", func(t *text) {
		genTileSwitch(t, "tile512", 16, rows512)
		genTileSwitch(t, "along512", 16, along512)
	})
}

func genTiles512(t *text) {
	for along, most := range [][]int{rows512, along512} {
		for vecs, rows := range most {
			for r := 1; r <= rows; r++ {
				tile512(t, r, vecs, along == 1)
			}
		}
	}
}

// aPointers are the registers that point at rows 0, 3, 6, 9 and 12 of the strip;
// the two rows after each are reached by index.
var aPointers = []string{"AX", "BX", "CX", "DX", "R8"}

func aRow(i int) string { return aVec(i, 0) }

// aVec is the place so many bytes behind the start of row i.
func aVec(i, at int) string {
	return fmt.Sprint(at) + "(" + aPointers[i/3] + ")" + []string{"", "(R9*1)", "(R9*2)"}[i%3]
}

// tileStart loads the fields and clears the tile; tileTapStart points at the
// rows of the tap.
func tileStart(t *text, name string) {
	t.line("// func %s(t *tile)", name)
	t.line("TEXT ·%s(SB), NOSPLIT, $0-8", name)
	t.do("MOVQ t+0(FP), DI")
	t.do("MOVQ %d(DI), R9", tileARow)
	t.do("MOVQ %d(DI), R10", tileACol)
	t.do("MOVQ %d(DI), R11", tileB)
	t.do("MOVQ %d(DI), R12", tileBRow)
	t.do("MOVQ %d(DI), R15", tileTaps)
	t.do("MOVQ %d(DI), SI", tileTap)
}

func tileTapStart(t *text, rows int) {
	t.label("tap")
	t.do("MOVQ %d(DI), AX", tileA)
	t.ins("ADDQ (SI), AX", "ADDQ $8, SI")
	for j := 1; j <= (rows-1)/3; j++ {
		t.do("LEAQ (%s)(R9*2), %s", aPointers[j-1], aPointers[j])
		t.do("ADDQ R9, %s", aPointers[j])
	}
	t.do("MOVQ %d(DI), R13", tileK)
	t.label("next")
}

// tileTapEnd steps to the next row of the panel, and at the end to the next tap.
func tileTapEnd(t *text, rows int) {
	t.do("ADDQ R12, R11")
	for j := 0; j <= (rows-1)/3; j++ {
		t.do("ADDQ R10, %s", aPointers[j])
	}
	t.ins("DECQ R13", "JNZ next", "DECQ R15", "JNZ tap")
}

func tile512(t *text, rows, vecs int, along bool) {
	acc := func(i, v int) string { return fmt.Sprintf("Z%d", i*vecs+v) }
	b := func(v int) string { return fmt.Sprintf("Z%d", rows*vecs+v) }
	spare := min(32-rows*vecs-vecs, 4)
	name := "tile512"
	if along {
		name = "along512"
	}
	tileStart(t, fmt.Sprintf("%sx%dx%d", name, rows, vecs*16))
	for v := range vecs {
		t.do("MOVL %d(DI), AX", tileMask+4*v)
		t.do("KMOVW AX, K%d", v+1)
	}
	for i := range rows * vecs {
		t.do("VPXORD Z%d, Z%d, Z%d", i, i, i)
	}
	tileTapStart(t, rows)
	for v := range vecs {
		t.do("VMOVUPS.Z %d(R11), K%d, %s", 64*v, v+1, b(v))
	}
	for i := range rows {
		x := func(v int) string { return fmt.Sprintf("Z%d", rows*vecs+vecs+(i+v)%spare) }
		switch {
		case along:
			for v := range vecs {
				t.do("VMOVUPS.Z %s, K%d, %s", aVec(i, 64*v), v+1, x(v))
				t.do("VFMADD231PS %s, %s, %s", b(v), x(v), acc(i, v))
			}
		case vecs == 1:
			t.do("VFMADD231PS.BCST %s, %s, %s", aRow(i), b(0), acc(i, 0))
		default:
			t.do("VBROADCASTSS %s, %s", aRow(i), x(0))
			for v := range vecs {
				t.do("VFMADD231PS %s, %s, %s", b(v), x(0), acc(i, v))
			}
		}
	}
	tileTapEnd(t, rows)
	tileEnd512(t, rows, vecs, acc, b)
}

// tileEnd512 adds what the flags ask for, applies the activation and stores.
func tileEnd512(t *text, rows, vecs int, acc func(i, v int) string, b func(v int) string) {
	t.do("MOVQ %d(DI), AX", tileC)
	t.do("MOVQ %d(DI), BX", tileCRow)
	t.do("MOVQ %d(DI), CX", tileFlags)
	t.ins("TESTQ CX, CX", "JZ store")
	addRows := func(flag int, from, after string) {
		t.do("TESTQ $%d, CX", flag)
		t.do("JZ %s", after)
		t.do("MOVQ %s, DX", from)
		for i := range rows {
			for v := range vecs {
				t.do("VADDPS %d(DX), %s, K%d, %s", 64*v, acc(i, v), v+1, acc(i, v))
			}
			t.do("ADDQ BX, DX")
		}
		t.label(after)
	}
	addRows(flagAdd, "AX", "added")
	t.do("TESTQ $%d, CX", flagBias)
	t.do("JZ biased")
	t.do("MOVQ %d(DI), DX", tileBias)
	for v := range vecs {
		t.do("VMOVUPS.Z %d(DX), K%d, %s", 64*v, v+1, b(v))
	}
	for i := range rows {
		for v := range vecs {
			t.do("VADDPS %s, %s, %s", b(v), acc(i, v), acc(i, v))
		}
	}
	t.label("biased")
	addRows(flagResidual, fmt.Sprintf("%d(DI)", tileResidl), "joined")
	activation512(t, rows, vecs, acc, b(0))
	t.label("store")
	for i := range rows {
		for v := range vecs {
			t.do("VMOVUPS %s, K%d, %d(AX)", acc(i, v), v+1, 64*v)
		}
		if i < rows-1 {
			t.do("ADDQ BX, AX")
		}
	}
	t.ins("VZEROUPPER", "RET", "")
}

// activation512 holds the sums to what the flags ask for; spare is a register.
func activation512(t *text, rows, vecs int, acc func(i, v int) string, spare string) {
	t.do("TESTQ $%d, CX", flagReLU)
	t.do("JZ clamp")
	t.do("VPXORD %s, %s, %s", spare, spare, spare)
	limit := func(op string) {
		for i := range rows {
			for v := range vecs {
				t.do("%s %s, %s, %s", op, acc(i, v), spare, acc(i, v)) // this order keeps NaN
			}
		}
	}
	limit("VMAXPS")
	t.do("JMP store")
	t.label("clamp")
	t.do("TESTQ $%d, CX", flagClamp)
	t.do("JZ store")
	t.do("VBROADCASTSS %d(DI), %s", tileLow, spare)
	limit("VMAXPS")
	t.do("VBROADCASTSS %d(DI), %s", tileHigh, spare)
	limit("VMINPS")
}

// genTileSwitch declares the tiles and finds the one of so many rows and
// vectors. A switch and not a table of functions: through a table the compiler
// would have to move every tile to the heap.
func genTileSwitch(t *text, form string, lanes int, rows []int) {
	for vecs, most := range rows {
		for r := 1; r <= most; r++ {
			t.line("//go:noescape\nfunc %sx%dx%d(t *tile)\n", form, r, vecs*lanes)
		}
	}
	t.line("func %s(t *tile) {\n\tswitch t.vecs {", form)
	for vecs := 1; vecs < len(rows); vecs++ {
		t.line("case %d:\n %sx%d(t)", vecs, form, vecs*lanes)
	}
	t.line("}\n}\n")
	for vecs := 1; vecs < len(rows); vecs++ {
		t.line("func %sx%d(t *tile) {\n\tswitch t.rows {", form, vecs*lanes)
		for r := 1; r <= rows[vecs]; r++ {
			t.line("case %d:\n %sx%dx%d(t)", r, form, r, vecs*lanes)
		}
		t.line("}\n}\n")
	}
}
