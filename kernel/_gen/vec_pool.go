package main

import "fmt"

// poolKernel is a kernel over windows; its pointers come first among its
// operands. Registers: taps DX, ntaps R8, pixels CX, xStep R9, yStep R10, n R11;
// AX is the bytes of the channels done, R12 the channels left.
type poolKernel struct {
	name     string
	pointers []string // operands, in order
	regs     []string // where they are
	steps    []string // the register of each one's step
	body     func(p *poolGen)
}

var poolKernels = []poolKernel{
	{"Max", []string{"y", "x"}, []string{"DI", "SI"}, []string{"R10", "R9"}, func(p *poolGen) { p.gather(func() { p.extreme("VMAXPS") }) }},
	{"Sum", []string{"y", "x"}, []string{"DI", "SI"}, []string{"R10", "R9"}, func(p *poolGen) { p.gather(func() { p.add(p.t(0), p.t(0), p.t(1)) }) }},
	{"Pick", []string{"y", "x", "values"}, []string{"DI", "SI", "R15"}, []string{"R10", "R9", "R9"}, (*poolGen).pick},
	{"Scatter", []string{"dx", "x", "dy"}, []string{"DI", "SI", "R15"}, []string{"R9", "R9", "R10"}, (*poolGen).scatter},
	{"Spread", []string{"dx", "dy"}, []string{"DI", "R15"}, []string{"R9", "R10"}, (*poolGen).spread},
}

// poolGen writes one body, for whole vectors or for the last few channels.
type poolGen struct {
	*vec
	name string
	tail bool
	next int // of labels
}

func init() {
	for _, suffix := range []string{"256", "512"} {
		emit("pool"+suffix+"_amd64.s", func(t *text) {
			consts := map[uint32]bool{}
			for _, k := range poolKernels {
				poolFunc(t, suffix == "512", consts, "pool"+suffix+k.name, k)
			}
			constants(t, suffix == "512", consts)
		})
		emit("pool"+suffix+"_amd64.go", func(t *text) {
			t.line("import \"unsafe\"\n")
			for _, k := range poolKernels {
				t.line("//go:noescape\nfunc pool%s%s(%s)\n", suffix, k.name, k.operands())
			}
			t.line("var pool%[1]sTable = poolTable{max: pool%[1]sMax, sum: pool%[1]sSum, pick: pool%[1]sPick, scatter: pool%[1]sScatter, spread: pool%[1]sSpread}", suffix)
		})
	}
}

func (k poolKernel) operands() string {
	list := ""
	for _, p := range k.pointers {
		list += p + ", "
	}
	return list + "taps unsafe.Pointer, ntaps, pixels, xStep, yStep, n int"
}

func poolFunc(f *text, wide bool, consts map[uint32]bool, name string, k poolKernel) {
	v := &vec{text: f, body: new(text), wide: wide, free: 15, held: map[uint32]string{}, consts: consts}
	if wide {
		v.free = 31
	}
	p := &poolGen{vec: v, name: name}
	v.body.ins("MOVQ R11, CX")
	v.do("ANDQ $%d, CX", v.lanes()-1)
	v.tailMask()
	v.do("MOVQ pixels+%d(FP), CX", 8*len(k.pointers)+16)
	v.body.label(name + "_pixel")
	v.body.ins("MOVQ R11, R12", "XORQ AX, AX")
	v.body.label(name + "_channels")
	v.do("SUBQ $%d, R12", v.lanes())
	v.do("JLT %s_few", name)
	k.body(p)
	v.do("ADDQ $%d, AX", 4*v.lanes())
	v.do("JMP %s_channels", name)
	v.body.label(name + "_few")
	v.do("ADDQ $%d, R12", v.lanes())
	v.do("JZ %s_next", name)
	p.tail = true
	k.body(p)
	v.body.label(name + "_next")
	for i, r := range k.regs {
		v.do("ADDQ %s, %s", k.steps[i], r)
	}
	v.body.ins("DECQ CX")
	v.do("JNZ %s_pixel", name)
	n := len(k.pointers)
	f.line("// func %s(%s)", name, k.operands())
	f.line("TEXT ·%s(SB), NOSPLIT, $0-%d", name, 8*n+48)
	for i, r := range k.regs {
		f.do("MOVQ %s+%d(FP), %s", k.pointers[i], 8*i, r)
	}
	for i, a := range [][2]string{{"taps", "DX"}, {"ntaps", "R8"}, {"", ""}, {"xStep", "R9"}, {"yStep", "R10"}, {"n", "R11"}} {
		if a[0] != "" {
			f.do("MOVQ %s+%d(FP), %s", a[0], 8*(n+i), a[1])
		}
	}
	v.finish()
}

