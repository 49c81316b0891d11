package gguf

import "github.com/ihae/ihae/tensor"

// kind is how elements are kept: in blocks of so many elements and bytes. One
// file of this package registers one, or one family.
type kind struct {
	code     uint32 // ggml_type
	name     string
	elements int
	bytes    int
	dtype    tensor.DType // of elements that are kept as they are
	// decode gives the elements of one block; nil for kinds that are not read.
	decode func(dst []float32, block []byte)
}

var kinds = map[uint32]*kind{}

func register(k kind) {
	if _, twice := kinds[k.code]; twice {
		panic("gguf: two kinds of one code: " + k.name)
	}
	kinds[k.code] = &k
}

// half is the binary16 at the beginning of b.
func half(b []byte) float32 { return tensor.HalfToFloat(le.Uint16(b)) }

func init() {
	plain := func(code uint32, name string, d tensor.DType) {
		register(kind{code: code, name: name, elements: 1, bytes: d.Size(), dtype: d})
	}
	plain(0, "F32", tensor.Float32)
	plain(1, "F16", tensor.Float16)
	plain(24, "I8", tensor.Int8)
	plain(25, "I16", tensor.Int16)
	plain(26, "I32", tensor.Int32)
	plain(27, "I64", tensor.Int64)
	plain(28, "F64", tensor.Float64)
	plain(30, "BF16", tensor.BFloat16)

	// Known, so that the other tensors of their files can be read.
	for _, k := range []kind{
		{code: 9, name: "Q8_1", elements: 32, bytes: 40},
		{code: 15, name: "Q8_K", elements: 256, bytes: 292},
		{code: 16, name: "IQ2_XXS", elements: 256, bytes: 66},
		{code: 17, name: "IQ2_XS", elements: 256, bytes: 74},
		{code: 18, name: "IQ3_XXS", elements: 256, bytes: 98},
		{code: 19, name: "IQ1_S", elements: 256, bytes: 50},
		{code: 21, name: "IQ3_S", elements: 256, bytes: 110},
		{code: 22, name: "IQ2_S", elements: 256, bytes: 82},
		{code: 29, name: "IQ1_M", elements: 256, bytes: 56},
		{code: 34, name: "TQ1_0", elements: 256, bytes: 54},
		{code: 35, name: "TQ2_0", elements: 256, bytes: 66},
		{code: 40, name: "NVFP4", elements: 64, bytes: 36},
		{code: 41, name: "Q1_0", elements: 128, bytes: 18},
	} {
		register(k)
	}
}
