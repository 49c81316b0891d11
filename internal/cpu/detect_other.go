//go:build !amd64 || purego

package cpu

func detect() []Form { return []Form{Plain} }

// VNNI says whether this machine has the AVX-512 instructions for dot products
// of bytes.
func VNNI() bool { return false }
