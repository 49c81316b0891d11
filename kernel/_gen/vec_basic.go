package main

import "strings"

// blockKernel is an instruction of the elementwise machine: its field of the
// table of package kernel, its operands and its computation.
type blockKernel struct {
	op       string
	operands int
	compute  func(*vec)
}

var blockKernels = slicesOf(basicKernels, maskKernels, mathKernels)

func slicesOf(lists ...[]blockKernel) (all []blockKernel) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

var basicKernels = []blockKernel{
	{"Copy", 1, func(*vec) {}},
	{"Add", 2, func(v *vec) { v.add(v.t(0), v.t(0), v.t(1)) }},
	{"Sub", 2, func(v *vec) { v.sub(v.t(0), v.t(0), v.t(1)) }},
	{"Mul", 2, func(v *vec) { v.mul(v.t(0), v.t(0), v.t(1)) }},
	{"Div", 2, func(v *vec) { v.div(v.t(0), v.t(0), v.t(1)) }},
	{"MulAdd", 3, func(v *vec) { v.fma(v.t(0), v.t(1), v.t(2)) }},
	{"Max", 2, func(v *vec) { v.extreme("VMAXPS") }},
	{"Min", 2, func(v *vec) { v.extreme("VMINPS") }},
	{"Neg", 1, func(v *vec) { v.xor(v.t(0), v.t(0), v.sign()) }},
	{"Abs", 1, func(v *vec) { v.and(v.t(0), v.t(0), v.magnitude()) }},
	{"Sqrt", 1, func(v *vec) { v.do("VSQRTPS %s, %s", v.t(0), v.t(0)) }},
	{"Rsqrt", 1, func(v *vec) {
		v.do("VSQRTPS %s, %s", v.t(0), v.t(0))
		v.mov(v.t(1), v.c(1))
		v.div(v.t(0), v.t(1), v.t(0))
	}},
	{"Recip", 1, func(v *vec) {
		v.mov(v.t(1), v.c(1))
		v.div(v.t(0), v.t(1), v.t(0))
	}},
	{"Floor", 1, func(v *vec) { v.round(v.t(0), v.t(0), 1) }},
	{"Ceil", 1, func(v *vec) { v.round(v.t(0), v.t(0), 2) }},
	{"Round", 1, func(v *vec) { v.round(v.t(0), v.t(0), 0) }},
	{"CutUint8", 1, func(v *vec) { v.cut(0, 255) }},
	{"CutInt8", 1, func(v *vec) {
		v.cmp(ordered, v.m(0), v.t(0), v.t(0))
		v.keep(v.t(0), v.m(0), v.t(0))
		v.cut(-128, 127)
	}},
	{"FromInt32", 1, func(v *vec) { v.do("VCVTDQ2PS %s, %s", v.t(0), v.t(0)) }},
	// The second source is returned where one is NaN.
	{"ReLU", 1, func(v *vec) { v.do("VMAXPS %s, %s, %s", v.t(0), v.c(0), v.t(0)) }},
	{"Sign", 1, func(v *vec) {
		v.mov(v.t(1), v.c(0))
		v.cmp(0x0c, v.m(0), v.t(0), v.t(1)) // ordered and different
		v.and(v.t(2), v.t(0), v.sign())
		v.or(v.t(2), v.t(2), v.c(1))
		v.blend(v.t(0), v.m(0), v.t(2), v.t(0))
	}},
}

// cut is t(0) within low … high, rounded towards 0; low where it is NaN: the
// instruction gives its second source then.
func (v *vec) cut(low, high float64) {
	v.do("VMAXPS %s, %s, %s", v.c(low), v.t(0), v.t(0))
	v.do("VMINPS %s, %s, %s", v.c(high), v.t(0), v.t(0))
	v.round(v.t(0), v.t(0), 3)
}

// extreme is the larger or smaller of t(0) and t(1): the instruction gives the
// second source where one is NaN, so that only a NaN in t(0) is to be kept.
func (v *vec) extreme(name string) {
	v.cmp(unordered, v.m(0), v.t(0), v.t(0))
	v.do("%s %s, %s, %s", name, v.t(1), v.t(0), v.t(1))
	v.blend(v.t(0), v.m(0), v.t(0), v.t(1))
}

