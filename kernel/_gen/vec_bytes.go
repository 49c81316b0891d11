package main

// byteKernel is an instruction of the elementwise machine between bytes in memory
// and float32: compute has what it reads in t(0), bytes as int32, and leaves the
// result there, int32 where bytes are written.
type byteKernel struct {
	op      string
	load    string // the instruction that widens bytes, or "" if floats are read
	compute func(*vec)
}

var byteKernels = []byteKernel{
	{"FromBool", "VPMOVZXBD", func(v *vec) {
		if v.wide {
			v.do("VPTESTMD %s, %s, %s", v.t(0), v.t(0), v.m(0))
		} else {
			v.do("VPXOR %s, %s, %s", v.t(1), v.t(1), v.t(1))
			v.do("VPCMPGTD %s, %s, %s", v.t(1), v.t(0), v.m(0))
		}
		v.mov(v.t(1), v.c(1))
		v.keep(v.t(0), v.m(0), v.t(1))
	}},
	{"FromUint8", "VPMOVZXBD", func(v *vec) { v.do("VCVTDQ2PS %s, %s", v.t(0), v.t(0)) }},
	{"FromInt8", "VPMOVSXBD", func(v *vec) { v.do("VCVTDQ2PS %s, %s", v.t(0), v.t(0)) }},
	{"ToBool", "", func(v *vec) {
		v.mov(v.t(1), v.c(0))
		v.cmp(neq, v.m(0), v.t(0), v.t(1))
		v.mov(v.t(1), v.bits(1))
		v.keep(v.t(0), v.m(0), v.t(1))
	}},
	{"ToByte", "", func(v *vec) { v.do("VCVTPS2DQ %s, %s", v.t(0), v.t(0)) }},
}

// bytesBlock writes a function over n elements, a multiple of the lanes.
func bytesBlock(f *text, wide bool, consts map[uint32]bool, name string, k byteKernel) {
	v := &vec{text: f, body: new(text), wide: wide, free: 15, held: map[uint32]string{}, consts: consts}
	if wide {
		v.free = 31
	}
	lanes := v.lanes()
	v.do("SUBQ $%d, CX", lanes)
	v.do("JLT %s_done", name)
	v.body.label(name + "_loop")
	if k.load == "" {
		v.do("VMOVUPS (SI)(AX*4), %s", v.t(0))
		k.compute(v)
		v.narrow()
	} else {
		v.do("%s (SI)(AX*1), %s", k.load, v.t(0))
		k.compute(v)
		v.do("VMOVUPS %s, (DI)(AX*4)", v.t(0))
	}
	v.do("ADDQ $%d, AX", lanes)
	v.do("SUBQ $%d, CX", lanes)
	v.do("JGE %s_loop", name)
	v.body.label(name + "_done")
	f.line("// func %s(dst, a unsafe.Pointer, n int)", name)
	f.line("TEXT ·%s(SB), NOSPLIT, $0-24", name)
	f.ins("MOVQ dst+0(FP), DI", "MOVQ a+8(FP), SI", "MOVQ n+16(FP), CX", "XORQ AX, AX")
	v.finish()
}

// narrow stores the lowest byte of each int32 in t(0).
func (v *vec) narrow() {
	if v.wide {
		v.do("VPMOVDB %s, (DI)(AX*1)", v.t(0))
		return
	}
	v.do("VPSHUFB %s, %s, %s", v.bits(0x0c080400), v.t(0), v.t(0))
	v.do("VEXTRACTI128 $1, %s, X1", v.t(0))
	v.do("VPUNPCKLDQ X1, X0, X0")
	v.do("VMOVQ X0, (DI)(AX*1)")
}
