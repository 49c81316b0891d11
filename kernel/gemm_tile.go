package kernel

import (
	"unsafe"

	"github.com/ihae/ihae/internal/cpu"
)

// A tile is a few rows by one panel of columns of a contraction, which stay in
// registers while
//
//	C[i, j] = Σ over taps t and steps p of A[tap[t] + i·aRow + p·aCol] · B[(t·k+p)·bRow + j]
//
// is summed. A matrix product has one tap; a convolution has one for each row
// of its filter. Strides and taps are in bytes. C is overwritten, or added to
// by tileAdd. The generator knows the offsets of the fields.
type tile struct {
	a, b, c    unsafe.Pointer
	k          int // steps of each tap, at least 1
	aRow, aCol int
	bRow, cRow int
	taps       int            // at least 1
	tap        unsafe.Pointer // *[taps]int64
	flags      int
	rows, vecs int       // size; columns in vectors
	mask       [4]uint32 // columns of each vector, as the form wants it
	bias, res  unsafe.Pointer
	cols       int
	form       *tileForm
	low, high  float32 // of tileClamp
}

// Bits of tile.flags, in the order in which they take effect.
const (
	tileAdd   = 1 << iota // add what C holds
	tileBias              // add bias[j]
	tileReLU              // max(x, 0), last
	tileJoin              // add what res holds, which has C's strides
	tileClamp             // min(max(x, low), high), last
)

// tileForm is what a form of the tile kernel can do.
type tileForm struct {
	name  cpu.Form
	lanes int    // columns of a vector
	vecs  int    // most vectors of a tile
	most  [5]int // most rows of a tile of so many vectors
	part  [5]int // the same where the last vector is not full
	rate  int    // about how many FLOPs a nanosecond
	along bool   // A has columns too, as B has: A[tap[t] + i·aRow + p·aCol + 4j]
}

// tileForms are the forms of the tile kernel.
var tileForms = newFamily("tile", &tileForm{
	name: cpu.Plain, lanes: 4, vecs: 4, most: [5]int{0, 4, 4, 4, 4}, part: [5]int{0, 4, 4, 4, 4}, rate: 6,
})

// alongForms are the forms of the tile kernel in which each column of C has an A
// of its own, for convolutions that keep channels apart.
var alongForms = newFamily("along", &tileForm{
	name: cpu.Plain, lanes: 4, vecs: 4, most: [5]int{0, 4, 4, 4, 4}, part: [5]int{0, 4, 4, 4, 4}, rate: 1, along: true,
})

// alongForm is the form of alongForms that goes with f.
func alongForm(f *tileForm) *tileForm {
	var along *tileForm
	for _, x := range alongForms.forms {
		if x.form.AtMost(f.name) {
			along = x.fn
		}
	}
	return along
}

// narrow is the form for n columns: where they fill about half a vector, half as
// wide vectors, of which a processor adds two in the time of a wide one.
func (f *tileForm) narrow(n int) *tileForm {
	if f.along || f.lanes != 16 || n <= 4 || n > 8 {
		return f
	}
	for _, x := range tileForms.forms {
		if x.form == cpu.AVX2 {
			return x.fn
		}
	}
	return f
}

// oneTap is the taps of a matrix product.
var oneTap [1]int64

// width is how many columns the panels of a matrix of n columns have: as few
// panels as possible, about equal, in whole vectors.
func (f *tileForm) width(n int) int {
	panels := ceilDiv(n, f.lanes*f.vecs)
	return ceilDiv(ceilDiv(n, panels), f.lanes) * f.lanes
}

// rows is the most rows of a tile of n columns.
func (f *tileForm) rows(n int) int {
	v := ceilDiv(n, f.lanes)
	if n%f.lanes != 0 {
		return f.part[v]
	}
	return f.most[v]
}

// setCols makes t n columns wide.
func (t *tile) setCols(n int) {
	f := t.form
	t.cols, t.vecs = n, ceilDiv(n, f.lanes)
	for v := range t.vecs {
		lanes := uint32(min(n-v*f.lanes, f.lanes))
		if f.lanes == 16 {
			t.mask[v] = 1<<lanes - 1
		} else {
			t.mask[v] = 4 * (8 - lanes)
		}
	}
}

// strip runs t over m rows of A and C, starting at t.a, t.c and t.res, in tiles
// of about equal height. t is left at the end of the strip.
func (t *tile) strip(m int) {
	most := t.form.rows(t.cols)
	for left := ceilDiv(m, most); left > 0; left-- {
		t.rows = ceilDiv(m, left)
		t.run()
		m -= t.rows
		if m > 0 {
			t.a = unsafe.Add(t.a, t.rows*t.aRow)
			t.c = unsafe.Add(t.c, t.rows*t.cRow)
			if t.flags&tileJoin != 0 {
				t.res = unsafe.Add(t.res, t.rows*t.cRow)
			}
		}
	}
}

// time is about how many nanoseconds flops take.
func (f *tileForm) time(flops int) int { return flops / f.rate }

// floats points at element i of m.
func floats(m Memory, i int) unsafe.Pointer {
	return unsafe.Add(unsafe.Pointer(unsafe.SliceData(m)), 4*i)
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
