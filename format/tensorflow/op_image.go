package tensorflow

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/format/onnx"
)

func init() {
	register(func(k *call) error { return k.resize("linear") }, "ResizeBilinear")
	register(func(k *call) error { return k.resize("nearest") }, "ResizeNearestNeighbor")
	register((*call).spaceToDepth, "SpaceToDepth")
	register((*call).depthToSpace, "DepthToSpace")
	register((*call).spaceToBatch, "SpaceToBatchND")
	register((*call).batchToSpace, "BatchToSpaceND")
}

// resize brings pictures [N H W C] to a size. Places in the old picture are
// x·old/new; with half_pixel_centers (x+½)·old/new - ½; with align_corners
// x·(old-1)/(new-1). The nearest place is rounded down in the first case.
func (k *call) resize(mode string) error {
	if err := k.takes(2); err != nil {
		return err
	}
	x := k.in[0]
	l := layout{true, 2}
	if r := x.shape.rank(); r >= 0 && r != 4 {
		return fmt.Errorf("input 0 has %d axes, want 4", r)
	}
	how, nearest := "asymmetric", "floor"
	if k.flag("align_corners", false) {
		how, nearest = "align_corners", "round_prefer_ceil"
	} else if k.flag("half_pixel_centers", false) {
		how, nearest = "half_pixel", "round_prefer_ceil"
	}
	s := dimsOf(x.shape.dim(0), unknown, unknown, x.shape.dim(3))
	if x.shape.ranked {
		s.dims[0] = x.shape.dims[0]
	}
	sizes := []size{k.sizeAt(x, 0), k.sizeAt(x, 3)}
	if n := k.in[1].numbers(); n.all() && len(n.list) == 2 {
		s.dims[1], s.dims[2] = sizeOf(n.list[0]), sizeOf(n.list[1])
		sizes = append(sizes, fixed(s.dims[1]), fixed(s.dims[2]))
	} else {
		sizes = append(sizes, size{name: k.sizes(1)})
	}
	typ, name := x.typ, k.channelsFirst(l, x)
	if mode == "linear" && typ != floatType {
		typ, name = floatType, k.cast(name, floatType)
	}
	attrs := []onnx.Attr{onnx.String("mode", mode), onnx.String("coordinate_transformation_mode", how)}
	if mode == "nearest" {
		attrs = append(attrs, onnx.String("nearest_mode", nearest))
	}
	return k.giveBack(l, typ, s, "Resize", []string{name, "", "", k.sizeList(sizes...)}, attrs...)
}

// blocks is the attribute block_size, in the layout of channels last or first.
func (k *call) blocks() (int, layout, error) {
	if err := k.takes(1); err != nil {
		return 0, layout{}, err
	}
	n := k.int("block_size", 2)
	if n < 1 || n > maxWindow {
		return 0, layout{}, fmt.Errorf("block_size %d", n)
	}
	l, err := k.layout(2)
	return n, l, err
}

func scaled(d, up, down int) int {
	if d < 0 || up > 1 && d > maxSize/up {
		return unknown
	}
	return d * up / down
}

func (k *call) spaceToDepth() error {
	n, l, err := k.blocks()
	if err != nil {
		return err
	}
	s := k.in[0].shape
	if s.ranked {
		s = s.with(l.at(0), scaled(s.dim(l.at(0)), 1, n)).with(l.at(1), scaled(s.dim(l.at(1)), 1, n))
		s = s.with(l.channels(), scaled(s.dim(l.channels()), n*n, 1))
	}
	return k.giveBack(l, k.in[0].typ, s, "SpaceToDepth", []string{k.channelsFirst(l, k.in[0])}, onnx.Int("blocksize", int64(n)))
}

func (k *call) depthToSpace() error {
	n, l, err := k.blocks()
	if err != nil {
		return err
	}
	s := k.in[0].shape
	if s.ranked {
		s = s.with(l.at(0), scaled(s.dim(l.at(0)), n, 1)).with(l.at(1), scaled(s.dim(l.at(1)), n, 1))
		s = s.with(l.channels(), scaled(s.dim(l.channels()), 1, n*n))
	}
	return k.giveBack(l, k.in[0].typ, s, "DepthToSpace", []string{k.channelsFirst(l, k.in[0])},
		onnx.Int("blocksize", int64(n)), onnx.String("mode", "DCR"))
}

