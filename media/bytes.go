package media

import (
	"encoding/binary"
	"slices"

	"github.com/ihae/ihae/tensor"
)

// swapToHost reverses the bytes of each element where the order is not this
// machine's. Done twice it changes nothing, so it serves writing too.
func swapToHost(b []byte, size int, order binary.ByteOrder) {
	if size < 2 || order.Uint16([]byte{1, 2}) == binary.NativeEndian.Uint16([]byte{1, 2}) {
		return
	}
	for e := range slices.Chunk(b, size) {
		slices.Reverse(e)
	}
}

// aligned is a tensor over a copy of b in memory as kernels want it.
func aligned(t tensor.Type, b []byte) tensor.Tensor {
	out := tensor.New(t)
	copy(out.Bytes(), b)
	return out
}
