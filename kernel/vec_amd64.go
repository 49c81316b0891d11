//go:build !purego && amd64

package kernel

import (
	"unsafe"

	"github.com/ihae/ihae/internal/cpu"
)

func init() {
	avx2 := newVecTable(vec256Ops, vec256Folds, vec256Sin, vec256Cos, vec256AbsMax)
	(&byteFuncs{8, vec256FromBool, vec256FromUint8, vec256FromInt8, vec256ToBool, vec256ToByte}).addTo(avx2)
	vecForms.add(cpu.AVX2, avx2)
	avx512 := newVecTable(vec512Ops, vec512Folds, vec512Sin, vec512Cos, vec512AbsMax)
	(&byteFuncs{16, vec512FromBool, vec512FromUint8, vec512FromInt8, vec512ToBool, vec512ToByte}).addTo(avx512)
	vecForms.add(cpu.AVX512, avx512)
}

// newVecTable fills what the assembly does not have, or not yet, from the plain form.
func newVecTable(ops [numVecOps]vecFunc, folds [numReduceOps]reduceFunc, sin, cos vecFunc, absMax reduceFunc) *vecTable {
	t := &vecTable{op: ops, reduce: folds}
	t.op[opSin] = turning(sin, vecPlain.op[opSin], absMax)
	t.op[opCos] = turning(cos, vecPlain.op[opCos], absMax)
	for i, f := range vecPlain.op {
		if t.op[i] == nil {
			t.op[i] = f
		}
	}
	for i, f := range vecPlain.reduce {
		if t.reduce[i] == nil {
			t.reduce[i] = f
		}
	}
	return t
}

// turning uses the plain form for blocks with an angle too large to reduce by
// three parts of π/2.
func turning(fast, plain vecFunc, absMax reduceFunc) vecFunc {
	return func(dst, a, b, c unsafe.Pointer, n int) {
		if absMax(a, n) <= 8192 {
			fast(dst, a, b, c, n)
		} else {
			plain(dst, a, b, c, n)
		}
	}
}
