package tensor

import "github.com/ihae/ihae/internal/registry"

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

// Bits is the size of one element.
func (d DType) Bits() int {
	if d.info == nil {
		return 0
	}
	return d.info.bits
}

// Size is the size of one element in bytes.
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
