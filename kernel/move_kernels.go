package kernel

import "unsafe"

// moveRuns copies rows whose elements lie one behind the other on both sides.
func moveRuns(dst, src unsafe.Pointer, elem int, row, _ copyAxis, rows, columns int) {
	n := columns * elem
	for r := range rows {
		copy(unsafe.Slice((*byte)(unsafe.Add(dst, r*row.dst)), n), unsafe.Slice((*byte)(unsafe.Add(src, r*row.src)), n))
	}
}

// moveFill repeats one element along each row of the destination.
func moveFill(dst, src unsafe.Pointer, elem int, row, _ copyAxis, rows, columns int) {
	n := columns * elem
	for r := range rows {
		d := unsafe.Slice((*byte)(unsafe.Add(dst, r*row.dst)), n)
		for done := copy(d, unsafe.Slice((*byte)(unsafe.Add(src, r*row.src)), elem)); done < n; done *= 2 {
			copy(d[done:], d[:done])
		}
	}
}

func moveStrided(elem int) moveKernel {
	switch elem {
	case 1:
		return strided[uint8]
	case 2:
		return strided[uint16]
	case 4:
		return strided[uint32]
	}
	return strided[uint64]
}

func strided[T any](dst, src unsafe.Pointer, _ int, row, column copyAxis, rows, columns int) {
	for r := range rows {
		for i := range columns {
			*(*T)(unsafe.Add(dst, r*row.dst+i*column.dst)) = *(*T)(unsafe.Add(src, r*row.src+i*column.src))
		}
	}
}

// moveTransposed is for a destination that is straight along the columns and a
// source that is straight along the rows.
func moveTransposed(elem int) moveKernel {
	switch elem {
	case 1:
		return transposed[uint8]
	case 2:
		return transposed[uint16]
	case 4:
		return transposed4
	}
	return transposed[uint64]
}

// transposed works in strips of 8 rows, so that what is read and written at one
// time stays in the first cache.
func transposed[T any](dst, src unsafe.Pointer, elem int, row, column copyAxis, rows, columns int) {
	for r := 0; r < rows; r += 8 {
		m := min(8, rows-r)
		for i := range columns {
			from := unsafe.Slice((*T)(unsafe.Add(src, i*column.src+r*elem)), m)
			for k := range from {
				*(*T)(unsafe.Add(dst, (r+k)*row.dst+i*elem)) = from[k]
			}
		}
	}
}

// transposed4 is transposed for elements of 4 bytes.
func transposed4(dst, src unsafe.Pointer, _ int, row, column copyAxis, rows, columns int) {
	transposeForms.Best()(dst, src, row.dst, column.src, columns, rows)
}
