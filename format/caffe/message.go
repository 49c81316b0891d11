package caffe

import "fmt"

// message is a protobuf message as named fields in the order of the file,
// whichever form it was read from.
type message struct {
	at     place
	fields []field
	// unknown is the number of a field that the schema lacks, in binary form; 0
	// for none. What it means cannot be known, so what depends on it is refused.
	unknown int32
	blobs   []*blob // of a layer in binary form
}

type field struct {
	name  string
	at    place
	value content
}

// content is what a field holds; kind says where.
type content struct {
	kind valueKind
	i    int64   // integer
	f    float64 // integer and real
	s    string  // quoted, and the name that a word is
	m    *message
}

type valueKind uint8

const (
	integer valueKind = iota + 1
	real
	quoted
	word // true, MAX
	group
)

func (k valueKind) String() string {
	return [...]string{"nothing", "an integer", "a number", "a string", "a name", "a message"}[k]
}

// place is where something stands: a line and column, or, line being 0, a byte.
type place struct {
	line, column int32
	offset       int64
}

func (p place) errorf(reason string, args ...any) error {
	return &FormatError{int(p.line), int(p.column), p.offset, fmt.Sprintf(reason, args...)}
}
