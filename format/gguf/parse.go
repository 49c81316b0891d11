package gguf

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"

	"github.com/ihae/ihae/tensor"
)

const magic = "GGUF"

// Parse reads and checks the header of a file that is in memory, which it keeps.
func Parse(b []byte, l Limits) (*File, error) {
	p := &parser{b: b, limits: l.withDefaults()}
	f := &File{bytes: b, Meta: map[string]any{}, index: map[string]int{}}
	f.Version = p.version()
	tensors, keys := p.u64(), p.u64()
	p.count("tensors", tensors, p.limits.Tensors)
	p.count("keys", keys, p.limits.Keys)
	for i := uint64(0); i < keys && p.err == nil; i++ {
		p.pair(f)
	}
	for i := uint64(0); i < tensors && p.err == nil; i++ {
		f.Tensors = append(f.Tensors, p.entry(f))
	}
	if p.err != nil {
		return nil, p.err
	}
	return f, p.place(f)
}

// parser reads a header. After the first mistake, which it keeps, it reads zeros.
type parser struct {
	b      []byte
	at     int
	limits Limits
	arrays int // within arrays, so far
	name   string
	err    error
}

func (p *parser) fail(reason string, args ...any) { p.failAt(int64(p.at), reason, args...) }

func (p *parser) failAt(offset int64, reason string, args ...any) {
	if p.err == nil {
		p.err = bad(p.name, offset, reason, args...)
	}
}

// take is the next n bytes, shared; nil after a mistake.
func (p *parser) take(n uint64) []byte {
	if left := uint64(len(p.b) - p.at); n > left {
		p.fail("%d bytes wanted here, the file has %d left", n, left)
	}
	if p.err != nil {
		return nil
	}
	b := p.b[p.at : p.at+int(n)]
	p.at += int(n)
	return b
}

func (p *parser) u32() uint32 {
	if b := p.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (p *parser) u64() uint64 {
	if b := p.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (p *parser) str() string { return string(p.take(p.u64())) }

// maxName is the most bytes of a key, by the format; names of tensors get as many.
const maxName = 1<<16 - 1

// called reads the name of what follows; mistakes in that are its.
func (p *parser) called() string {
	at := int64(p.at)
	n := p.u64()
	if n > maxName {
		p.failAt(at, "a name of %d bytes, at most %d", n, maxName)
	}
	name := string(p.take(n))
	if !utf8.ValidString(name) {
		p.failAt(at, "the name %q is not valid UTF-8", name)
	}
	if p.err == nil {
		p.name = name
	}
	return name
}

func (p *parser) count(of string, n uint64, limit int) {
	if n > uint64(limit) {
		p.fail("%d %s, at most %d", n, of, limit)
	}
}

func (p *parser) version() int {
	if head := p.take(4); p.err == nil && string(head) != magic {
		p.failAt(0, "begins with %q, no GGUF file", head)
	}
	v := p.u32()
	switch {
	case p.err != nil, v == 2, v == 3:
	case bits.ReverseBytes32(v) <= 3:
		p.failAt(4, "a big-endian file; convert it to little-endian, as gguf-convert-endian does")
	default:
		p.failAt(4, "version %d; 2 and 3 are read", v)
	}
	return int(v)
}

// entry reads what is said of one tensor, all but where the elements begin in
// the file: Begin counts from the first of them.
func (p *parser) entry(f *File) Entry {
	e := Entry{place: int64(p.at)}
	p.name = ""
	e.Name = p.called()
	if _, twice := f.index[e.Name]; twice {
		p.fail("two tensors of that name")
	}
	f.index[e.Name] = len(f.Tensors)
	rank := p.u32()
	if rank > tensor.MaxRank {
		p.fail("%d axes, at most %d", rank, tensor.MaxRank)
		return e
	}
	dims := make([]uint64, rank)
	for i := range dims {
		dims[i] = p.u64()
	}
	code := p.u32()
	begin := p.u64()
	if p.err != nil {
		return e
	}
	k, ok := kinds[code]
	if !ok {
		p.failAt(int64(p.at)-12, "elements of type %d, which is not known", code)
		return e
	}
	e.kind, e.Kind = k, k.name
	e.Begin = p.extent(&e, dims, begin)
	p.name = ""
	return e
}

// extent checks a shape and an offset, and sets e.Shape and e.End.
func (p *parser) extent(e *Entry, dims []uint64, begin uint64) int64 {
	list := make([]int, len(dims))
	for i, d := range dims {
		if d > 1<<56 {
			p.failAt(e.place, "axis %d has size %d", i, d)
			return 0
		}
		list[len(dims)-1-i] = int(d)
	}
	s, err := tensor.CheckedDims(list...)
	if err != nil {
		p.failAt(e.place, "%v", err)
		return 0
	}
	inner := 1
	if s.Rank() > 0 {
		inner = s.Dim(-1)
	}
	n := uint64(s.Size() / e.kind.elements)
	hi, size := bits.Mul64(n, uint64(e.kind.bytes))
	switch end := begin + size; {
	case inner%e.kind.elements != 0:
		p.failAt(e.place, "rows of %d elements, %s keeps blocks of %d", inner, e.Kind, e.kind.elements)
	case hi != 0, size > uint64(len(p.b)), end < begin, end > uint64(len(p.b)):
		p.failAt(e.place, "%v of %s at %d ends after the %d bytes of the file", s, e.Kind, begin, len(p.b))
	default:
		e.Shape, e.End = s, int64(end)
		return int64(begin)
	}
	return 0
}

const (
	alignmentKey     = "general.alignment"
	defaultAlignment = 32
)

// place turns offsets of elements into places in the file and asks that tensors
// begin at multiples of the alignment and share no bytes.
func (p *parser) place(f *File) error {
	align := int64(defaultAlignment)
	if v, ok := f.Meta[alignmentKey]; ok {
		a, ok := v.(uint32)
		if !ok || a == 0 || a&(a-1) != 0 || a > 1<<30 {
			return bad(alignmentKey, int64(p.at), "%v is no power of two as uint32", v)
		}
		align = int64(a)
	}
	start := (int64(p.at) + align - 1) / align * align
	order := make([]int, len(f.Tensors))
	for i := range f.Tensors {
		e := &f.Tensors[i]
		order[i] = i
		if e.Begin%align != 0 {
			return bad(e.Name, e.place, "begins at %d, no multiple of %d", e.Begin, align)
		}
		if e.End > int64(len(f.bytes))-start {
			return bad(e.Name, e.place, "ends at %d of %d bytes of elements", e.End, max(0, int64(len(f.bytes))-start))
		}
		e.Begin, e.End = e.Begin+start, e.End+start
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := f.Tensors[i], f.Tensors[j]
		return cmp.Or(cmp.Compare(a.Begin, b.Begin), cmp.Compare(a.End, b.End), cmp.Compare(i, j))
	})
	for i := 1; i < len(order); i++ {
		if a, b := f.Tensors[order[i-1]], f.Tensors[order[i]]; a.End > b.Begin {
			return bad(b.Name, b.place, "begins at %d, inside tensor %q, which ends at %d", b.Begin, a.Name, a.End)
		}
	}
	return nil
}