func (p *poolGen) load(place, to string) {
	switch {
	case !p.tail:
		p.do("VMOVUPS %s, %s", place, to)
	case p.wide:
		p.do("VMOVUPS.Z %s, K1, %s", place, to)
	default:
		p.do("VMASKMOVPS %s, Y9, %s", place, to)
	}
}

func (p *poolGen) store(from, place string) {
	switch {
	case !p.tail:
		p.do("VMOVUPS %s, %s", from, place)
	case p.wide:
		p.do("VMOVUPS %s, K1, %s", from, place)
	default:
		p.do("VMASKMOVPS %s, Y9, %s", from, place)
	}
}

// tap points BX at the tap R13 of the image at the pointer from.
func (p *poolGen) tap(from string) {
	p.do("MOVQ (R13), BX")
	p.do("ADDQ %s, BX", from)
}

// eachTap repeats f from the tap R13 on, R14 times; without first, one fewer,
// from the second tap on.
func (p *poolGen) eachTap(first bool, f func()) {
	p.next++
	loop, done := fmt.Sprintf("%s_tap%d", p.name, p.next), fmt.Sprintf("%s_end%d", p.name, p.next)
	if !first {
		p.do("ADDQ $8, R13")
		p.do("DECQ R14")
		p.do("JZ %s", done)
	}
	p.body.label(loop)
	f()
	p.do("ADDQ $8, R13")
	p.do("DECQ R14")
	p.do("JNZ %s", loop)
	p.body.label(done)
}

func (p *poolGen) begin() { p.body.ins("MOVQ DX, R13", "MOVQ R8, R14") }

// gather folds the taps of x, in t(1), into t(0) and stores it.
func (p *poolGen) gather(fold func()) {
	p.begin()
	p.tap("SI")
	p.load("(BX)(AX*1)", p.t(0))
	p.eachTap(false, func() {
		p.tap("SI")
		p.load("(BX)(AX*1)", p.t(1))
		fold()
	})
	p.store(p.t(0), "(DI)(AX*1)")
}

// larger moves to t(0) the elements of t(2) that are larger, or the first NaN,
// and sets the mask m(0) there.
func (p *poolGen) larger() {
	p.cmp(0x16, p.m(0), p.t(2), p.t(0)) // not less or equal
	p.cmp(ordered, p.m(1), p.t(0), p.t(0))
	if p.wide {
		p.do("KANDW K2, K3, K2")
	} else {
		p.and(p.m(0), p.m(0), p.m(1))
	}
	p.blend(p.t(0), p.m(0), p.t(2), p.t(0))
}

func (p *poolGen) pick() {
	p.begin()
	p.tap("SI")
	p.load("(BX)(AX*1)", p.t(0))
	p.tap("R15")
	p.load("(BX)(AX*1)", p.t(1))
	p.eachTap(false, func() {
		p.tap("SI")
		p.load("(BX)(AX*1)", p.t(2))
		p.tap("R15")
		p.load("(BX)(AX*1)", p.t(3))
		p.larger()
		p.blend(p.t(1), p.m(0), p.t(3), p.t(1))
	})
	p.store(p.t(1), "(DI)(AX*1)")
}

// scatter keeps the number of the largest tap in t(1), then visits the taps again.
func (p *poolGen) scatter() {
	p.begin()
	p.tap("SI")
	p.load("(BX)(AX*1)", p.t(0))
	p.mov(p.t(1), p.c(0))
	p.mov(p.t(3), p.c(0))
	p.eachTap(false, func() {
		p.tap("SI")
		p.load("(BX)(AX*1)", p.t(2))
		p.add(p.t(3), p.t(3), p.c(1))
		p.larger()
		p.blend(p.t(1), p.m(0), p.t(3), p.t(1))
	})
	p.begin()
	p.load("(R15)(AX*1)", p.t(4))
	p.mov(p.t(3), p.c(0))
	p.eachTap(true, func() {
		p.tap("DI")
		p.cmp(eq, p.m(0), p.t(3), p.t(1))
		p.add(p.t(3), p.t(3), p.c(1))
		p.keep(p.t(2), p.m(0), p.t(4))
		p.load("(BX)(AX*1)", p.t(0))
		p.add(p.t(0), p.t(0), p.t(2))
		p.store(p.t(0), "(BX)(AX*1)")
	})
}

func (p *poolGen) spread() {
	p.begin()
	p.load("(R15)(AX*1)", p.t(1))
	p.eachTap(true, func() {
		p.tap("DI")
		p.load("(BX)(AX*1)", p.t(0))
		p.add(p.t(0), p.t(0), p.t(1))
		p.store(p.t(0), "(BX)(AX*1)")
	})
}
