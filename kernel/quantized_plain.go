package kernel

import (
	"math"
	"math/bits"
	"unsafe"
)

// quantizedPlain is the definition of a tile of bytes in groups of four.
func quantizedPlain(t *quantizedTile, rows int) {
	const width = 16
	start := (*[width]int32)(t.start)
	for i := range rows {
		sums := *start
		if t.rowStart != nil {
			for j := range sums {
				sums[j] += unsafe.Slice((*int32)(t.rowStart), rows)[i]
			}
		}
		a := unsafe.Slice((*uint8)(unsafe.Add(t.a, i*t.aRow)), 4*t.steps)
		b := unsafe.Slice((*int8)(t.b), 4*width*t.steps)
		for s := range t.steps {
			g, row := a[4*s:][:4], b[4*width*s:][:4*width]
			for j := range sums {
				sums[j] += int32(g[0])*int32(row[4*j]) + int32(g[1])*int32(row[4*j+1]) +
					int32(g[2])*int32(row[4*j+2]) + int32(g[3])*int32(row[4*j+3])
			}
		}
		c := unsafe.Add(t.c, i*t.cRow)
		for j, v := range sums[:bits.Len(uint(t.mask))] {
			t.write(c, j, v)
		}
	}
}

// write makes element j of the row at c of a sum.
func (t *quantizedTile) write(c unsafe.Pointer, j int, sum int32) {
	if t.scales == nil {
		*(*int32)(at(c, j)) = sum
		return
	}
	v := float32(sum) * *(*float32)(at(t.scales, j))
	if t.bytes == nil {
		*(*float32)(at(c, j)) = v
		return
	}
	step := (*byteLanes)(t.bytes)
	low, high := step[1][0], step[2][0]
	if v = float32(math.RoundToEven(float64(v))) + step[0][0]; !(v > low) {
		v = low
	}
	*(*byte)(unsafe.Add(c, j)) = byte(int32(min(v, high)))
}
