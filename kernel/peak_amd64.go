//go:build !purego && amd64

package kernel

import "github.com/ihae/ihae/internal/cpu"

func init() {
	fmaForms.add(cpu.AVX2, fmaLoop{fma256, 2 * 8 * 12})
	fmaForms.add(cpu.AVX512, fmaLoop{fma512, 2 * 16 * 24})
}
