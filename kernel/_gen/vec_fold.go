package main

import "math"

// foldKernel folds n elements into one. step folds t(4) into the register acc,
// whose lanes begin as start.
type foldKernel struct {
	op    string
	table bool // it stands in the table of reductions
	start float64
	ins   string // folds two registers
	nans  bool   // a NaN anywhere is the result
	prep  func(*vec)
}

var foldKernels = []foldKernel{
	{op: "ReduceSum", table: true, ins: "VADDPS"},
	{op: "ReduceMax", table: true, start: math.Inf(-1), ins: "VMAXPS", nans: true},
	{op: "ReduceMin", table: true, start: math.Inf(1), ins: "VMINPS", nans: true},
	{op: "AbsMax", ins: "VMAXPS", nans: true, prep: func(v *vec) { v.and(v.t(4), v.t(4), v.magnitude()) }},
}

// fold writes a function with four accumulators t(0) to t(3). NaN is found by a
// mask that gathers in m(1).
func fold(f *text, wide bool, consts map[uint32]bool, name string, k foldKernel) {
	v := &vec{text: f, body: new(text), wide: wide, free: 15, held: map[uint32]string{}, consts: consts}
	if wide {
		v.free = 31
	}
	lanes := v.lanes()
	for i := range 4 {
		v.mov(v.t(i), v.c(k.start))
	}
	if k.nans && wide {
		v.do("KXORW K3, K3, K3")
	} else if k.nans {
		v.xor(v.m(1), v.m(1), v.m(1))
	}
	v.do("SUBQ $%d, CX", 4*lanes)
	v.do("JLT %s_few", name)
	v.body.label(name + "_loop")
	for i := range 4 {
		v.do("VMOVUPS %d(SI)(AX*1), %s", 4*lanes*i, v.t(4))
		v.step(k, v.t(i))
	}
	v.do("ADDQ $%d, AX", 16*lanes)
	v.do("SUBQ $%d, CX", 4*lanes)
	v.do("JGE %s_loop", name)
	v.body.label(name + "_few")
	v.do("ADDQ $%d, CX", 3*lanes)
	v.do("JLT %s_tail", name)
	v.body.label(name + "_one")
	v.do("VMOVUPS (SI)(AX*1), %s", v.t(4))
	v.step(k, v.t(0))
	v.do("ADDQ $%d, AX", 4*lanes)
	v.do("SUBQ $%d, CX", lanes)
	v.do("JGE %s_one", name)
	v.body.label(name + "_tail")
	v.do("ADDQ $%d, CX", lanes)
	v.do("JZ %s_sum", name)
	v.tailMask()
	v.loadTail("SI", v.t(4))
	if wide {
		v.do("VBLENDMPS %s, %s, K1, %s", v.t(4), v.start(k), v.t(4))
	} else {
		v.do("VBLENDVPS Y9, %s, %s, %s", v.t(4), v.start(k), v.t(4))
	}
	v.step(k, v.t(1))
	v.body.label(name + "_sum")
	v.across(name, k)
	f.line("// func %s(x unsafe.Pointer, n int) float32", name)
	f.line("TEXT ·%s(SB), NOSPLIT, $0-20", name)
	f.ins("MOVQ x+0(FP), SI", "MOVQ n+8(FP), CX", "XORQ AX, AX")
	v.finish()
}

// start is the register of the identity.
func (v *vec) start(k foldKernel) string { return v.c(k.start) }

func (v *vec) step(k foldKernel, acc string) {
	if k.prep != nil {
		k.prep(v)
	}
	if k.nans && v.wide {
		v.cmp(unordered, "K2", v.t(4), v.t(4))
		v.do("KORW K2, K3, K3")
	} else if k.nans {
		v.cmp(unordered, v.m(0), v.t(4), v.t(4))
		v.or(v.m(1), v.m(1), v.m(0))
	}
	v.do("%s %s, %s, %s", k.ins, v.t(4), acc, acc)
}

// across folds the accumulators and then the lanes of t(0), and returns.
func (v *vec) across(name string, k foldKernel) {
	two := func(from, to string) { v.do("%s %s, %s, %s", k.ins, from, to, to) }
	two(v.t(2), v.t(0))
	two(v.t(3), v.t(1))
	two(v.t(1), v.t(0))
	if v.wide {
		v.do("VEXTRACTF64X4 $1, Z0, Y1")
		two("Y1", "Y0")
	}
	v.do("VEXTRACTF128 $1, Y0, X1")
	two("X1", "X0")
	v.do("VPERMILPS $0x0e, X0, X1")
	two("X1", "X0")
	v.do("VPERMILPS $0x01, X0, X1")
	two("X1", "X0")
	if k.nans {
		if v.wide {
			v.do("KMOVW K3, AX")
		} else {
			v.do("VMOVMSKPS %s, AX", v.m(1))
		}
		v.do("TESTL AX, AX")
		v.do("JZ %s_ret", name)
		v.do("VMOVSS k7fc00000<>(SB), X0")
		v.consts[0x7fc00000] = true
		v.body.label(name + "_ret")
	}
	v.do("VMOVSS X0, ret+16(FP)")
}
