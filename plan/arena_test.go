package plan

import (
	"slices"
	"testing"

	"github.com/ihae/ihae/tensor"
	"pgregory.net/rapid"
)

// TestBuffersOfOneTimeDoNotOverlap places random buffers in both ways and looks
// at all pairs.
func TestBuffersOfOneTimeDoNotOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &storage{p: &planner{}}
		n := rapid.IntRange(1, 60).Draw(t, "n")
		for range n {
			start := rapid.IntRange(0, 20).Draw(t, "start")
			s.add(rapid.IntRange(0, 1000).Draw(t, "bytes"), start, start+rapid.IntRange(0, 20).Draw(t, "length"))
		}
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		if rapid.Bool().Draw(t, "by size") {
			s.placeBySize(all)
		} else {
			s.placeInTime(all)
		}
		size, peak := s.extent(41)
		total := 0
		for i := range s.buffers {
			a := &s.buffers[i]
			total += round(a.bytes)
			if a.place.Offset%tensor.Align != 0 || a.place.Offset+a.bytes > size {
				t.Errorf("%+v in an arena of %d", a, size)
			}
			for j := range s.buffers[:i] {
				b := &s.buffers[j]
				if a.bytes > 0 && b.bytes > 0 && a.start <= b.end && b.start <= a.end && a.place.Offset < b.place.Offset+b.bytes && b.place.Offset < a.place.Offset+a.bytes {
					t.Errorf("%+v overlaps %+v", a, b)
				}
			}
		}
		if peak > size || size > total {
			t.Errorf("arena %d, peak %d, all buffers %d", size, peak, total)
		}
	})
}

// TestQueueGivesTheFirst compares the heap with sorting.
func TestQueueGivesTheFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		var all []ready
		for i, g := range rapid.SliceOf(rapid.IntRange(0, 5)).Draw(t, "gains") {
			r := ready{gain: g, key: g * i % 3, unit: i}
			q.push(r)
			all = append(all, r)
		}
		slices.SortFunc(all, func(a, b ready) int {
			if a.before(b) {
				return -1
			}
			return 1
		})
		for _, want := range all {
			if got := q.pop(); got != want {
				t.Fatalf("got %+v, want %+v", got, want)
			}
		}
	})
}
