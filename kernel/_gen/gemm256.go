package main

import (
	"fmt"
	"strings"
)

// rows256 is the most rows of an AVX2 tile of so many vectors of 8 columns, and
// rows256m the same where two masks take their registers too; along256 as along512.
var (
	rows256  = []int{0, 6, 6}
	rows256m = []int{0, 6, 5}
	along256 = []int{0, 6, 4}
)

func init() {
	emit("gemm256_amd64.s", func(t *text) {
		genMasks(t)
		for vecs := 1; vecs <= 2; vecs++ {
			for r := 1; r <= rows256[vecs]; r++ {
				tile256(t, "tile256", r, vecs)
			}
			for r := 1; r <= rows256m[vecs]; r++ {
				tile256(t, "tile256m", r, vecs)
			}
			for r := 1; r <= along256[vecs]; r++ {
				tile256(t, "along256", r, vecs)
				tile256(t, "along256m", r, vecs)
			}
		}
		genTranspose(t)
		genSum(t)
		genDot(t)
	})
	emit("gemm256_amd64.go", func(t *text) {
		genTileSwitch(t, "tile256", 8, rows256)
		genTileSwitch(t, "tile256m", 8, rows256m)
		genTileSwitch(t, "along256", 8, along256)
		genTileSwitch(t, "along256m", 8, along256)
	})
}

// genMasks writes eight lanes on, then eight lanes off: a load at byte 4(8-n)
// gives n lanes.
func genMasks(t *text) {
	for i := range 8 {
		t.line("DATA tileMasks<>+%d(SB)/8, $%d", 8*i, i/4-1)
	}
	t.line("GLOBL tileMasks<>(SB), RODATA|NOPTR, $64\n")
}

// registers256 are the registers of one AVX2 tile.
type registers256 struct{ rows, vecs int }

func (r registers256) acc(i, v int) string { return fmt.Sprintf("Y%d", i*r.vecs+v) }
func (r registers256) b(v int) string      { return fmt.Sprintf("Y%d", r.rows*r.vecs+v) }
func (r registers256) mask(v int) string   { return fmt.Sprintf("Y%d", 15-v) }

func tile256(t *text, name string, rows, vecs int) {
	r := registers256{rows, vecs}
	masked, along := strings.HasSuffix(name, "m"), strings.HasPrefix(name, "along")
	free := 16
	if masked {
		free -= vecs
	}
	tileStart(t, fmt.Sprintf("%sx%dx%d", name, rows, vecs*8))
	if masked {
		t.do("LEAQ tileMasks<>(SB), BX")
		for v := range vecs {
			t.do("MOVL %d(DI), AX", tileMask+4*v)
			t.do("VMOVUPS (BX)(AX*1), %s", r.mask(v))
		}
	}
	for i := range rows * vecs {
		t.do("VXORPS Y%d, Y%d, Y%d", i, i, i)
	}
	tileTapStart(t, rows)
	for v := range vecs {
		r.load(t, masked, fmt.Sprintf("%d(R11)", 32*v), v, r.b(v))
	}
	first := rows*vecs + vecs
	for i := range rows {
		x := fmt.Sprintf("Y%d", first+i%min(free-first, 4))
		if along {
			for v := range vecs {
				r.load(t, masked, aVec(i, 32*v), v, x)
				t.do("VFMADD231PS %s, %s, %s", r.b(v), x, r.acc(i, v))
			}
			continue
		}
		t.do("VBROADCASTSS %s, %s", aRow(i), x)
		for v := range vecs {
			t.do("VFMADD231PS %s, %s, %s", r.b(v), x, r.acc(i, v))
		}
	}
	tileTapEnd(t, rows)
	r.end(t, masked)
}

func (r registers256) load(t *text, masked bool, from string, v int, to string) {
	if masked {
		t.do("VMASKMOVPS %s, %s, %s", from, r.mask(v), to)
	} else {
		t.do("VMOVUPS %s, %s", from, to)
	}
}

// addRows adds the rows that start at from, if the flag is set.
func (r registers256) addRows(t *text, masked bool, flag int, from, after string) {
	t.do("TESTQ $%d, CX", flag)
	t.do("JZ %s", after)
	t.do("MOVQ %s, DX", from)
	for i := range r.rows {
		for v := range r.vecs {
			r.load(t, masked, fmt.Sprintf("%d(DX)", 32*v), v, r.b(v))
			t.do("VADDPS %s, %s, %s", r.b(v), r.acc(i, v), r.acc(i, v))
		}
		t.do("ADDQ BX, DX")
	}
	t.label(after)
}

// limit holds the sums to what lies in b(0): below it by VMINPS, above by VMAXPS.
func (r registers256) limit(t *text, op string) {
	for i := range r.rows {
		for v := range r.vecs {
			t.do("%s %s, %s, %s", op, r.acc(i, v), r.b(0), r.acc(i, v)) // this order keeps NaN
		}
	}
}

// end adds what the flags ask for, applies the activation and stores.
func (r registers256) end(t *text, masked bool) {
	t.do("MOVQ %d(DI), AX", tileC)
	t.do("MOVQ %d(DI), BX", tileCRow)
	t.do("MOVQ %d(DI), CX", tileFlags)
	t.ins("TESTQ CX, CX", "JZ store")
	r.addRows(t, masked, flagAdd, "AX", "added")
	t.do("TESTQ $%d, CX", flagBias)
	t.do("JZ biased")
	t.do("MOVQ %d(DI), DX", tileBias)
	for v := range r.vecs {
		r.load(t, masked, fmt.Sprintf("%d(DX)", 32*v), v, r.b(v))
	}
	for i := range r.rows {
		for v := range r.vecs {
			t.do("VADDPS %s, %s, %s", r.b(v), r.acc(i, v), r.acc(i, v))
		}
	}
	t.label("biased")
	r.addRows(t, masked, flagResidual, fmt.Sprintf("%d(DI)", tileResidl), "joined")
	t.do("TESTQ $%d, CX", flagReLU)
	t.do("JZ clamp")
	t.do("VXORPS %s, %s, %s", r.b(0), r.b(0), r.b(0))
	r.limit(t, "VMAXPS")
	t.do("JMP store")
	t.label("clamp")
	t.do("TESTQ $%d, CX", flagClamp)
	t.do("JZ store")
	t.do("VBROADCASTSS %d(DI), %s", tileLow, r.b(0))
	r.limit(t, "VMAXPS")
	t.do("VBROADCASTSS %d(DI), %s", tileHigh, r.b(0))
	r.limit(t, "VMINPS")
	t.label("store")
	for i := range r.rows {
		for v := range r.vecs {
			if masked {
				t.do("VMASKMOVPS %s, %s, %d(AX)", r.acc(i, v), r.mask(v), 32*v)
			} else {
				t.do("VMOVUPS %s, %d(AX)", r.acc(i, v), 32*v)
			}
		}
		if i < r.rows-1 {
			t.do("ADDQ BX, AX")
		}
	}
	t.ins("VZEROUPPER", "RET", "")
}
