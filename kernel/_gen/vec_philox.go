package main

import "fmt"

// philoxGen writes Philox4x32-10 for as many blocks as a vector has lanes: lane
// i of four registers is the counter of block i.
type philoxGen struct{ *vec }

func init() {
	for _, suffix := range []string{"256", "512"} {
		emit("random"+suffix+"_amd64.s", func(t *text) {
			consts := map[uint32]bool{}
			v := &vec{text: t, body: new(text), wide: suffix == "512", held: map[uint32]string{}, consts: consts}
			philoxGen{v}.function("philox" + suffix)
			for i := range 16 {
				t.line("DATA count<>+%d(SB)/4, $%d", 4*i, i)
			}
			t.line("GLOBL count<>(SB), RODATA|NOPTR, $64")
			constants(t, suffix == "512", consts)
		})
		emit("random"+suffix+"_amd64.go", func(t *text) {
			t.line("import \"unsafe\"\n")
			t.line("// philox%s computes blocks blocks, a multiple of 16, from the\n// key and the counter in from; their number does not overflow its low word.\n//", suffix)
			t.line("//go:noescape\nfunc philox%s(dst unsafe.Pointer, from *[6]uint32, blocks int)", suffix)
		})
	}
}

// Registers: t(0) to t(3) hold the state, 4 to 9 are scratch, 10 and 11 the
// key, 12 the counters of the next blocks.
func (p philoxGen) function(name string) {
	p.text.line("// func %s(dst unsafe.Pointer, from *[6]uint32, blocks int)", name)
	p.text.line("TEXT ·%s(SB), NOSPLIT, $0-24", name)
	p.text.ins("MOVQ dst+0(FP), DI", "MOVQ from+8(FP), SI", "MOVQ blocks+16(FP), CX")
	if p.wide {
		p.text.ins("MOVL $0xaaaa, AX", "KMOVW AX, K1", "MOVL $0x5555, AX", "KMOVW AX, K2")
	}
	p.text.do("VPBROADCASTD 8(SI), %s", p.t(12))
	p.text.do("VPADDD count<>(SB), %s, %s", p.t(12), p.t(12))
	p.text.line("%s_loop:", name)
	p.do("VMOVUPS %s, %s", p.t(12), p.t(0))
	p.do("VPADDD %s, %s, %s", p.bits(uint32(p.lanes())), p.t(12), p.t(12))
	for i := range 3 {
		p.do("VPBROADCASTD %d(SI), %s", 12+4*i, p.t(1+i))
	}
	p.do("VPBROADCASTD (SI), %s", p.t(10))
	p.do("VPBROADCASTD 4(SI), %s", p.t(11))
	state := [4]string{p.t(0), p.t(1), p.t(2), p.t(3)}
	free := [4]string{p.t(4), p.t(5), p.t(6), p.t(7)}
	for round := range 10 {
		if round > 0 {
			p.do("VPADDD %s, %s, %s", p.bits(0x9e3779b9), p.t(10), p.t(10))
			p.do("VPADDD %s, %s, %s", p.bits(0xbb67ae85), p.t(11), p.t(11))
		}
		hi0, lo0, hi1, lo1 := free[0], free[1], free[2], free[3]
		p.product(state[0], p.bits(0xd2511f53), hi0, lo0)
		p.product(state[2], p.bits(0xcd9e8d57), hi1, lo1)
		p.xor(hi1, hi1, state[1])
		p.xor(hi1, hi1, p.t(10))
		p.xor(hi0, hi0, state[3])
		p.xor(hi0, hi0, p.t(11))
		state, free = [4]string{hi1, lo1, hi0, lo0}, state
	}
	p.write(state, free)
	p.do("ADDQ $%d, DI", 16*p.lanes())
	p.do("SUBQ $%d, CX", p.lanes())
	p.do("JG %s_loop", name)
	p.finish()
}

// product is the high and low halves of c·m in each lane; the multiplier sees
// every second lane only.
func (p philoxGen) product(c, m, hi, lo string) {
	even, odd := p.t(8), p.t(9)
	p.do("VPMULUDQ %s, %s, %s", m, c, even)
	p.do("VPSRLQ $32, %s, %s", c, odd)
	p.do("VPMULUDQ %s, %s, %s", m, odd, odd)
	p.do("VMOVSHDUP %s, %s", even, hi)
	p.do("VMOVSLDUP %s, %s", odd, lo)
	if p.wide {
		p.do("VMOVDQA32 %s, K1, %s", odd, hi)
		p.do("VMOVDQA32 %s, K2, %s", even, lo)
		return
	}
	p.do("VBLENDPS $0xaa, %s, %s, %s", odd, hi, hi)
	p.do("VBLENDPS $0xaa, %s, %s, %s", lo, even, lo)
}

// write makes numbers of [0, 1) and puts the four of each block side by side.
func (p philoxGen) write(x, t [4]string) {
	for _, r := range x {
		p.do("VPSRLD $8, %s, %s", r, r)
		p.do("VCVTDQ2PS %s, %s", r, r)
		p.mul(r, r, p.c(1.0/(1<<24)))
	}
	p.do("VUNPCKLPS %s, %s, %s", x[1], x[0], t[0])
	p.do("VUNPCKLPS %s, %s, %s", x[3], x[2], t[1])
	p.do("VUNPCKHPS %s, %s, %s", x[1], x[0], t[2])
	p.do("VUNPCKHPS %s, %s, %s", x[3], x[2], t[3])
	p.do("VUNPCKLPD %s, %s, %s", t[1], t[0], x[0])
	p.do("VUNPCKHPD %s, %s, %s", t[1], t[0], x[1])
	p.do("VUNPCKLPD %s, %s, %s", t[3], t[2], x[2])
	p.do("VUNPCKHPD %s, %s, %s", t[3], t[2], x[3])
	extract := "VEXTRACTF128"
	if p.wide {
		extract = "VEXTRACTF32X4"
	}
	for j, r := range x {
		for q := range p.lanes() / 4 {
			p.do("%s $%d, %s, %s", extract, q, r, fmt.Sprintf("%d(DI)", 16*(4*q+j)))
		}
	}
}
