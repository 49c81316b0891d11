//go:build !amd64 || purego

package exec

// pause waits about as long as n loads of a cache line take.
//
//go:noinline
func pause(n int) {
	for range n * 16 {
		_ = n
	}
}
