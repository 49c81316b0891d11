package gguf

import (
	"encoding/binary"
	"fmt"
	"math"
)

// scalar is a type of values of a fixed size.
type scalar struct {
	size uint64
	one  func(b []byte) any
	many func(b []byte) any // all of b, as a slice
}

func scalarOf[T any](size int, read func([]byte) T) scalar {
	return scalar{
		size: uint64(size),
		one:  func(b []byte) any { return read(b) },
		many: func(b []byte) any {
			list := make([]T, len(b)/size)
			for i := range list {
				list[i] = read(b[i*size:])
			}
			return list
		},
	}
}

// The codes of types that scalars has not.
const (
	codeBool   = 7
	codeString = 8
	codeArray  = 9
)

var le = binary.LittleEndian

// scalars is the types by code: gguf_metadata_value_type.
var scalars = map[uint32]scalar{
	0:        scalarOf(1, func(b []byte) uint8 { return b[0] }),
	1:        scalarOf(1, func(b []byte) int8 { return int8(b[0]) }),
	2:        scalarOf(2, le.Uint16),
	3:        scalarOf(2, func(b []byte) int16 { return int16(le.Uint16(b)) }),
	4:        scalarOf(4, le.Uint32),
	5:        scalarOf(4, func(b []byte) int32 { return int32(le.Uint32(b)) }),
	6:        scalarOf(4, func(b []byte) float32 { return math.Float32frombits(le.Uint32(b)) }),
	codeBool: scalarOf(1, func(b []byte) bool { return b[0] != 0 }),
	10:       scalarOf(8, le.Uint64),
	11:       scalarOf(8, func(b []byte) int64 { return int64(le.Uint64(b)) }),
	12:       scalarOf(8, func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) }),
}

// pair reads a key and its value.
func (p *parser) pair(f *File) {
	p.name = ""
	key := p.called()
	if _, twice := f.Meta[key]; twice {
		p.fail("the key stands twice")
	}
	v := p.value(p.u32(), 0)
	if p.err == nil {
		f.Meta[key] = v
		f.Keys = append(f.Keys, key)
	}
	p.name = ""
}

func (p *parser) value(code uint32, depth int) any {
	s, ok := scalars[code]
	switch {
	case p.err != nil:
		return nil
	case code == codeString:
		return p.str()
	case code == codeArray:
		return p.array(depth + 1)
	case !ok:
		p.fail("a value of type %d, which is not known", code)
		return nil
	}
	b := p.take(s.size)
	if b == nil {
		return nil
	}
	p.checkBools(code, b)
	return s.one(b)
}

// checkBools refuses bytes that are neither 0 nor 1 where code says bool.
func (p *parser) checkBools(code uint32, b []byte) {
	if code != codeBool {
		return
	}
	for i, v := range b {
		if v > 1 {
			p.failAt(int64(p.at-len(b)+i), "a bool of value %d", v)
		}
	}
}

// array reads an array: a type, a count, values without types of their own.
func (p *parser) array(depth int) any {
	if depth > p.limits.Depth {
		p.fail("arrays %d deep, at most %d", depth, p.limits.Depth)
		return nil
	}
	code, n := p.u32(), p.u64()
	s, ok := scalars[code]
	switch {
	case p.err != nil:
		return nil
	case code == codeString:
		s.size = 8 // of its length
	case code == codeArray:
		s.size = 12
	case !ok:
		p.fail("an array of type %d, which is not known", code)
		return nil
	}
	if left := uint64(len(p.b) - p.at); n > left/s.size {
		p.fail("an array of %d values, the file has %d bytes left", n, left)
		return nil
	}
	switch code {
	case codeString:
		return p.strings(n)
	case codeArray:
		return p.arraysOf(n, depth)
	}
	b := p.take(n * s.size)
	p.checkBools(code, b)
	return s.many(b)
}

func (p *parser) strings(n uint64) []string {
	list := make([]string, n)
	for i := range list {
		if list[i] = p.str(); p.err != nil {
			return nil
		}
	}
	return list
}

func (p *parser) arraysOf(n uint64, depth int) []any {
	if n > uint64(p.limits.Arrays-p.arrays) {
		p.fail("more than %d arrays within arrays", p.limits.Arrays)
		return nil
	}
	p.arrays += int(n)
	list := make([]any, n)
	for i := range list {
		if list[i] = p.array(depth + 1); p.err != nil {
			return nil
		}
	}
	return list
}

// Int is an integer of the metadata, of whatever size.
func (f *File) Int(key string) (int64, error) {
	switch v := f.Meta[key].(type) {
	case uint8:
		return int64(v), nil
	case int8:
		return int64(v), nil
	case uint16:
		return int64(v), nil
	case int16:
		return int64(v), nil
	case uint32:
		return int64(v), nil
	case int32:
		return int64(v), nil
	case int64:
		return v, nil
	case uint64:
		if v <= math.MaxInt64 {
			return int64(v), nil
		}
	}
	return 0, f.no(key, "an integer")
}

// Float is a number of the metadata.
func (f *File) Float(key string) (float64, error) {
	switch v := f.Meta[key].(type) {
	case float32:
		return float64(v), nil
	case float64:
		return v, nil
	}
	v, err := f.Int(key)
	if err != nil {
		return 0, f.no(key, "a number")
	}
	return float64(v), nil
}

// Text is a text of the metadata.
func (f *File) Text(key string) (string, error) {
	if v, ok := f.Meta[key].(string); ok {
		return v, nil
	}
	return "", f.no(key, "a text")
}

func (f *File) no(key, what string) error {
	v, ok := f.Meta[key]
	if !ok {
		return fmt.Errorf("gguf: no key %q among %d", key, len(f.Meta))
	}
	return fmt.Errorf("gguf: key %q is of type %T, wanted %s", key, v, what)
}
