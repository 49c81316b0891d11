//go:build !purego && amd64

package kernel

import (
	"unsafe"

	"github.com/ihae/ihae/internal/cpu"
)

func init() {
	tileForms.add(cpu.AVX2, &tileForm{
		name: cpu.AVX2, lanes: 8, vecs: 2, most: [5]int{0, 6, 6}, part: [5]int{0, 6, 5}, rate: 50,
	})
	tileForms.add(cpu.AVX512, &tileForm{
		name: cpu.AVX512, lanes: 16, vecs: 4, most: [5]int{0, 14, 14, 9, 6}, part: [5]int{0, 14, 14, 9, 6}, rate: 90,
	})
	alongForms.add(cpu.AVX2, &tileForm{
		name: cpu.AVX2, lanes: 8, vecs: 2, most: [5]int{0, 6, 4}, part: [5]int{0, 6, 4}, rate: 25, along: true,
	})
	alongForms.add(cpu.AVX512, &tileForm{
		name: cpu.AVX512, lanes: 16, vecs: 2, most: [5]int{0, 8, 8}, part: [5]int{0, 8, 8}, rate: 40, along: true,
	})
	transposeForms.add(cpu.AVX2, transposeAVX2)
	sumForms.add(cpu.AVX2, sumAVX2)
	dotForms.add(cpu.AVX2, dotAVX2)
}

// run computes one tile of t.rows rows.
func (t *tile) run() {
	part := t.cols%8 != 0
	switch f := t.form; {
	case f.lanes == 16 && f.along:
		along512(t)
	case f.lanes == 16:
		tile512(t)
	case f.lanes == 8 && f.along && part:
		along256m(t)
	case f.lanes == 8 && f.along:
		along256(t)
	case f.lanes == 8 && part:
		tile256m(t)
	case f.lanes == 8:
		tile256(t)
	default:
		tilePlain(t)
	}
}

//go:noescape
func transpose256(dst, src unsafe.Pointer, dstRow, srcRow, blocks int)

// transposeAVX2 does whole blocks of 8 by 8 with vectors.
func transposeAVX2(dst, src unsafe.Pointer, dstRow, srcRow, rows, cols int) {
	whole := cols &^ 7
	i := 0
	for ; i+8 <= rows && whole > 0; i += 8 {
		transpose256(unsafe.Add(dst, 4*i), unsafe.Add(src, i*srcRow), dstRow, srcRow, whole/8)
	}
	if i < rows {
		transposePlain(unsafe.Add(dst, 4*i), unsafe.Add(src, i*srcRow), dstRow, srcRow, rows-i, whole)
	}
	if whole < cols {
		transposePlain(unsafe.Add(dst, whole*dstRow), unsafe.Add(src, 4*whole), dstRow, srcRow, rows, cols-whole)
	}
}

//go:noescape
func sum256(dst, src unsafe.Pointer, stride, parts, blocks int)

// sumAVX2 does whole blocks of 32 elements with vectors.
func sumAVX2(dst, src []float32, stride, parts int) {
	whole := len(dst) &^ 31
	if whole > 0 {
		sum256(unsafe.Pointer(&dst[0]), unsafe.Pointer(&src[0]), 4*stride, parts, whole/32)
	}
	if whole < len(dst) {
		sumPlain(dst[whole:], src[whole:], stride, parts)
	}
}

//go:noescape
func dot256(sums *[4]float32, x, v unsafe.Pointer, xRow, blocks int)

// dotAVX2 does four rows at a time, and whole blocks of 16 elements of them,
// with vectors.
func dotAVX2(dst []float32, step int, x []float32, xRow int, v []float32, n int) {
	blocks := len(v) / 16
	if blocks == 0 {
		dotPlain(dst, step, x, xRow, v, n)
		return
	}
	for i := 0; i < n; {
		rows, apart := 4, 4*xRow
		if n-i < 4 {
			rows, apart = 1, 0
		}
		var sums [4]float32
		dot256(&sums, pointer(x[i*xRow:]), pointer(v), apart, blocks)
		for r := range rows {
			row := x[(i+r)*xRow:][:len(v)]
			for k := 16 * blocks; k < len(v); k++ {
				sums[r] += row[k] * v[k]
			}
			dst[(i+r)*step] = sums[r]
		}
		i += rows
	}
}
