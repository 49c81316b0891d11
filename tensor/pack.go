package tensor

import "fmt"

// signed is the low bits of c as a signed integer, unsigned as an unsigned one.
func signed(c uint8, bits int) int8    { return int8(c<<(8-bits)) >> (8 - bits) }
func unsigned(c uint8, bits int) uint8 { return c & (1<<bits - 1) }

func loadBits[T int8 | uint8](bits int, value func(uint8, int) T) func([]byte, []float64, []int64) {
	return func(src []byte, _ []float64, i []int64) {
		for j, c := range src {
			i[j] = int64(value(c, bits))
		}
	}
}

func storeBits[T int8 | uint8](bits int, value func(uint8, int) T) func([]byte, []float64, []int64) {
	return func(dst []byte, _ []float64, i []int64) {
		for j, v := range i {
			dst[j] = uint8(value(uint8(v), bits))
		}
	}
}

// PackedBytes is how many bytes a [Pack] of t has: those of its elements side by
// side, without the bits that mean nothing.
func PackedBytes(t Type) int { return (t.Shape.Size()*t.DType.Bits() + 7) / 8 }

// Pack is the elements of t side by side as ONNX and safetensors store them: of
// 4-bit types two a byte, of 2-bit types four, the first in the lowest bits, the
// rest of the last byte 0. Elements of whole bytes are copied.
func Pack(t Tensor) []byte {
	packed := make([]byte, PackedBytes(t.typ))
	bits := t.DType().Bits()
	if bits >= 8 {
		copy(packed, t.mem)
		return packed
	}
	each := 8 / bits
	for j, c := range t.mem {
		packed[j/each] |= unsigned(c, bits) << (j % each * bits)
	}
	return packed
}

// Unpack is the tensor of type t whose [Pack] is packed. Bits behind the last
// element are not looked at.
func Unpack(t Type, packed []byte) (Tensor, error) {
	if len(packed) != PackedBytes(t) {
		return Tensor{}, fmt.Errorf("tensor: packed, %v has %d bytes, got %d", t, PackedBytes(t), len(packed))
	}
	out := New(t)
	bits := t.DType.Bits()
	if bits >= 8 {
		copy(out.mem, packed)
		return out, nil
	}
	each := 8 / bits
	for j := range out.mem {
		c := unsigned(packed[j/each]>>(j%each*bits), bits)
		if t.DType.Kind() == KindInt {
			c = uint8(signed(c, bits))
		}
		out.mem[j] = c
	}
	return out, nil
}
