// Package protobuf reads the wire form of protocol buffers. Messages are slices
// of a file, and nothing is copied. What the fields mean is up to the caller.
package protobuf

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// An Error says what is wrong with a file, and at which byte of it.
type Error struct {
	At     int64
	Reason string
}

// Error names the place and the reason.
func (e *Error) Error() string { return fmt.Sprintf("byte %d: %s", e.At, e.Reason) }

func bad(at int64, reason string, args ...any) error {
	return &Error{at, fmt.Sprintf(reason, args...)}
}

// Wire is how a field is written.
type Wire = protowire.Type

// The ways.
const (
	Varint  = protowire.VarintType
	Fixed64 = protowire.Fixed64Type
	Bytes   = protowire.BytesType
	Group   = protowire.StartGroupType
	Fixed32 = protowire.Fixed32Type
)

// Message is the bytes of a message.
type Message struct {
	Bytes []byte
	At    int64 // where in the file they begin
	nest
}

// nest is how many messages lie around one, and how many may.
type nest struct{ depth, limit int32 }

// File is a file that is one message, in which others may lie up to depth deep.
func File(file []byte, depth int) Message {
	return Message{Bytes: file, nest: nest{limit: int32(min(depth, math.MaxInt32))}}
}

// Field is a field of a message.
type Field struct {
	Number int32
	Wire   Wire
	Value  uint64 // of Varint, Fixed32 and Fixed64
	Bytes  []byte // of Bytes; of a Group nothing is kept
	At     int64  // where in the file the field begins

	begin int64 // of Bytes in the file
	nest        // of the message around it
}

// Fields calls f for each field of m in turn, up to the first error.
func (m Message) Fields(f func(Field) error) error {
	for i := 0; i < len(m.Bytes); {
		at := m.At + int64(i)
		num, wire, n := protowire.ConsumeTag(m.Bytes[i:])
		if n < 0 {
			return bad(at, "the file is cut off or is no protobuf: %v", protowire.ParseError(n))
		}
		i += n
		x := Field{Number: int32(num), Wire: wire, At: at, nest: m.nest}
		if n = x.read(m.Bytes[i:]); n < 0 {
			return bad(at, "field %d is cut off: %v", num, protowire.ParseError(n))
		}
		i += n
		x.begin = m.At + int64(i-len(x.Bytes))
		if err := f(x); err != nil {
			return err
		}
	}
	return nil
}

// read reads what follows the tag and returns its length, negative for an error.
func (f *Field) read(b []byte) (n int) {
	switch f.Wire {
	case Varint:
		f.Value, n = protowire.ConsumeVarint(b)
	case Bytes:
		f.Bytes, n = protowire.ConsumeBytes(b)
	case Fixed32:
		var v uint32
		v, n = protowire.ConsumeFixed32(b)
		f.Value = uint64(v)
	case Fixed64:
		f.Value, n = protowire.ConsumeFixed64(b)
	default:
		n = protowire.ConsumeFieldValue(protowire.Number(f.Number), f.Wire, b)
	}
	return n
}

// Wrong is the error that f is not what it must be.
func (f Field) Wrong(want string) error {
	return bad(f.At, "field %d must be %s, its wire type is %d", f.Number, want, f.Wire)
}

// Int reads an integer.
func (f Field) Int(to *int64) error {
	if f.Wire != Varint {
		return f.Wrong("an integer")
	}
	*to = int64(f.Value)
	return nil
}

// Float reads a number of 32 bits.
func (f Field) Float(to *float32) error {
	if f.Wire != Fixed32 {
		return f.Wrong("a float")
	}
	*to = math.Float32frombits(uint32(f.Value))
	return nil
}

// Data reads bytes, which stay where they are.
func (f Field) Data(to *[]byte) error {
	if f.Wire != Bytes {
		return f.Wrong("bytes")
	}
	*to = f.Bytes
	return nil
}

// Text reads a text.
func (f Field) Text(to *string) error {
	if f.Wire != Bytes {
		return f.Wrong("a text")
	}
	*to = string(f.Bytes)
	return nil
}

// Message is the message that f holds.
func (f Field) Message() (Message, error) {
	if f.Wire != Bytes {
		return Message{}, f.Wrong("a message")
	}
	if f.depth >= f.limit {
		return Message{}, bad(f.At, "messages lie more than %d deep in each other", f.limit)
	}
	return Message{f.Bytes, f.begin, nest{f.depth + 1, f.limit}}, nil
}

// Fields is Message.Fields of the message that f holds.
func (f Field) Fields(g func(Field) error) error {
	m, err := f.Message()
	if err != nil {
		return err
	}
	return m.Fields(g)
}

// Each calls g for the numbers of a repeated field, which are written one by one
// in the way of wire, or packed.
func (f Field) Each(wire Wire, g func(v uint64) error) error {
	if f.Wire == wire {
		return g(f.Value)
	}
	if f.Wire != Bytes {
		return f.Wrong("numbers")
	}
	x := Field{Wire: wire}
	for b := f.Bytes; len(b) > 0; {
		n := x.read(b)
		if n < 0 {
			return bad(f.begin+int64(len(f.Bytes)-len(b)), "field %d holds numbers that are cut off", f.Number)
		}
		if err := g(x.Value); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// Floats appends the numbers of 32 bits of a repeated field, packed or not.
func (f Field) Floats(to *[]float32) error {
	if f.Wire != Bytes || len(f.Bytes)%4 != 0 {
		return f.Each(Fixed32, func(v uint64) error {
			*to = append(*to, math.Float32frombits(uint32(v)))
			return nil
		})
	}
	list := slices.Grow(*to, len(f.Bytes)/4)
	for b := f.Bytes; len(b) >= 4; b = b[4:] {
		list = append(list, math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	*to = list
	return nil
}
