package kernel

import (
	"slices"
	"unsafe"
)

// StridedCopy copies element by element: the element at dstOff + Σ i·dst of the
// result becomes the element at srcOff + Σ i·src of the operand, for every index
// i of the space. elem is the bytes of an element: 1, 2, 4 or 8. Strides and
// offsets are in elements; they may be negative, and 0 in src. It writes nothing
// else of the result. It is nil for other sizes of elements and for spaces of
// more than 16 axes that cannot be merged.
//
// Operands: the source; result: the destination.
func StridedCopy(elem int, space, dst, src []int, dstOff, srcOff int) *Code {
	c := newCopier(elem, space, dst, src, dstOff, srcOff)
	switch {
	case c == nil:
		return nil
	case c.pieces() == 0:
		return &Code{}
	}
	return &Code{Phases: []Phase{c.phase(0)}}
}

// copier is a copy cut into tiles of its two innermost axes. Tiles are numbered
// in order of the destination.
type copier struct {
	elem           int
	axes           []copyAxis // outermost first, at least two
	dstOff, srcOff int        // bytes
	kernel         moveKernel
	perPiece       int // tiles
	tiles          int
}

type copyAxis struct {
	size     int
	dst, src int // bytes
	tile     int
	tiles    int
}

// moveKernel copies rows by columns elements.
type moveKernel func(dst, src unsafe.Pointer, elem int, row, column copyAxis, rows, columns int)

func newCopier(elem int, space, dst, src []int, dstOff, srcOff int) *copier {
	if elem != 1 && elem != 2 && elem != 4 && elem != 8 {
		return nil
	}
	c := &copier{elem: elem, dstOff: dstOff * elem, srcOff: srcOff * elem}
	for i, d := range space {
		if d != 1 {
			c.axes = append(c.axes, copyAxis{size: d, dst: dst[i] * elem, src: src[i] * elem})
		}
	}
	slices.SortStableFunc(c.axes, func(a, b copyAxis) int { return magnitude(b.dst) - magnitude(a.dst) })
	c.merge()
	for len(c.axes) < 2 {
		c.axes = slices.Insert(c.axes, 0, copyAxis{size: 1})
	}
	if len(c.axes) > maxAxes {
		return nil
	}
	c.choose()
	return c
}

func magnitude(x int) int { return max(x, -x) }

// merge joins neighbouring axes that are one in both operands.
func (c *copier) merge() {
	kept := c.axes[:0]
	for _, a := range c.axes {
		if n := len(kept); n > 0 {
			if o := &kept[n-1]; o.dst == a.dst*a.size && o.src == a.src*a.size {
				*o = copyAxis{size: o.size * a.size, dst: a.dst, src: a.src}
				continue
			}
		}
		kept = append(kept, a)
	}
	c.axes = kept
}

// choose picks the kernel and the tiles.
func (c *copier) choose() {
	const tileBytes = 32 << 10
	n := len(c.axes)
	inner := &c.axes[n-1]
	rows, columns := 1, max(1, min(inner.size, tileBytes/c.elem))
	switch {
	case inner.dst == c.elem && inner.src == c.elem:
		c.kernel = moveRuns
		rows = max(1, tileBytes/(c.elem*columns))
	case inner.dst == c.elem && inner.src == 0:
		c.kernel = moveFill
		rows = max(1, tileBytes/(c.elem*columns))
	default:
		c.kernel = moveStrided(c.elem)
		rows = max(1, tileBytes/(c.elem*columns))
		if i := c.straightSource(); inner.dst == c.elem && i >= 0 {
			// The axis along which the source is straight becomes the rows.
			a := c.axes[i]
			c.axes = slices.Insert(slices.Delete(c.axes, i, i+1), n-2, a)
			c.kernel = moveTransposed(c.elem)
			rows, columns = 64, 64
		}
	}
	c.tiles = 1
	for i := range c.axes {
		a := &c.axes[i]
		a.tile = 1
		switch i {
		case n - 1:
			a.tile = columns
		case n - 2:
			a.tile = rows
		}
		a.tiles = (a.size + a.tile - 1) / a.tile
		c.tiles *= a.tiles
	}
	bytes := c.elem * min(rows, max(1, c.axes[n-2].size)) * min(columns, max(1, c.axes[n-1].size))
	c.perPiece = max(1, 2*tileBytes/max(1, bytes))
}

// straightSource is the axis, other than the innermost, along which the source
// is straight, or -1.
func (c *copier) straightSource() int {
	for i := range len(c.axes) - 1 {
		if c.axes[i].src == c.elem && c.axes[i].size >= 4 {
			return i
		}
	}
	return -1
}

func (c *copier) pieces() int { return (c.tiles + c.perPiece - 1) / c.perPiece }

// phase copies operand k.
func (c *copier) phase(k int) Phase {
	work := 2 * c.tiles
	for _, a := range c.axes {
		work = max(work, 1) * max(a.size, 1) / max(a.tiles, 1)
	}
	return Phase{
		Pieces: c.pieces(),
		Work:   c.tiles*20 + work*c.elem/8,
		Run:    func(a *Args, piece int, _ Memory) { c.run(a.Out[0], a.In[k], piece) },
	}
}

// run copies the tiles of one piece.
func (c *copier) run(dst, src Memory, piece int) {
	var index [maxAxes]int // of tiles
	n := len(c.axes)
	tile := piece * c.perPiece
	to, from := c.dstOff, c.srcOff
	for i, t := n-1, tile; i >= 0; i-- {
		a := &c.axes[i]
		index[i], t = t%a.tiles, t/a.tiles
		to += index[i] * a.tile * a.dst
		from += index[i] * a.tile * a.src
	}
	row, column := c.axes[n-2], c.axes[n-1]
	for end := min(tile+c.perPiece, c.tiles); tile < end; tile++ {
		rows := min(row.tile, row.size-index[n-2]*row.tile)
		columns := min(column.tile, column.size-index[n-1]*column.tile)
		c.kernel(unsafe.Add(base(dst), to), unsafe.Add(base(src), from), c.elem, row, column, rows, columns)
		for i := n - 1; i >= 0; i-- {
			a := &c.axes[i]
			index[i]++
			to, from = to+a.tile*a.dst, from+a.tile*a.src
			if index[i] < a.tiles {
				break
			}
			index[i] = 0
			to, from = to-a.tiles*a.tile*a.dst, from-a.tiles*a.tile*a.src
		}
	}
}
