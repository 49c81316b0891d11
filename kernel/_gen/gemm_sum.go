package main

// genSum adds parts that begin stride bytes apart, 32 elements at a time.
func genSum(t *text) {
	t.line("// func sum256(dst, src unsafe.Pointer, stride, parts, blocks int)")
	t.line("TEXT ·sum256(SB), NOSPLIT, $0-40")
	t.ins("MOVQ dst+0(FP), DI", "MOVQ src+8(FP), SI", "MOVQ stride+16(FP), R8",
		"MOVQ parts+24(FP), R9", "MOVQ blocks+32(FP), CX")
	t.label("block")
	t.ins("MOVQ SI, AX", "MOVQ R9, DX")
	for v := range 4 {
		t.do("VMOVUPS %d(AX), Y%d", 32*v, v)
	}
	t.ins("JMP test")
	t.label("part")
	t.ins("ADDQ R8, AX")
	for v := range 4 {
		t.do("VADDPS %d(AX), Y%d, Y%d", 32*v, v, v)
	}
	t.label("test")
	t.ins("DECQ DX", "JNZ part")
	for v := range 4 {
		t.do("VMOVUPS Y%d, %d(DI)", v, 32*v)
	}
	t.ins("ADDQ $128, SI", "ADDQ $128, DI", "DECQ CX", "JNZ block", "VZEROUPPER", "RET", "")
}
