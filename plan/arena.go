package plan

import (
	"cmp"
	"slices"

	"github.com/ihae/ihae/tensor"
)

// sortedLimit is how many buffers are placed by size, which takes time in the
// square of their number; more are placed in the order of time.
const sortedLimit = 4096

func round(n int) int { return (n + tensor.Align - 1) &^ (tensor.Align - 1) }

// arena gives an offset to every buffer that lies there, such that no two that
// are needed in one step overlap.
func (s *storage) arena() {
	var at []int
	for i := range s.buffers {
		if s.buffers[i].place.Space == Arena {
			at = append(at, i)
		}
	}
	if len(at) <= sortedLimit {
		slices.SortStableFunc(at, func(a, b int) int { return cmp.Compare(s.buffers[b].bytes, s.buffers[a].bytes) })
		s.placeBySize(at)
	} else {
		s.placeInTime(at)
	}
}

// placeBySize puts the largest buffers first, each into the smallest gap that
// holds it between those that live at the same time (Pisarchyk and Lee,
// "Efficient Memory Management for Deep Neural Net Inference", 2020).
func (s *storage) placeBySize(order []int) {
	var placed []int // by rising offset
	for _, i := range order {
		b := &s.buffers[i]
		end, best, gap := 0, -1, 0
		for _, j := range placed {
			o := &s.buffers[j]
			if o.start > b.end || o.end < b.start {
				continue
			}
			if free := o.place.Offset - end; free >= round(b.bytes) && (best < 0 || free < gap) {
				best, gap = end, free
			}
			end = max(end, o.place.Offset+round(o.bytes))
		}
		if best < 0 {
			best = end
		}
		b.place.Offset = best
		k, _ := slices.BinarySearchFunc(placed, best, func(j, off int) int { return cmp.Compare(s.buffers[j].place.Offset, off) })
		placed = slices.Insert(placed, k, i)
	}
}

// span is free memory.
type span struct{ offset, bytes int }

// placeInTime walks the steps: a buffer takes the smallest free span that holds
// it when it starts, and gives it back when it ends.
func (s *storage) placeInTime(order []int) {
	ends := slices.Clone(order)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(s.buffers[a].start, s.buffers[b].start) })
	slices.SortStableFunc(ends, func(a, b int) int { return cmp.Compare(s.buffers[a].end, s.buffers[b].end) })
	var free []span
	top := 0
	for _, i := range order {
		b := &s.buffers[i]
		for len(ends) > 0 && s.buffers[ends[0]].end < b.start {
			o := &s.buffers[ends[0]]
			free = giveBack(free, span{o.place.Offset, round(o.bytes)})
			ends = ends[1:]
		}
		b.place.Offset, free, top = takeSpan(free, round(b.bytes), top)
	}
}

// takeSpan takes bytes from the smallest span that holds them, or from the top.
func takeSpan(free []span, bytes, top int) (offset int, rest []span, newTop int) {
	best := -1
	for i, f := range free {
		if f.bytes >= bytes && (best < 0 || f.bytes < free[best].bytes) {
			best = i
		}
	}
	if best < 0 {
		return top, free, top + bytes
	}
	offset = free[best].offset
	if free[best].bytes == bytes {
		return offset, slices.Delete(free, best, best+1), top
	}
	free[best].offset += bytes
	free[best].bytes -= bytes
	return offset, free, top
}

// giveBack adds a span to those that are free, joined with its neighbours.
func giveBack(free []span, f span) []span {
	i, _ := slices.BinarySearchFunc(free, f.offset, func(o span, off int) int { return cmp.Compare(o.offset, off) })
	free = slices.Insert(free, i, f)
	if i+1 < len(free) && free[i].offset+free[i].bytes == free[i+1].offset {
		free[i].bytes += free[i+1].bytes
		free = slices.Delete(free, i+1, i+2)
	}
	if i > 0 && free[i-1].offset+free[i-1].bytes == free[i].offset {
		free[i-1].bytes += free[i].bytes
		free = slices.Delete(free, i, i+1)
	}
	return free
}

// extent is the bytes of the arena, and the most that are needed in one step.
func (s *storage) extent(steps int) (size, peak int) {
	change := make([]int, steps+2)
	for i := range s.buffers {
		if b := &s.buffers[i]; b.place.Space == Arena {
			size = max(size, b.place.Offset+round(b.bytes))
			change[b.start] += round(b.bytes)
			change[b.end+1] -= round(b.bytes)
		}
	}
	live := 0
	for _, c := range change {
		live += c
		peak = max(peak, live)
	}
	return size, peak
}
