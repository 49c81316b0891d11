//go:build amd64 && !purego

package cpu

import "golang.org/x/sys/cpu"

// detect asks the processor and, through XGETBV, the operating system.
func detect() []Form {
	x := cpu.X86
	forms := []Form{Plain}
	if !x.HasAVX2 || !x.HasFMA {
		return forms
	}
	forms = append(forms, AVX2)
	if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL {
		forms = append(forms, AVX512)
	}
	return forms
}

// VNNI says whether this machine has the AVX-512 instructions for dot products
// of bytes.
func VNNI() bool { return cpu.X86.HasAVX512VNNI }
