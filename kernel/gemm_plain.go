package kernel

import "unsafe"

// tilePlain is the definition of a tile in float32, in blocks of two rows by
// four columns, which is what sixteen registers hold. It counts offsets rather
// than moving pointers, since a pointer past the end of an operand must not live.
func tilePlain(t *tile) {
	if t.form.along {
		t.plainAlong()
		return
	}
	for i := 0; i < t.rows; i += 2 {
		for j := 0; j < t.cols; j += 4 {
			if i+2 <= t.rows && j+4 <= t.cols {
				t.block(i, j)
				continue
			}
			for r := i; r < min(i+2, t.rows); r++ {
				for c := j; c < min(j+4, t.cols); c++ {
					t.finish(r, c, t.dot(r, c))
				}
			}
		}
	}
}

// block computes C[i…i+1, j…j+3].
func (t *tile) block(i, j int) {
	var c00, c01, c02, c03, c10, c11, c12, c13 float32
	b, aRow, aCol, bRow := 4*j, t.aRow, t.aCol, t.bRow
	for tap := range t.taps {
		a := t.offset(tap) + i*aRow
		for range t.k {
			row := (*[4]float32)(unsafe.Add(t.b, b))
			b0, b1, b2, b3 := row[0], row[1], row[2], row[3]
			a0, a1 := *(*float32)(unsafe.Add(t.a, a)), *(*float32)(unsafe.Add(t.a, a+aRow))
			c00 += a0 * b0
			c01 += a0 * b1
			c02 += a0 * b2
			c03 += a0 * b3
			c10 += a1 * b0
			c11 += a1 * b1
			c12 += a1 * b2
			c13 += a1 * b3
			a += aCol
			b += bRow
		}
	}
	for c, v := range [4]float32{c00, c01, c02, c03} {
		t.finish(i, j+c, v)
	}
	for c, v := range [4]float32{c10, c11, c12, c13} {
		t.finish(i+1, j+c, v)
	}
}

// dot is the sum of C[i, j].
func (t *tile) dot(i, j int) float32 {
	var sum float32
	b := 4 * j
	for tap := range t.taps {
		a := t.offset(tap) + i*t.aRow
		for range t.k {
			sum += *(*float32)(unsafe.Add(t.a, a)) * *(*float32)(unsafe.Add(t.b, b))
			a += t.aCol
			b += t.bRow
		}
	}
	return sum
}

// plainAlong is tilePlain where A has columns.
func (t *tile) plainAlong() {
	for i := range t.rows {
		for j := range t.cols {
			var sum float32
			b := 4 * j
			for tap := range t.taps {
				a := t.offset(tap) + i*t.aRow + 4*j
				for range t.k {
					sum += *(*float32)(unsafe.Add(t.a, a)) * *(*float32)(unsafe.Add(t.b, b))
					a += t.aCol
					b += t.bRow
				}
			}
			t.finish(i, j, sum)
		}
	}
}

// finish adds to the sum v of C[i, j] what the flags ask for and stores it.
func (t *tile) finish(i, j int, v float32) {
	at := i*t.cRow + 4*j
	c := (*float32)(unsafe.Add(t.c, at))
	if t.flags&tileAdd != 0 {
		v += *c
	}
	if t.flags&tileBias != 0 {
		v += *(*float32)(unsafe.Add(t.bias, 4*j))
	}
	if t.flags&tileJoin != 0 {
		v += *(*float32)(unsafe.Add(t.res, at))
	}
	if t.flags&tileReLU != 0 {
		v = max(v, 0)
	}
	if t.flags&tileClamp != 0 {
		v = min(max(v, t.low), t.high)
	}
	*c = v
}

func (t *tile) offset(tap int) int { return int(*(*int64)(unsafe.Add(t.tap, 8*tap))) }
