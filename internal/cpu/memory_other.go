//go:build !linux

package cpu

// Memory is the bytes of memory that this machine has; 0: the system is not
// asked.
func Memory() int64 { return 0 }
