package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// vec writes one elementwise kernel for one vector width. Values live in the
// registers t(0) to t(6); constants fill registers of their own while there are
// any, and are read from memory after that.
type vec struct {
	*text                    // the file
	body   *text             // the loop's instructions, written after the constants are known
	wide   bool              // AVX-512, else AVX2
	free   int               // the next register for a constant
	held   map[uint32]string // constants in registers
	order  []uint32          // in order of first use
	consts map[uint32]bool   // constants of the whole file
}

const lastConst512, lastConst256 = 16, 10 // the lowest register for constants

func (v *vec) reg(i int) string {
	if v.wide {
		return fmt.Sprint("Z", i)
	}
	return fmt.Sprint("Y", i)
}

func (v *vec) t(i int) string { return v.reg(i) }

// m is mask register i, 0 or 1.
func (v *vec) m(i int) string {
	if v.wide {
		return fmt.Sprint("K", 2+i)
	}
	return fmt.Sprint("Y", 8-i)
}

func (v *vec) lanes() int {
	if v.wide {
		return 16
	}
	return 8
}

// bits is a constant: a register, or memory when all registers are taken.
func (v *vec) bits(b uint32) string {
	if r := v.held[b]; r != "" {
		return r
	}
	v.consts[b] = true
	low := lastConst256
	if v.wide {
		low = lastConst512
	}
	r := fmt.Sprintf("k%08x<>(SB)", b)
	if v.free >= low {
		r = v.reg(v.free)
		v.free--
		v.order = append(v.order, b)
	}
	v.held[b] = r
	return r
}

func (v *vec) c(x float64) string { return v.bits(math.Float32bits(float32(x))) }

// register is c, brought into the register t if it is in memory.
func (v *vec) register(c, t string) string {
	if c[0] == 'k' {
		v.mov(t, c)
		return t
	}
	return c
}

func (v *vec) do(form string, a ...any) { v.body.do(form, a...) }

// add, sub, mul and div are d = a ∘ b; b may be in memory.
func (v *vec) add(d, a, b string) { v.do("VADDPS %s, %s, %s", b, a, d) }
func (v *vec) sub(d, a, b string) { v.do("VSUBPS %s, %s, %s", b, a, d) }
func (v *vec) mul(d, a, b string) { v.do("VMULPS %s, %s, %s", b, a, d) }
func (v *vec) div(d, a, b string) { v.do("VDIVPS %s, %s, %s", b, a, d) }
func (v *vec) and(d, a, b string) { v.do("VANDPS %s, %s, %s", b, a, d) }
func (v *vec) or(d, a, b string)  { v.do("VORPS %s, %s, %s", b, a, d) }
func (v *vec) xor(d, a, b string) { v.do("VXORPS %s, %s, %s", b, a, d) }
func (v *vec) mov(d, a string)    { v.do("VMOVUPS %s, %s", a, d) }

// fma is d = d·b + c, fmaTo d += a·b, fnmaTo d -= a·b.
func (v *vec) fma(d, b, c string)    { v.do("VFMADD213PS %s, %s, %s", c, b, d) }
func (v *vec) fmaTo(d, a, b string)  { v.do("VFMADD231PS %s, %s, %s", b, a, d) }
func (v *vec) fnmaTo(d, a, b string) { v.do("VFNMADD231PS %s, %s, %s", b, a, d) }

// poly is d = the polynomial in x with these coefficients, highest first.
func (v *vec) poly(d, x string, coefficients ...float64) {
	v.mov(d, v.c(coefficients[0]))
	for _, c := range coefficients[1:] {
		v.fma(d, x, v.c(c))
	}
}

// Predicates of compares, none of which signals.
const (
	eq, unordered, neq, ordered = 0x00, 0x03, 0x04, 0x07
	lt, le, nlt, gt             = 0x11, 0x12, 0x15, 0x1e
)

// cmp sets the mask m where a ∘ b.
func (v *vec) cmp(predicate int, m, a, b string) {
	v.do("VCMPPS $%d, %s, %s, %s", predicate, b, a, m)
}

// blend is d = yes where m and no elsewhere.
func (v *vec) blend(d, m, yes, no string) {
	if v.wide {
		v.do("VBLENDMPS %s, %s, %s, %s", yes, no, m, d)
	} else {
		v.do("VBLENDVPS %s, %s, %s, %s", m, yes, no, d)
	}
}

// keep is d = a where m and 0 elsewhere; a is a register.
func (v *vec) keep(d, m, a string) {
	if v.wide {
		v.do("VMOVAPS.Z %s, %s, %s", a, m, d)
	} else {
		v.and(d, m, a)
	}
}