// blockShape is input 1, the sides of blocks, and input 2, two numbers for each
// axis that has blocks.
func (k *call) blockShape() (blocks []int, pairs [][2]int, product int, err error) {
	if err := k.takes(3); err != nil {
		return nil, nil, 0, err
	}
	if blocks, err = k.constInts(1); err != nil {
		return nil, nil, 0, err
	}
	pairs, ok := k.pairs(2)
	rank := k.in[0].shape.rank()
	product = 1
	for _, b := range blocks {
		if b < 1 || b > maxWindow || product > maxWindow {
			return nil, nil, 0, fmt.Errorf("blocks %v", blocks)
		}
		product *= b
	}
	if !ok || len(pairs) != len(blocks) || rank <= len(blocks) {
		return nil, nil, 0, fmt.Errorf("blocks %v of a tensor with %d axes", blocks, rank)
	}
	return blocks, pairs, product, nil
}

// spaceToBatch makes examples of the places within blocks of the axes behind
// the first: [N H W …] becomes [b·c·N H/b W/c …], after padding.
func (k *call) spaceToBatch() error {
	blocks, pairs, product, err := k.blockShape()
	if err != nil {
		return err
	}
	x, m := k.in[0], len(blocks)
	rank := len(x.shape.dims)
	all := slices.Concat([][2]int{{}}, pairs, make([][2]int, rank-1-m))
	padded := &value{typ: x.typ, shape: x.shape.padded(all), name: k.node("Pad", []string{k.use(x), k.padSizes(all)})}
	n := k.sizeAt(padded, 0)
	wide, narrow := []size{n}, []size{k.times(n, product)}
	var perm []int
	rest := []int{0}
	for i, b := range blocks {
		d := k.over(k.sizeAt(padded, i+1), b)
		wide, narrow = append(wide, d, fixed(b)), append(narrow, d)
		perm, rest = append(perm, 2*i+2), append(rest, 2*i+1)
	}
	for a := m + 1; a < rank; a++ {
		d := k.sizeAt(padded, a)
		wide, narrow = append(wide, d), append(narrow, d)
		rest = append(rest, m+a)
	}
	y := k.node("Reshape", []string{padded.name, k.sizeList(wide...)})
	y = k.node("Transpose", []string{y}, onnx.Ints("perm", int64s(append(perm, rest...))...))
	return k.give(x.typ, shapeOfSizes(narrow), "Reshape", []string{y, k.sizeList(narrow...)})
}

// batchToSpace undoes spaceToBatch; the pairs are what is cut off.
func (k *call) batchToSpace() error {
	blocks, pairs, product, err := k.blockShape()
	if err != nil {
		return err
	}
	x, m := k.in[0], len(blocks)
	rank := len(x.shape.dims)
	n := k.over(k.sizeAt(x, 0), product)
	var wide []size
	for _, b := range blocks {
		wide = append(wide, fixed(b))
	}
	wide = append(wide, n)
	narrow := []size{n}
	perm := []int{m}
	axes, starts, ends := []int{}, []int{}, []int{}
	for a := 1; a < rank; a++ {
		d := k.sizeAt(x, a)
		wide = append(wide, d)
		perm = append(perm, m+a)
		if a > m {
			narrow = append(narrow, d)
			continue
		}
		perm = append(perm, a-1)
		narrow = append(narrow, k.times(d, blocks[a-1]))
		axes, starts, ends = append(axes, a), append(starts, pairs[a-1][0]), append(ends, -pairs[a-1][1])
		if pairs[a-1][1] == 0 {
			ends[a-1] = 1<<31 - 1
		}
	}
	y := k.node("Reshape", []string{k.use(x), k.sizeList(wide...)})
	y = k.node("Transpose", []string{y}, onnx.Ints("perm", int64s(perm)...))
	y = k.node("Reshape", []string{y, k.sizeList(narrow...)})
	s := shapeOfSizes(narrow)
	for i, p := range pairs {
		if d := s.dims[i+1]; d >= 0 {
			s = s.with(i+1, max(0, d-p[0]-p[1]))
		}
	}
	return k.give(x.typ, s, "Slice", []string{y, k.list(starts...), k.list(ends...), k.list(axes...)})
}

func shapeOfSizes(list []size) shape {
	dims := make([]int, len(list))
	for i, s := range list {
		dims[i] = s.dim()
	}
	return dimsOf(dims...)
}
