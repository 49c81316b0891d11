package torch

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
	"sync"

	"github.com/ihae/ihae/format/pickle"
	"github.com/ihae/ihae/tensor"
)

// storage is the bytes that tensors are views of.
type storage struct {
	key  string
	at   int64  // of the bytes in the file
	data []byte // in the file's order of bytes
	swap bool   // that order is not this machine's

	crc   uint32 // of data, checked once, before its first use; 0 is not checked
	check sync.Once
	err   error
}

// bytes is the data, checked.
func (s *storage) bytes() ([]byte, error) {
	s.check.Do(func() {
		if s.crc != 0 && crc32.ChecksumIEEE(s.data) != s.crc {
			s.err = bad("", s.at, "the checksum of storage %q is wrong: the file is damaged", s.key)
		}
	})
	return s.data, s.err
}

// typed is a storage as elements: what a persistent id stands for. The type of
// an untyped storage is the zero DType; its elements are bytes.
type typed struct {
	*storage
	dtype  tensor.DType
	first  int // element of the storage where this one begins
	length int // in elements
}

// view is a tensor as the pickle describes it.
type view struct {
	of      typed
	typ     tensor.Type
	offset  int   // in elements, from the beginning of the storage
	strides []int // in elements
	limit   int64 // bytes that one tensor may have
}

// load makes the view contiguous.
func (v *view) load(name string) (tensor.Tensor, error) {
	if n := int64(v.typ.Bytes()); n > v.limit {
		return tensor.Tensor{}, bad(name, v.of.at, "%v has %d bytes, at most %d in a file of this size", v.typ, n, v.limit)
	}
	data, err := v.of.bytes()
	if err != nil {
		return tensor.Tensor{}, err
	}
	t, err := tensor.Strided(v.typ, data, v.offset, v.strides)
	if err != nil {
		return tensor.Tensor{}, bad(name, v.of.at, "%v", err)
	}
	b := t.Bytes()
	if v.typ.DType == tensor.Bool {
		if k := slices.IndexFunc(b, func(v byte) bool { return v > 1 }); k >= 0 {
			return tensor.Tensor{}, bad(name, v.of.at, "a bool of value %d", b[k])
		}
	}
	if size := v.typ.DType.Size(); size > 1 && v.of.swap {
		for e := range slices.Chunk(b, size) {
			slices.Reverse(e)
		}
	}
	return t, nil
}

// littleEndian says whether this machine is.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// storages is what the kinds of storages hold, by the first part of their
// names: torch.FloatStorage.
var storages = map[string]tensor.DType{
	"Double": tensor.Float64, "Float": tensor.Float32, "Half": tensor.Float16, "BFloat16": tensor.BFloat16,
	"Long": tensor.Int64, "Int": tensor.Int32, "Short": tensor.Int16, "Char": tensor.Int8, "Byte": tensor.Uint8,
	"Bool": tensor.Bool, "Untyped": {},
}

// unread is kinds of storages that are refused, and why.
var unread = map[string]string{
	"QInt8": "quantised", "QUInt8": "quantised", "QInt32": "quantised", "QUInt4x2": "quantised", "QUInt2x4": "quantised",
	"ComplexFloat": "complex", "ComplexDouble": "complex", "ComplexHalf": "complex",
}

// dtypes is the names of element types in module torch.
var dtypes = map[string]tensor.DType{
	"float64": tensor.Float64, "double": tensor.Float64, "float32": tensor.Float32, "float": tensor.Float32,
	"float16": tensor.Float16, "half": tensor.Float16, "bfloat16": tensor.BFloat16,
	"int64": tensor.Int64, "long": tensor.Int64, "int32": tensor.Int32, "int": tensor.Int32, "int16": tensor.Int16, "short": tensor.Int16,
	"int8": tensor.Int8, "uint8": tensor.Uint8, "uint16": tensor.Uint16, "uint32": tensor.Uint32, "uint64": tensor.Uint64, "bool": tensor.Bool,
	"float8_e4m3fn": tensor.Float8E4M3FN, "float8_e4m3fnuz": tensor.Float8E4M3FNUZ, "float8_e5m2": tensor.Float8E5M2,
	"float8_e5m2fnuz": tensor.Float8E5M2FNUZ, "float8_e8m0fnu": tensor.Float8E8M0,
}

// isTorch says whether g is in one of the modules where storages and element
// types are.
func isTorch(g pickle.Global) bool {
	return g.Module == "torch" || g.Module == "torch.cuda" || g.Module == "torch.storage"
}
