//go:build !purego

package exec

// pause waits for n PAUSE instructions: 30 to 140 cycles each, in which the
// other thread of the core has it for itself.
//
//go:noescape
func pause(n int)