// signs sets the mask m where the highest bit of a is set.
func (v *vec) signs(m, a string) {
	if v.wide {
		v.do("VPMOVD2M %s, %s", a, m)
	} else {
		v.mov(m, a)
	}
}

// round is d = a rounded: mode 0 to even, 1 down, 2 up, 3 towards 0.
func (v *vec) round(d, a string, mode int) {
	name := "VROUNDPS"
	if v.wide {
		name = "VRNDSCALEPS"
	}
	v.do("%s $%d, %s, %s", name, 8+mode, a, d)
}

// sign has only the highest bit, magnitude all others.
func (v *vec) sign() string      { return v.bits(1 << 31) }
func (v *vec) magnitude() string { return v.bits(1<<31 - 1) }

// inputs of a kernel are the pointers of its operands, in this order.
var inputs = []string{"SI", "DX", "R8"}

// block writes a function over n elements: compute has operand k in t(k) and
// leaves the result in t(0).
func block(f *text, wide bool, consts map[uint32]bool, name string, operands int, compute func(*vec)) {
	v := &vec{text: f, body: new(text), wide: wide, free: 15, held: map[uint32]string{}, consts: consts}
	if wide {
		v.free = 31
	}
	lanes := v.lanes()
	v.do("SUBQ $%d, CX", lanes)
	v.do("JLT %s_tail", name)
	v.body.label(name + "_loop")
	for k := range operands {
		v.do("VMOVUPS (%s)(AX*1), %s", inputs[k], v.t(k))
	}
	compute(v)
	v.do("VMOVUPS %s, (DI)(AX*1)", v.t(0))
	v.do("ADDQ $%d, AX", 4*lanes)
	v.do("SUBQ $%d, CX", lanes)
	v.do("JGE %s_loop", name)
	v.body.label(name + "_tail")
	v.do("ADDQ $%d, CX", lanes)
	v.do("JZ %s_done", name)
	v.tailMask()
	for k := range operands {
		v.loadTail(inputs[k], v.t(k))
	}
	compute(v)
	if wide {
		v.do("VMOVUPS %s, K1, (DI)(AX*1)", v.t(0))
	} else {
		v.do("VMASKMOVPS %s, Y9, (DI)(AX*1)", v.t(0))
	}
	v.body.label(name + "_done")
	f.line("// func %s(dst, a, b, c unsafe.Pointer, n int)", name)
	f.line("TEXT ·%s(SB), NOSPLIT, $0-40", name)
	f.ins("MOVQ dst+0(FP), DI", "MOVQ a+8(FP), SI")
	if operands > 1 {
		f.ins("MOVQ b+16(FP), DX")
	}
	if operands > 2 {
		f.ins("MOVQ c+24(FP), R8")
	}
	f.ins("MOVQ n+32(FP), CX", "XORQ AX, AX")
	v.finish()
}

// tailMask selects the first CX lanes: K1, or Y9.
func (v *vec) tailMask() {
	if v.wide {
		v.body.ins("MOVL $1, BX", "SHLL CX, BX", "DECL BX", "KMOVW BX, K1")
	} else {
		v.body.ins("NEGQ CX", "LEAQ lanes<>+32(SB), BX", "VMOVUPS (BX)(CX*4), Y9")
	}
}

func (v *vec) loadTail(from, to string) {
	if v.wide {
		v.do("VMOVUPS.Z (%s)(AX*1), K1, %s", from, to)
	} else {
		v.do("VMASKMOVPS (%s)(AX*1), Y9, %s", from, to)
	}
}

// finish writes the constants' loads and the body.
func (v *vec) finish() {
	for _, b := range v.order {
		v.text.do("VMOVUPS k%08x<>(SB), %s", b, v.held[b])
	}
	v.text.Write(v.body.Bytes())
	v.text.ins("VZEROUPPER", "RET", "")
}

// constants writes the tables that the kernels of a file read.
func constants(f *text, wide bool, consts map[uint32]bool) {
	bytes := 32
	if wide {
		bytes = 64
	} else {
		for i := range 16 {
			f.line("DATA lanes<>+%d(SB)/4, $%d", 4*i, -(1-i/8)&0xffffffff)
		}
		f.line("GLOBL lanes<>(SB), RODATA|NOPTR, $64")
	}
	for _, b := range slices.Sorted(maps.Keys(consts)) {
		for i := 0; i < bytes; i += 4 {
			f.line("DATA k%08x<>+%d(SB)/4, $0x%08x", b, i, b)
		}
		f.line("GLOBL k%08x<>(SB), RODATA|NOPTR, $%d", b, bytes)
	}
}
