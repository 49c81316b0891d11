//go:build !purego && amd64

package kernel

import "unsafe"

// byteFunc is a vecFunc of whole vectors between bytes and float32.
type byteFunc func(dst, a unsafe.Pointer, n int)

// byteFuncs is one form of the instructions that read or write bytes.
type byteFuncs struct {
	lanes                                         int
	fromBool, fromUint8, fromInt8, toBool, toByte byteFunc
}

// addTo sets the instructions of t; what is less than a vector is left to the plain
// form.
func (b *byteFuncs) addTo(t *vecTable) {
	for _, k := range []struct {
		op   vecOp
		fast byteFunc
	}{{opFromBool, b.fromBool}, {opFromUint8, b.fromUint8}, {opFromInt8, b.fromInt8}, {opToBool, b.toBool}, {opToByte, b.toByte}} {
		from, to, plain := 1, 4, vecPlain.op[k.op]
		if k.op == opToBool || k.op == opToByte {
			from, to = to, from
		}
		t.op[k.op] = func(dst, x, _, _ unsafe.Pointer, n int) {
			whole := n - n%b.lanes
			if whole > 0 {
				k.fast(dst, x, whole)
			}
			if whole < n {
				plain(unsafe.Add(dst, whole*to), unsafe.Add(x, whole*from), nil, nil, n-whole)
			}
		}
	}
}
