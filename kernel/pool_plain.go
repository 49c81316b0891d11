package kernel

import "unsafe"

// poolTable is one form of the window kernels. They treat pixels windows of
// ntaps taps, each n channels; taps are distances in bytes (int64) from the
// first tap, steps are bytes from one window to the next.
type poolTable struct {
	max, sum func(y, x, taps unsafe.Pointer, ntaps, pixels, xStep, yStep, n int)
	pick     func(y, x, g, taps unsafe.Pointer, ntaps, pixels, xStep, yStep, n int)
	scatter  func(dx, x, dy, taps unsafe.Pointer, ntaps, pixels, xStep, yStep, n int)
	spread   func(dx, dy, taps unsafe.Pointer, ntaps, pixels, xStep, yStep, n int)
}

var poolForms = newFamily("pool", &poolPlain)

var poolPlain = poolTable{
	max: poolMaxPlain, sum: poolSumPlain, pick: poolPickPlain, scatter: poolScatterPlain, spread: poolSpreadPlain,
}

// above says whether x takes the place of the largest element so far.
func above(x, largest float32) bool { return x > largest || x != x && largest == largest }

func poolMaxPlain(y, x, taps unsafe.Pointer, ntaps, pixels, xStep, yStep, n int) {
	list := unsafe.Slice((*int64)(taps), ntaps)
	for i := range pixels {
		d, from := f32(unsafe.Add(y, i*yStep), n), unsafe.Add(x, i*xStep)
		copy(d, f32(unsafe.Add(from, list[0]), n))
		for _, t := range list[1:] {
			for c, v := range f32(unsafe.Add(from, t), n) {
				d[c] = max(d[c], v)
			}
		}
	}
}

func poolSumPlain(y, x, taps unsafe.Pointer, ntaps, pixels, xStep, yStep, n int) {
	list := unsafe.Slice((*int64)(taps), ntaps)
	for i := range pixels {
		d, from := f32(unsafe.Add(y, i*yStep), n), unsafe.Add(x, i*xStep)
		copy(d, f32(unsafe.Add(from, list[0]), n))
		for _, t := range list[1:] {
			for c, v := range f32(unsafe.Add(from, t), n) {
				d[c] += v
			}
		}
	}
}

// first is the tap of the first largest element of channel c.
func first(from unsafe.Pointer, list []int64, c int) int64 {
	best := list[0]
	largest := *(*float32)(at(unsafe.Add(from, best), c))
	for _, t := range list[1:] {
		if v := *(*float32)(at(unsafe.Add(from, t), c)); above(v, largest) {
			best, largest = t, v
		}
	}
	return best
}

func poolPickPlain(y, x, g, taps unsafe.Pointer, ntaps, pixels, xStep, yStep, n int) {
	list := unsafe.Slice((*int64)(taps), ntaps)
	for i := range pixels {
		d, from, pick := f32(unsafe.Add(y, i*yStep), n), unsafe.Add(x, i*xStep), unsafe.Add(g, i*xStep)
		for c := range d {
			d[c] = *(*float32)(at(unsafe.Add(pick, first(from, list, c)), c))
		}
	}
}

func poolScatterPlain(dx, x, dy, taps unsafe.Pointer, ntaps, pixels, xStep, yStep, n int) {
	list := unsafe.Slice((*int64)(taps), ntaps)
	for i := range pixels {
		from, to := unsafe.Add(x, i*xStep), unsafe.Add(dx, i*xStep)
		for c, v := range f32(unsafe.Add(dy, i*yStep), n) {
			*(*float32)(at(unsafe.Add(to, first(from, list, c)), c)) += v
		}
	}
}

func poolSpreadPlain(dx, dy, taps unsafe.Pointer, ntaps, pixels, xStep, yStep, n int) {
	list := unsafe.Slice((*int64)(taps), ntaps)
	for i := range pixels {
		g, to := f32(unsafe.Add(dy, i*yStep), n), unsafe.Add(dx, i*xStep)
		for _, t := range list {
			d := f32(unsafe.Add(to, t), n)
			for c, v := range g {
				d[c] += v
			}
		}
	}
}
