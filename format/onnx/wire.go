package onnx

import (
	"errors"
	"fmt"

	"github.com/ihae/ihae/internal/protobuf"
)

// decoder is what is counted while a file is read.
type decoder struct {
	l     Limits
	nodes int
	depth int
	dense int64 // bytes that sparse tensors take
}

// start is a decoder, and a file as a message. A graph or type within another is
// at most three messages deeper; the rest is what lies in the innermost one.
func start(file []byte, l Limits) (*decoder, protobuf.Message) {
	l = l.withDefaults()
	return &decoder{l: l}, protobuf.File(file, 3*l.Depth+8)
}

func (d *decoder) bad(at int64, reason string, args ...any) error {
	return &FormatError{at, fmt.Sprintf(reason, args...)}
}

// placed makes a FormatError of an error in the wire form.
func placed(err error) error {
	if e := (*protobuf.Error)(nil); errors.As(err, &e) {
		return &FormatError{e.At, e.Reason}
	}
	return err
}

func readElem(f protobuf.Field, to *Elem) error {
	var v int64
	err := f.Int(&v)
	*to = Elem(v)
	if int64(*to) != v {
		return f.Wrong("an element type")
	}
	return err
}

// readName appends the text of a repeated field.
func readName(f protobuf.Field, to *[]string) error {
	var s string
	err := f.Text(&s)
	*to = append(*to, s)
	return err
}

func readInts(f protobuf.Field, to *[]int64) error {
	return f.Each(protobuf.Varint, func(v uint64) error {
		*to = append(*to, int64(v))
		return nil
	})
}

// reader reads a message into an M.
type reader[M any] = func(d *decoder, b protobuf.Message, m *M) error

// message reads the message in a field into a new M.
func message[M any](d *decoder, f protobuf.Field, read reader[M]) (*M, error) {
	b, err := f.Message()
	if err != nil {
		return nil, err
	}
	m := new(M)
	return m, read(d, b, m)
}

// more appends the message of a repeated field.
func more[M any](d *decoder, f protobuf.Field, to *[]*M, read reader[M]) error {
	m, err := message(d, f, read)
	*to = append(*to, m)
	return err
}

// into sets a field to a message.
func into[M any](d *decoder, f protobuf.Field, to **M, read reader[M]) error {
	m, err := message(d, f, read)
	*to = m
	return err
}
