package main

// genTranspose writes eight rows of src as eight columns of dst, eight elements
// of each row at a time: unpack pairs of rows, then of pairs, then of halves.
func genTranspose(t *text) {
	t.line("// func transpose256(dst, src unsafe.Pointer, dstRow, srcRow, blocks int)")
	t.line("TEXT ·transpose256(SB), NOSPLIT, $0-40")
	t.ins("MOVQ dst+0(FP), DI", "MOVQ src+8(FP), SI", "MOVQ dstRow+16(FP), R8",
		"MOVQ srcRow+24(FP), R9", "MOVQ blocks+32(FP), CX",
		"LEAQ (R9)(R9*2), R11", "LEAQ (R8)(R8*2), R10")
	t.label("block")
	t.ins("LEAQ (SI)(R9*4), R12", "LEAQ (DI)(R8*4), R13")
	from := []string{"(SI)", "(SI)(R9*1)", "(SI)(R9*2)", "(SI)(R11*1)",
		"(R12)", "(R12)(R9*1)", "(R12)(R9*2)", "(R12)(R11*1)"}
	for i, a := range from {
		t.do("VMOVUPS %s, Y%d", a, i)
	}
	for i := 0; i < 8; i += 2 { // Y8+i: a0 b0 a1 b1 | a4 b4 a5 b5, Y9+i: a2 b2 a3 b3 | …
		t.do("VUNPCKLPS Y%d, Y%d, Y%d", i+1, i, 8+i)
		t.do("VUNPCKHPS Y%d, Y%d, Y%d", i+1, i, 9+i)
	}
	for half := range 2 { // columns 0 and 4, 1 and 5, 2 and 6, 3 and 7 of rows 4half…4half+3
		a, b := 8+4*half, 10+4*half
		for k := range 2 {
			t.do("VUNPCKLPD Y%d, Y%d, Y%d", b+k, a+k, 4*half+2*k)
			t.do("VUNPCKHPD Y%d, Y%d, Y%d", b+k, a+k, 4*half+2*k+1)
		}
	}
	to := []string{"(DI)", "(DI)(R8*1)", "(DI)(R8*2)", "(DI)(R10*1)",
		"(R13)", "(R13)(R8*1)", "(R13)(R8*2)", "(R13)(R10*1)"}
	for k := range 4 {
		t.do("VPERM2F128 $0x20, Y%d, Y%d, Y8", 4+k, k)
		t.do("VPERM2F128 $0x31, Y%d, Y%d, Y9", 4+k, k)
		t.do("VMOVUPS Y8, %s", to[k])
		t.do("VMOVUPS Y9, %s", to[4+k])
	}
	t.ins("ADDQ $32, SI", "LEAQ (DI)(R8*8), DI", "DECQ CX", "JNZ block", "VZEROUPPER", "RET", "")
}
