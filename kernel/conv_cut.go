package kernel

import "unsafe"

const (
	scratchLimit = 192 << 10 // bytes of padded rows, so that they stay in cache
	panelLimit   = 640 << 10 // bytes of a panel, likewise
)

// cuts say how sweeps are cut into pieces: images of a piece, strips of rows of
// an image and parts of the panels. Few images are cut by panels first, so that
// no piece reads a large filter whole.
type cuts struct{ images, strips, parts int }

func cutSweeps(n int, all []*sweep) cuts {
	flops := 0
	for _, w := range all {
		flops += w.flops()
	}
	c := cuts{images: min(max(1<<20/max(flops, 1), 1), ceilDiv(n, 16)), strips: 1, parts: 1}
	if flops > 1<<20 {
		c.parts = min(all[0].panels, ceilDiv(16, n))
	}
	small := func() bool { return n*c.strips*c.parts < 16 && flops/(c.strips*c.parts) > 2e6 }
	for c.strips < all[0].oh && (scratch(all, c.strips) > scratchLimit || small()) {
		c.strips++
	}
	return c
}

// flops are those of a plane of output.
func (w *sweep) flops() int { return 2 * w.oh * w.ow * w.oc * w.depth() }

// scratch is the bytes of padded rows under a strip.
func scratch(all []*sweep, strips int) int {
	most := 0
	for _, w := range all {
		if w.padded {
			rows := min((ceilDiv(w.oh, strips)-1)*w.sy+(w.kh-1)*w.dy+1, w.ih)
			most = max(most, 4*rows*w.span*w.pixel)
		}
	}
	return most
}

// copyRows copies rows from…to of an image to dst: of each pixel w.pixel channels
// from channel at on, of each row the span of pixels from w.x0, with zeros where
// that lies outside the image. Neighbouring pixels of many channels lie in the
// same few lines of the first cache, so that filters which see few of the channels
// get copies of these.
func (w *sweep) copyRows(dst, src []float32, from, to, at int) {
	if w.pixel == w.whole {
		padRows(dst, src, from, to, w.span, w.x0, w.iw, w.whole)
		return
	}
	left := min(max(-w.x0, 0), w.span)
	right := max(min(w.iw-w.x0, w.span), left)
	for y := from; y < to; y++ {
		row := dst[(y-from)*w.span*w.pixel:][:w.span*w.pixel]
		clear(row[:left*w.pixel])
		clear(row[right*w.pixel:])
		if left < right {
			image := src[(y*w.iw+w.x0+left)*w.whole+at:]
			copyPixels(pointer(row[left*w.pixel:]), pointer(image), right-left, 4*w.whole, 4*w.pixel, min(w.pixel, w.whole-at))
		}
	}
}

// copyPixels copies n elements of each of so many pixels, which lie srcStep and
// dstStep bytes apart.
func copyPixels(dst, src unsafe.Pointer, pixels, srcStep, dstStep, n int) {
	poolForms.Best().sum(dst, src, unsafe.Pointer(&oneTap), 1, pixels, srcStep, dstStep, n) // the sum of one
}

// padRows copies rows from…to of src, an image whose rows have iw pixels of c
// elements, to dst: of each row the span of pixels from x0, with zeros where
// that lies outside the image.
func padRows(dst, src []float32, from, to, span, x0, iw, c int) {
	left := min(max(-x0, 0), span)
	right := max(min(iw-x0, span), left)
	for y := from; y < to; y++ {
		row := dst[(y-from)*span*c:][:span*c]
		clear(row[:left*c])
		if right > left {
			copy(row[left*c:right*c], src[(y*iw+x0+left)*c:])
		}
		clear(row[right*c:])
	}
}
