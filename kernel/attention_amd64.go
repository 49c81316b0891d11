//go:build !purego && amd64

package kernel

import (
	"unsafe"

	"github.com/ihae/ihae/internal/cpu"
)

func init() {
	attentionForms.add(cpu.AVX2, &attentionPasses{attentionTop256, attentionExp256, attentionGrad256})
	attentionForms.add(cpu.AVX512, &attentionPasses{attentionTop512, attentionExp512, attentionGrad512})
}

//go:noescape
func attentionTop256(s unsafe.Pointer, rows, width int, top unsafe.Pointer)

//go:noescape
func attentionExp256(s unsafe.Pointer, rows, width int, shift, sum unsafe.Pointer)

//go:noescape
func attentionGrad256(s unsafe.Pointer, rows, width int, shift, delta, ds unsafe.Pointer)

//go:noescape
func attentionTop512(s unsafe.Pointer, rows, width int, top unsafe.Pointer)

//go:noescape
func attentionExp512(s unsafe.Pointer, rows, width int, shift, sum unsafe.Pointer)

//go:noescape
func attentionGrad512(s unsafe.Pointer, rows, width int, shift, delta, ds unsafe.Pointer)
