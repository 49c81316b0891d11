package main

import (
	"fmt"
	"strings"
)

// pass is a loop over arrays that keeps everything between them in registers:
// what is too hot for instructions that go through memory. compute has operand k
// in t(k) and leaves result k there; scalar(i) is a register that holds number i
// in all lanes.
type pass struct {
	name    string
	doc     string
	in, out int
	scalars int
	sums    int // how many sums it makes
	compute func(p *passVec)
}

// passVec is the writer of one pass.
type passVec struct {
	*vec
	p    pass
	tail bool
}

// Registers of the pointers: operands, then results.
var (
	passIn  = []string{"SI", "DX", "R8", "R9", "R12"}
	passOut = []string{"DI", "R10", "R11"}
)

// scalar i lies in the highest registers.
func (v *passVec) scalar(i int) string {
	if v.wide {
		return v.reg(31 - i)
	}
	return v.reg(15 - i)
}

// sum is the register that sum i gathers in. Lanes behind the end add 0.
func (v *passVec) sum(i int) string {
	if v.wide {
		return v.reg(20 + i)
	}
	return v.reg(8 + i)
}

// addTo adds register a to sum i, without what lies behind the end.
func (v *passVec) addTo(i int, a string) {
	if v.tail && v.wide {
		v.do("VADDPS %s, %s, K1, %s", a, v.sum(i), v.sum(i))
		return
	}
	if v.tail {
		v.do("VANDPS %s, Y7, %s", a, a)
	}
	v.add(v.sum(i), v.sum(i), a)
}

func (p pass) emit(suffix string, wide bool) {
	name := p.name + suffix
	emit(p.name+suffix+"_amd64.s", func(t *text) {
		v := &passVec{vec: &vec{text: t, body: new(text), wide: wide, held: map[uint32]string{}, consts: map[uint32]bool{}}, p: p}
		v.free = -1 // constants are read from memory
		v.write(name)
		constants(t, wide, v.consts)
	})
	emit(p.name+suffix+"_amd64.go", func(t *text) {
		t.line("import \"unsafe\"\n")
		t.line("// %s%s %s\n//\n//go:noescape", p.name, suffix, p.doc)
		t.line("func %s%s(p *[%d]unsafe.Pointer, s *[%d]float32, n int)", p.name, suffix, p.in+p.out, p.scalars+p.sums)
	})
}

// write writes the function: p is the operands and then the results, s the
// scalars and then room for the sums.
func (v *passVec) write(name string) {
	p, lanes := v.p, v.lanes()
	v.text.line("// func %s(p *[%d]unsafe.Pointer, s *[%d]float32, n int)", name, p.in+p.out, p.scalars+p.sums)
	v.text.line("TEXT ·%s(SB), NOSPLIT, $0-24", name)
	v.text.ins("MOVQ p+0(FP), BX", "MOVQ s+8(FP), R13", "MOVQ n+16(FP), CX", "XORQ AX, AX")
	for k := range p.in {
		v.text.do("MOVQ %d(BX), %s", 8*k, passIn[k])
	}
	for k := range p.out {
		v.text.do("MOVQ %d(BX), %s", 8*(p.in+k), passOut[k])
	}
	for i := range p.scalars {
		v.text.do("VBROADCASTSS %d(R13), %s", 4*i, v.scalar(i))
	}
	for i := range p.sums {
		v.text.do("VXORPS %s, %s, %s", v.sum(i), v.sum(i), v.sum(i))
	}
	v.do("SUBQ $%d, CX", lanes)
	v.do("JLT tail")
	v.body.label("loop")
	for k := range p.in {
		v.do("VMOVUPS (%s)(AX*1), %s", passIn[k], v.t(k))
	}
	p.compute(v)
	for k := range p.out {
		v.do("VMOVUPS %s, (%s)(AX*1)", v.t(k), passOut[k])
	}
	v.do("ADDQ $%d, AX", 4*lanes)
	v.do("SUBQ $%d, CX", lanes)
	v.do("JGE loop")
	v.body.label("tail")
	v.do("ADDQ $%d, CX", lanes)
	v.do("JZ done")
	v.tail = true
	if v.wide {
		v.body.ins("MOVL $1, BX", "SHLL CX, BX", "DECL BX", "KMOVW BX, K1")
	} else {
		v.body.ins("NEGQ CX", "LEAQ lanes<>+32(SB), BX", "VMOVUPS (BX)(CX*4), Y7")
	}
	for k := range p.in {
		if v.wide {
			v.do("VMOVUPS.Z (%s)(AX*1), K1, %s", passIn[k], v.t(k))
		} else {
			v.do("VMASKMOVPS (%s)(AX*1), Y7, %s", passIn[k], v.t(k))
		}
	}
	p.compute(v)
	for k := range p.out {
		if v.wide {
			v.do("VMOVUPS %s, K1, (%s)(AX*1)", v.t(k), passOut[k])
		} else {
			v.do("VMASKMOVPS %s, Y7, (%s)(AX*1)", v.t(k), passOut[k])
		}
	}
	v.body.label("done")
	for i := range p.sums {
		v.total(i, 4*(p.scalars+i))
	}
	v.finish()
}

// total adds the lanes of sum i and stores the total at offset of s.
func (v *passVec) total(i, offset int) {
	s := v.sum(i)
	if v.wide {
		v.do("VEXTRACTF64X4 $1, %s, Y1", s)
		v.do("VADDPS Y1, %s, Y0", strings.Replace(s, "Z", "Y", 1))
	} else {
		v.do("VMOVAPS %s, Y0", s)
	}
	v.body.ins("VEXTRACTF128 $1, Y0, X1", "VADDPS X1, X0, X0", "VPERMILPS $0x0e, X0, X1", "VADDPS X1, X0, X0",
		"VPERMILPS $0x01, X0, X1", "VADDPS X1, X0, X0", fmt.Sprintf("VMOVSS X0, %d(R13)", offset))
}

func init() {
	for _, p := range passes {
		p.emit("256", false)
		p.emit("512", true)
	}
}
