package kernel

import "unsafe"

// transposeForms write [rows cols] of src as [cols rows] of dst. The strides of
// rows are in bytes; columns are contiguous in both.
var transposeForms = newFamily("transpose", transposePlain)

func transposePlain(dst, src unsafe.Pointer, dstRow, srcRow, rows, cols int) {
	for i := range rows {
		s := unsafe.Slice((*float32)(unsafe.Add(src, i*srcRow)), cols)
		for j, v := range s {
			*(*float32)(unsafe.Add(dst, j*dstRow+4*i)) = v
		}
	}
}
