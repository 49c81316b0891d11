package kernel

// Convolutions that keep channels apart read much for what they compute, so what
// counts is from which cache a line comes, and how often. The middle columns of a wide
// image are computed from where it lies; only the few under the left and the right
// border are copied between zeros. Rows are cut into blocks that stay in the first
// cache while the filter goes down.

const (
	blockLimit = 24 << 10 // bytes of input under the filter's rows and a block of columns
)

// columns are the sweeps of the left border, the middle and the right border of w,
// which keeps channels apart; w alone where it is better to copy.
func (w sweep) columns() []*sweep {
	left := min(max(ceilDiv(-w.x0, w.sx), 0), w.ow)
	right := w.ow - min(max(floorDiv(w.iw-1-(w.kw-1)*w.dx-w.x0, w.sx)+1, left), w.ow)
	if !w.worth(w.ow-left-right) || w.crowded() {
		return []*sweep{&w}
	}
	var all []*sweep
	for _, part := range [][2]int{{0, left}, {left, w.ow - right}, {w.ow - right, w.ow}} {
		v := w
		v.direct = true
		v.x0, v.ow, v.outAt = w.x0+part[0]*w.sx, part[1]-part[0], w.outAt+part[0]*w.outCol
		if v.ow > 0 {
			all = append(all, &v)
		}
	}
	return all
}

// worth says whether so many columns in the middle pay for the borders. With a stride
// there is more to copy for each of them.
func (w *sweep) worth(middle int) bool {
	if w.sx > 1 {
		return middle >= 12
	}
	return middle >= 40
}

// crowded says whether the same channels of neighbouring pixels lie in so few lines of
// the first cache, of 64 sets of 8 lines, that a block of them does not stay there.
func (w *sweep) crowded() bool {
	lines := w.whole * 4 / 64
	return lines > 0 && lines%16 == 0
}

// block is how many columns of output are computed for all rows of a strip before the
// next: all where channels are not kept apart.
func (w *sweep) block() int {
	if !w.form.along {
		return w.ow
	}
	most := w.form.most[w.width/w.form.lanes]
	pixels := blockLimit / (4 * w.width * max(w.kh, 1))
	n := max((pixels-(w.kw-1)*w.dx-1)/w.sx+1, most)
	return ceilDiv(ceilDiv(w.ow, ceilDiv(w.ow, n)), most) * most
}
