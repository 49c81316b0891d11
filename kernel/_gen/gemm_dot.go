package main

// genDot sums four rows of x times v, 16 elements of each at a time in two
// accumulators a row.
func genDot(t *text) {
	t.line("// func dot256(sums *[4]float32, x, v unsafe.Pointer, xRow, blocks int)")
	t.line("TEXT ·dot256(SB), NOSPLIT, $0-40")
	t.ins("MOVQ sums+0(FP), DI", "MOVQ x+8(FP), SI", "MOVQ v+16(FP), DX",
		"MOVQ xRow+24(FP), R9", "MOVQ blocks+32(FP), CX",
		"LEAQ (SI)(R9*1), R10", "LEAQ (SI)(R9*2), R11", "LEAQ (R10)(R9*2), R12", "XORQ AX, AX")
	for i := range 8 {
		t.do("VXORPS Y%d, Y%d, Y%d", i, i, i)
	}
	t.label("block")
	t.ins("VMOVUPS (DX)(AX*1), Y8", "VMOVUPS 32(DX)(AX*1), Y9")
	for i, row := range []string{"SI", "R10", "R11", "R12"} {
		t.do("VFMADD231PS (%s)(AX*1), Y8, Y%d", row, 2*i)
		t.do("VFMADD231PS 32(%s)(AX*1), Y9, Y%d", row, 2*i+1)
	}
	t.ins("ADDQ $64, AX", "DECQ CX", "JNZ block")
	for i := range 4 {
		t.do("VADDPS Y%d, Y%d, Y%d", 2*i+1, 2*i, i)
	}
	t.ins("VHADDPS Y1, Y0, Y0", "VHADDPS Y3, Y2, Y2", "VHADDPS Y2, Y0, Y0",
		"VEXTRACTF128 $1, Y0, X1", "VADDPS X1, X0, X0")
	t.do("VMOVUPS X0, (DI)")
	t.ins("VZEROUPPER", "RET", "")
}
