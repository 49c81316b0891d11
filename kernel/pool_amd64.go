//go:build !purego && amd64

package kernel

import "github.com/ihae/ihae/internal/cpu"

func init() {
	poolForms.add(cpu.AVX2, &pool256Table)
	poolForms.add(cpu.AVX512, &pool512Table)
}
