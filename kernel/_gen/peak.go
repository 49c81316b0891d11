package main

// The most arithmetic that a core can do: independent multiply-adds on
// registers alone, enough of them to hide their latency.
func init() {
	for _, form := range []struct {
		suffix, reg string
		chains      int
	}{{"256", "Y", 12}, {"512", "Z", 24}} {
		emit("peak"+form.suffix+"_amd64.s", func(t *text) {
			name := "fma" + form.suffix
			t.line("// func %s(rounds int)", name)
			t.line("TEXT ·%s(SB), NOSPLIT, $0-8", name)
			t.do("MOVQ rounds+0(FP), CX")
			for i := range min(16, form.chains+1) {
				t.do("VPXOR Y%d, Y%d, Y%d", i, i, i)
			}
			if form.reg == "Z" {
				for i := 16; i <= form.chains; i++ {
					t.do("VMOVAPS Z0, Z%d", i)
				}
			}
			t.label("loop")
			for i := range form.chains {
				t.do("VFMADD231PS %s%d, %s%d, %s%d", form.reg, form.chains, form.reg, form.chains, form.reg, i)
			}
			t.ins("SUBQ $1, CX", "JG loop", "VZEROUPPER", "RET")
		})
		emit("peak"+form.suffix+"_amd64.go", func(t *text) {
			t.line("// fma%s does rounds of %d independent vector multiply-adds.\n//\n//go:noescape\nfunc fma%s(rounds int)", form.suffix, form.chains, form.suffix)
		})
	}
}
