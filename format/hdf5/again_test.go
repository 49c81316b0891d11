package hdf5

import (
	"strings"
	"testing"
)

// TestReadingAgainHasAnEnd: there are fewer links in a file than ways to follow
// them.
func TestReadingAgainHasAnEnd(t *testing.T) {
	f, err := Parse(unpack(t, "latest.h5"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	root, err := f.Root()
	if err != nil {
		t.Fatal(err)
	}
	one := f.count.Load()
	if _, err := root.Group("many"); err != nil {
		t.Fatal(err)
	}
	if n := f.count.Load() - one; n < 301 { // its links, and the messages of its header
		t.Errorf("a group of 301 links counts as %d", n)
	}
	f.count.Store(maxCount - 300)
	if _, err := root.Group("many"); err == nil || !strings.Contains(err.Error(), "messages and names") {
		t.Error(err)
	}
}

// TestIndirectBlocksAreSummedOnce, not again for each of many objects: what
// changes in one after that is not noticed.
func TestIndirectBlocksAreSummedOnce(t *testing.T) {
	b := unpack(t, "latest.h5")
	f, err := Parse(b, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	heap := &fractalHeap{}
	for at := 0; heap.rows == 0; at++ { // the first heap that has one
		next := strings.Index(string(b[at:]), "FRHP")
		if at += next; next < 0 {
			t.Fatal("no indirect block in the sample")
		}
		if heap, err = f.fractalHeap(uint64(at)); err != nil {
			t.Fatal(err)
		}
	}
	fresh := *heap
	fresh.checked = map[uint64]bool{}
	if _, err := heap.child(heap.root, heap.rows, 0); err != nil {
		t.Fatal(err)
	}
	b[int(heap.root)+5] ^= 1
	if _, err := heap.child(heap.root, heap.rows, 0); err != nil {
		t.Error(err)
	}
	if _, err := fresh.child(heap.root, heap.rows, 0); err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Error(err)
	}
}
