package tensor

import (
	"math"

	"github.com/ihae/ihae/internal/registry"
)

// Kind is what the bits of an element mean.
type Kind uint8

// The kinds.
const (
	KindBool Kind = iota + 1
	KindInt
	KindUint
	KindFloat
)

// DType is an element type: a comparable value. The zero DType is no type.
type DType struct{ info *dtypeInfo }

// dtypeInfo is what one file of this package registers.
type dtypeInfo struct {
	name string
	bits int
	kind Kind
	seen DType   // the type whose Go type elements are seen as; none: their own
	most float64 // the largest finite value of a floating-point type
	low  float64 // the least, where it is not -most
	// load reads the elements of src into f (floats) or i (all others, uint64 by
	// its bits); store writes them back, rounding to nearest even or wrapping.
	load  func(src []byte, f []float64, i []int64)
	store func(dst []byte, f []float64, i []int64)
}

var dtypes = registry.New[DType]("element type")

func register(d dtypeInfo) DType {
	t := DType{&d}
	dtypes.Set(d.name, t)
	return t
}

// ParseDType finds an element type by name; the error lists what there is.
func ParseDType(name string) (DType, error) { return dtypes.Get(name) }

// DTypes lists the names of all element types.
func DTypes() []string { return dtypes.Names() }

// Name is the type's name, such as "float32".
func (d DType) Name() string {
	if d.info == nil {
		return "none"
	}
	return d.info.name
}

// String is Name.
func (d DType) String() string { return d.Name() }

// Bits is how many bits of an element mean something: 4 for int4, which takes a
// byte of memory all the same. It is also an element's share of a [Pack].
func (d DType) Bits() int {
	if d.info == nil {
		return 0
	}
	return d.info.bits
}

// Size is the size of one element in memory, in bytes: 1 for all types of up to
// 8 bits.
func (d DType) Size() int { return (d.Bits() + 7) / 8 }

// Kind is what the bits mean.
func (d DType) Kind() Kind {
	if d.info == nil {
		return 0
	}
	return d.info.kind
}

// Float says whether elements are floating-point numbers.
func (d DType) Float() bool { return d.Kind() == KindFloat }

// Storage says whether elements are only kept as d, to save room, and computed
// with after a conversion: the types of 8-bit and smaller floats and those of
// integers below 8 bits. Operations take them, by their definitions.
func (d DType) Storage() bool { return d.Bits() < 8 || d.Float() && d.Bits() == 8 }

// Range is the least and the largest finite value of d, rounded to float64 where
// that has fewer bits.
func (d DType) Range() (low, high float64) {
	switch n := float64(d.Bits()); d.Kind() {
	case KindFloat:
		if d.info.low != 0 {
			return d.info.low, d.info.most
		}
		return -d.info.most, d.info.most
	case KindInt:
		return -math.Exp2(n - 1), math.Exp2(n-1) - 1
	case KindUint:
		return 0, math.Exp2(n) - 1
	case KindBool:
		return 0, 1
	}
	return 0, 0
}
