package kernel

import "unsafe"

// quantizedPlain is the definition of a tile of bytes in groups of four.
func quantizedPlain(t *quantizedTile, rows int) {
	const width = 16
	start := (*[width]int32)(t.start)
	for i := range rows {
		sums := *start
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
		if t.scales == nil {
			*(*[width]int32)(c) = sums
			continue
		}
		for j, v := range sums {
			(*[width]float32)(c)[j] = float32(v) * (*[width]float32)(t.scales)[j]
		}
	}
}
