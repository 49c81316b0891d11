package tensorflow

import (
	"fmt"

	"github.com/ihae/ihae/format/onnx"
	"github.com/ihae/ihae/tensor"
)

// Graph is a GraphDef.
type Graph struct {
	Nodes     []*Node
	Functions []*Function
}

// Node is an operation applied to results of others. An input is "node" or
// "node:i", for its result 0 or i, or "^node", which only orders.
type Node struct {
	Name, Op string
	Inputs   []string
	Attrs    []Attr
	at       int64 // in the file
}

// Function is a graph with parameters. An input of its nodes is the name of a
// parameter, or "node:result:i".
type Function struct {
	Name    string
	Args    []string
	Results []string
	Return  map[string]string // of each result, where it comes from
	Nodes   []*Node
	at      int64
}

// Attr is a named attribute. Kind says which field holds it.
type Attr struct {
	Name   string
	Kind   AttrKind
	Bool   bool
	Float  float32
	Type   DataType
	Int    int64
	Bytes  []byte
	Shape  *Shape
	Tensor *Tensor
	Func   string // the name of a function
	List   *List
}

// List is what an attribute of kind AttrList holds; one of its fields.
type List struct {
	Bytes  [][]byte
	Ints   []int64
	Floats []float32
	Bools  []bool
	Types  []DataType
	Shapes []*Shape
	Funcs  []string
}

// AttrKind is what an attribute holds, by its number in files.
type AttrKind uint8

// The kinds.
const (
	AttrList   AttrKind = 1
	AttrBytes  AttrKind = 2
	AttrInt    AttrKind = 3
	AttrFloat  AttrKind = 4
	AttrBool   AttrKind = 5
	AttrType   AttrKind = 6
	AttrShape  AttrKind = 7
	AttrTensor AttrKind = 8
	attrParam  AttrKind = 9 // an attribute of the function around it
	AttrFunc   AttrKind = 10
)

// Shape is sizes, -1 where unknown, or nothing at all.
type Shape struct {
	Unranked bool
	Dims     []int64
}

// Tensor is a constant: numbers, or texts.
type Tensor struct {
	Type    DataType
	Dims    []int64
	Value   tensor.Tensor // unless the type is String
	Strings [][]byte
}

// DataType is an element type by its number in files.
type DataType int32

// Element types that are not numbers, and those that stand for quantized ones.
const (
	String   DataType = 7
	QInt8    DataType = 11
	QUint8   DataType = 12
	QInt32   DataType = 13
	QInt16   DataType = 15
	QUint16  DataType = 16
	Resource DataType = 20
	Variant  DataType = 21
)

// dtypes is the element types that are numbers here.
var dtypes = map[DataType]tensor.DType{
	1: tensor.Float32, 2: tensor.Float64, 3: tensor.Int32, 4: tensor.Uint8, 5: tensor.Int16, 6: tensor.Int8,
	9: tensor.Int64, 10: tensor.Bool, QInt8: tensor.Int8, QUint8: tensor.Uint8, QInt32: tensor.Int32,
	14: tensor.BFloat16, QInt16: tensor.Int16, QUint16: tensor.Uint16, 17: tensor.Uint16, 19: tensor.Float16,
	22: tensor.Uint32, 23: tensor.Uint64,
}

// DataTypeOf is the number of an element type; 0 if there is none.
func DataTypeOf(d tensor.DType) DataType {
	for _, n := range []DataType{1, 2, 3, 4, 5, 6, 9, 10, 14, 17, 19, 22, 23} {
		if dtypes[n] == d {
			return n
		}
	}
	return 0
}

// DType is the element type that tensors of t have here; ok is false for texts,
// complex numbers, resources and variants.
func (t DataType) DType() (d tensor.DType, ok bool) {
	if t > 100 { // a reference
		t -= 100
	}
	d, ok = dtypes[t]
	return d, ok
}

// elem is the element type in ONNX's numbers.
func (t DataType) elem() (onnx.Elem, error) {
	if t == String {
		return onnx.ElemString, nil
	}
	d, ok := t.DType()
	if !ok {
		return 0, fmt.Errorf("element type %d is not supported", t)
	}
	e, _ := onnx.ElemOf(d)
	return e, nil
}

// Attr finds an attribute by name, or returns nil.
func (n *Node) Attr(name string) *Attr {
	for i := range n.Attrs {
		if n.Attrs[i].Name == name {
			return &n.Attrs[i]
		}
	}
	return nil
}
