//go:build unix

package kernel

import (
	"os"
	"syscall"
	"testing"
)

// fenced is memory for n elements that ends where a page begins which may not
// be touched: a kernel that looks behind its operand stops the test.
func fenced(tb testing.TB, n int) Memory {
	page := os.Getpagesize()
	size := max(ceilDiv(4*n, page), 1) * page
	m, err := syscall.Mmap(-1, 0, size+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		tb.Fatalf("map %d bytes: %v", size+page, err)
	}
	if err := syscall.Mprotect(m[size:], syscall.PROT_NONE); err != nil {
		tb.Fatalf("protect: %v", err)
	}
	tb.Cleanup(func() {
		if err := syscall.Munmap(m); err != nil {
			tb.Errorf("unmap: %v", err)
		}
	})
	return Memory(m[size-4*n : size : size])
}
