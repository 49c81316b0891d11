package onnx

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Write writes m in the binary form of the format, all tensors inside. The same
// model gives the same bytes. A file that would pass the 2 GiB that other
// readers of protobuf take is refused; see [EncodeFiles].
func Write(w io.Writer, m *Model) error {
	b, err := Encode(m)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// Encode is the bytes that Write writes.
func Encode(m *Model) ([]byte, error) { return encode(m, nil, maxFile) }

// maxFile is the bytes of a message that readers of protobuf take.
const maxFile = math.MaxInt32

// errLarge is that a model does not fit one file.
var errLarge = errors.New("a file of this format is too small for the model")

// encode is a model of at most limit bytes; its large initialisers go to apart,
// unless that is nil.
func encode(m *Model, apart *Files, limit int64) ([]byte, error) {
	if apart == nil && m.exceeds(limit) {
		return nil, fmt.Errorf("onnx: %w: its tensors take more than %d bytes", errLarge, limit)
	}
	e := encoder{apart: apart}
	b := e.model(m)
	if e.err == nil && int64(len(b)) > limit {
		e.err = fmt.Errorf("onnx: %w: it takes %d bytes, at most %d are possible", errLarge, len(b), limit)
	}
	return b, e.err
}

// exceeds says whether the elements of m's tensors take more than limit bytes.
func (m *Model) exceeds(limit int64) bool {
	for t := range m.Tensors() {
		if limit -= t.storedSize(); limit < 0 {
			return true
		}
	}
	return false
}

// encoder makes messages; its first mistake sticks.
type encoder struct {
	err   error
	apart *Files // of large initialisers; nil: they stay inside
}

func putBytes(b []byte, num protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), v)
}

// putText appends a text unless it is empty.
func putText(b []byte, num protowire.Number, v string) []byte {
	if v == "" {
		return b
	}
	return putBytes(b, num, []byte(v))
}

// putInt appends a number unless it is zero.
func putInt(b []byte, num protowire.Number, v int64) []byte {
	if v == 0 {
		return b
	}
	return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), uint64(v))
}

func putInts(b []byte, num protowire.Number, vs []int64) []byte {
	if len(vs) == 0 {
		return b
	}
	var p []byte
	for _, v := range vs {
		p = protowire.AppendVarint(p, uint64(v))
	}
	return putBytes(b, num, p)
}

func (e *encoder) model(m *Model) []byte {
	b := putInt(nil, 1, m.IR)
	b = putText(b, 2, m.Producer)
	b = putText(b, 3, m.ProducerVersion)
	b = putText(b, 4, m.Domain)
	b = putInt(b, 5, m.Version)
	b = putText(b, 6, m.Doc)
	if m.Graph != nil {
		b = putBytes(b, 7, e.graph(m.Graph))
	}
	b = putOpsets(b, 8, m.Opsets)
	b = putKeyValues(b, 14, m.Meta)
	for _, f := range m.Functions {
		b = putBytes(b, 25, e.function(f))
	}
	return b
}

func putOpsets(b []byte, num protowire.Number, opsets []Opset) []byte {
	for _, o := range opsets {
		b = putBytes(b, num, putInt(putText(nil, 1, o.Domain), 2, o.Version))
	}
	return b
}

func putKeyValues(b []byte, num protowire.Number, kvs []KeyValue) []byte {
	for _, kv := range kvs {
		b = putBytes(b, num, putText(putText(nil, 1, kv.Key), 2, kv.Value))
	}
	return b
}

func (e *encoder) graph(g *Graph) []byte {
	var b []byte
	for _, n := range g.Nodes {
		b = putBytes(b, 1, e.node(n))
	}
	b = putText(b, 2, g.Name)
	for _, t := range g.Inits {
		b = putBytes(b, 5, e.init(t))
	}
	b = putText(b, 10, g.Doc)
	b = e.ports(b, 11, g.Inputs)
	b = e.ports(b, 12, g.Outputs)
	return e.ports(b, 13, g.Values)
}

func (e *encoder) ports(b []byte, num protowire.Number, ports []*Port) []byte {
	for _, p := range ports {
		x := putText(nil, 1, p.Name)
		if p.Type != nil {
			x = putBytes(x, 2, e.typ(p.Type))
		}
		b = putBytes(b, num, putText(x, 3, p.Doc))
	}
	return b
}

func (e *encoder) typ(t *Type) []byte {
	x := putInt(nil, 1, int64(t.Elem))
	if t.Ranked {
		var dims []byte
		for _, d := range t.Dims {
			dims = putBytes(dims, 1, d.encode())
		}
		x = putBytes(x, 2, dims)
	}
	switch t.Kind {
	case SequenceType:
		return putBytes(nil, 4, putBytes(nil, 1, e.typ(t.Of)))
	case OptionalType:
		return putBytes(nil, 9, putBytes(nil, 1, e.typ(t.Of)))
	case MapType:
		return putBytes(nil, 5, putBytes(putInt(nil, 1, int64(t.Elem)), 2, e.typ(t.Of)))
	case SparseType:
		return putBytes(nil, 8, x)
	}
	return putBytes(nil, 1, x)
}