var maskKernels = []blockKernel{
	{"Eq", 2, func(v *vec) { v.compare(eq) }},
	{"Ne", 2, func(v *vec) { v.compare(neq) }},
	{"Lt", 2, func(v *vec) { v.compare(lt) }},
	{"Le", 2, func(v *vec) { v.compare(le) }},
	{"Not", 1, func(v *vec) {
		v.mov(v.t(1), v.c(1))
		v.sub(v.t(0), v.t(1), v.t(0))
	}},
	{"Gate", 2, func(v *vec) {
		v.mov(v.t(2), v.c(0))
		v.cmp(gt, v.m(0), v.t(0), v.t(2))
		v.keep(v.t(0), v.m(0), v.t(1))
	}},
	{"Select", 3, func(v *vec) {
		v.mov(v.t(3), v.c(0))
		v.cmp(neq, v.m(0), v.t(0), v.t(3))
		v.blend(v.t(0), v.m(0), v.t(1), v.t(2))
	}},
}

func (v *vec) compare(predicate int) {
	v.cmp(predicate, v.m(0), v.t(0), v.t(1))
	v.mov(v.t(1), v.c(1))
	v.keep(v.t(0), v.m(0), v.t(1))
}

func init() {
	for _, wide := range []bool{false, true} {
		suffix := "256"
		if wide {
			suffix = "512"
		}
		emit("vec"+suffix+"_amd64.s", func(t *text) {
			consts := map[uint32]bool{}
			for _, k := range blockKernels {
				block(t, wide, consts, "vec"+suffix+k.op, k.operands, k.compute)
			}
			for _, k := range byteKernels {
				bytesBlock(t, wide, consts, "vec"+suffix+k.op, k)
			}
			for _, k := range foldKernels {
				fold(t, wide, consts, "vec"+suffix+k.op, k)
			}
			fillKernel(t, wide, "vec"+suffix+"Fill")
			constants(t, wide, consts)
		})
		emit("vec"+suffix+"_amd64.go", func(t *text) { declareBlocks(t, suffix) })
	}
}

// declareBlocks writes the Go declarations and the table of the instructions.
func declareBlocks(t *text, suffix string) {
	t.line("import \"unsafe\"\n")
	var table strings.Builder
	for _, k := range append([]blockKernel{{op: "Fill"}}, blockKernels...) {
		t.line("//go:noescape\nfunc vec%s%s(dst, a, b, c unsafe.Pointer, n int)\n", suffix, k.op)
		table.WriteString("op" + k.op + ": vec" + suffix + k.op + ",\n")
	}
	for _, k := range byteKernels {
		t.line("//go:noescape\nfunc vec%s%s(dst, a unsafe.Pointer, n int)\n", suffix, k.op)
	}
	t.line("var vec%sOps = [numVecOps]vecFunc{\n%s}\n", suffix, table.String())
	table.Reset()
	for _, k := range foldKernels {
		t.line("//go:noescape\nfunc vec%s%s(x unsafe.Pointer, n int) float32\n", suffix, k.op)
		if k.table {
			table.WriteString(k.op + ": vec" + suffix + k.op + ",\n")
		}
	}
	t.line("var vec%sFolds = [numReduceOps]reduceFunc{\n%s}", suffix, table.String())
}

// fillKernel repeats the element at a.
func fillKernel(f *text, wide bool, name string) {
	v := &vec{text: f, body: new(text), wide: wide}
	lanes := v.lanes()
	v.do("VBROADCASTSS (SI), %s", v.t(0))
	v.do("SUBQ $%d, CX", lanes)
	v.do("JLT %s_tail", name)
	v.body.label(name + "_loop")
	v.do("VMOVUPS %s, (DI)(AX*1)", v.t(0))
	v.do("ADDQ $%d, AX", 4*lanes)
	v.do("SUBQ $%d, CX", lanes)
	v.do("JGE %s_loop", name)
	v.body.label(name + "_tail")
	v.do("ADDQ $%d, CX", lanes)
	v.do("JZ %s_done", name)
	v.tailMask()
	if wide {
		v.do("VMOVUPS %s, K1, (DI)(AX*1)", v.t(0))
	} else {
		v.do("VMASKMOVPS %s, Y9, (DI)(AX*1)", v.t(0))
	}
	v.body.label(name + "_done")
	f.line("// func %s(dst, a, b, c unsafe.Pointer, n int)", name)
	f.line("TEXT ·%s(SB), NOSPLIT, $0-40", name)
	f.ins("MOVQ dst+0(FP), DI", "MOVQ a+8(FP), SI", "MOVQ n+32(FP), CX", "XORQ AX, AX")
	v.finish()
}
