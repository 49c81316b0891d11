package kernel

import (
	"math"
	"unsafe"
)

func topPlain(s unsafe.Pointer, rows, width int, top unsafe.Pointer) {
	t := f32(top, width)
	for r := range rows {
		for c, v := range f32(at(s, r*width), width) {
			if v > t[c] {
				t[c] = v
			}
		}
	}
}

func expPlain(s unsafe.Pointer, rows, width int, shift, sum unsafe.Pointer) {
	from, total := f32(shift, width), f32(sum, width)
	for r := range rows {
		row := f32(at(s, r*width), width)
		for c, v := range row {
			row[c] = float32(math.Exp(float64(v - from[c])))
			total[c] += row[c]
		}
	}
}

func gradPlain(s unsafe.Pointer, rows, width int, shift, delta, ds unsafe.Pointer) {
	from, less := f32(shift, width), f32(delta, width)
	for r := range rows {
		row, d := f32(at(s, r*width), width), f32(at(ds, r*width), width)
		for c, v := range row {
			row[c] = float32(math.Exp(float64(v - from[c])))
			d[c] = row[c] * (d[c] - less[c])
		}
	}
}