func (d Dim) encode() []byte {
	switch {
	case d.Name != "":
		return putText(nil, 2, d.Name)
	case d.Size < 0:
		return nil
	}
	return protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), uint64(d.Size))
}

func putNames(b []byte, num protowire.Number, names []string) []byte {
	for _, s := range names {
		b = putBytes(b, num, []byte(s))
	}
	return b
}

func (e *encoder) node(n *Node) []byte {
	b := putNames(nil, 1, n.In)
	b = putNames(b, 2, n.Out)
	b = putText(b, 3, n.Name)
	b = putText(b, 4, n.Op)
	for i := range n.Attrs {
		b = putBytes(b, 5, e.attr(&n.Attrs[i]))
	}
	b = putText(b, 6, n.Doc)
	b = putText(b, 7, n.Domain)
	return putText(b, 8, n.Overload)
}

func (e *encoder) function(f *Function) []byte {
	b := putText(nil, 1, f.Name)
	b = putNames(b, 4, f.In)
	b = putNames(b, 5, f.Out)
	b = putNames(b, 6, f.AttrNames)
	for _, n := range f.Nodes {
		b = putBytes(b, 7, e.node(n))
	}
	b = putText(b, 8, f.Doc)
	b = putOpsets(b, 9, f.Opsets)
	b = putText(b, 10, f.Domain)
	for i := range f.AttrDefaults {
		b = putBytes(b, 11, e.attr(&f.AttrDefaults[i]))
	}
	b = e.ports(b, 12, f.Values)
	return putText(b, 13, f.Overload)
}

func (e *encoder) attr(a *Attr) []byte {
	b := putText(nil, 1, a.Name)
	if a.Ref == "" { // else the value is the other attribute's
		b = e.value(b, a)
	}
	b = putText(b, 13, a.Doc)
	b = putInt(b, 20, int64(a.Kind))
	return putText(b, 21, a.Ref)
}

// value appends what an attribute holds.
func (e *encoder) value(b []byte, a *Attr) []byte {
	switch a.Kind {
	case AttrFloat:
		b = protowire.AppendFixed32(protowire.AppendTag(b, 2, protowire.Fixed32Type), math.Float32bits(a.Float))
	case AttrInt:
		b = protowire.AppendVarint(protowire.AppendTag(b, 3, protowire.VarintType), uint64(a.Int))
	case AttrString:
		b = putBytes(b, 4, a.Str)
	case AttrFloats:
		var p []byte
		for _, v := range a.Floats {
			p = protowire.AppendFixed32(p, math.Float32bits(v))
		}
		b = putBytes(b, 7, p)
	case AttrInts:
		b = putInts(b, 8, a.Ints)
	case AttrStrings:
		for _, s := range a.Strs {
			b = putBytes(b, 9, s)
		}
	}
	return e.attrMessages(b, a)
}

// attrMessages appends what an attribute holds that is made of messages.
func (e *encoder) attrMessages(b []byte, a *Attr) []byte {
	if a.Tensor != nil {
		b = putBytes(b, 5, e.tensor(a.Tensor))
	}
	if a.Graph != nil {
		b = putBytes(b, 6, e.graph(a.Graph))
	}
	for _, t := range a.Tensors {
		b = putBytes(b, 10, e.tensor(t))
	}
	for _, g := range a.Graphs {
		b = putBytes(b, 11, e.graph(g))
	}
	if a.Type != nil {
		b = putBytes(b, 14, e.typ(a.Type))
	}
	for _, t := range a.Types {
		b = putBytes(b, 15, e.typ(t))
	}
	return b
}

func (e *encoder) tensor(t *Tensor) []byte {
	b := putInts(nil, 1, t.Dims)
	b = putInt(b, 2, int64(t.Elem))
	if t.Elem == ElemString {
		b = putText(putNames(b, 6, t.strs), 8, t.Name)
	} else {
		raw, err := t.stored()
		if err != nil {
			e.err = cmp.Or(e.err, err)
			return nil
		}
		b = putBytes(putText(b, 8, t.Name), 9, raw)
	}
	return putKeyValues(putText(b, 12, t.Doc), 16, t.meta)
}

// init is an initialiser, whose elements lie apart if they are many and there is
// such a file.
func (e *encoder) init(t *Tensor) []byte {
	if e.apart == nil || t.storedSize() < leastApart {
		return e.tensor(t)
	}
	b := putInts(nil, 1, t.Dims)
	b = putInt(b, 2, int64(t.Elem))
	b = putText(putText(b, 8, t.Name), 12, t.Doc)
	b = putInt(putKeyValues(b, 13, e.apart.add(t)), 14, dataExternal)
	return putKeyValues(b, 16, t.meta)
}

// EncodeTensor is the bytes of a file that holds one tensor.
func EncodeTensor(t *Tensor) ([]byte, error) {
	var e encoder
	b := e.tensor(t)
	return b, e.err
}
