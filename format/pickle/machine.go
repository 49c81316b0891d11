package pickle

import (
	"bytes"
	"fmt"
	"math/big"
)

// machine is the state of one reading.
type machine struct {
	data  []byte
	start int // of the opcode being done
	at    int // of the next byte
	stack []any
	marks []int // lengths of the stack at each MARK
	memo  map[int64]any
	o     Options
	left  int64 // memory that values may still take
	done  bool
}

// The memory that things take, in bytes, with the slack of growing slices and
// maps.
const (
	slotCost  = 32
	valueCost = 48
	entryCost = 144
	memoCost  = 80
)

// step does one opcode.
func (m *machine) step() error {
	m.start = m.at
	if m.at >= len(m.data) {
		return &FormatError{Offset: int64(m.at), Reason: "the data ends without STOP"}
	}
	op := &opcodes[m.data[m.at]]
	m.at++
	if op.do == nil {
		return m.fail("byte 0x%02x is no opcode%s", m.data[m.start], m.guess())
	}
	err := op.do(m)
	if err == nil {
		return nil
	}
	if e, ok := err.(*FormatError); ok {
		return e
	}
	return &FormatError{int64(m.start), op.name, err.Error(), err}
}

func (m *machine) fail(reason string, args ...any) error {
	return &FormatError{Offset: int64(m.start), Op: opcodes[m.data[m.start]].name, Reason: fmt.Sprintf(reason, args...)}
}

// guess names other formats that are taken for pickles.
func (m *machine) guess() string {
	for _, f := range []struct{ magic, name string }{
		{"\x1f\x8b", "gzip; unpack it first"}, {"BZh", "bzip2; unpack it first"}, {"\x93NUMPY", "a .npy file"}, {"\x89HDF", "HDF5"},
	} {
		if bytes.HasPrefix(m.data, []byte(f.magic)) {
			return ": the file is " + f.name
		}
	}
	return ""
}

// charge takes n bytes from the memory left.
func (m *machine) charge(n int64) error {
	if m.left -= n; m.left < 0 {
		return m.fail("the values take more memory than a pickle of this size may")
	}
	return nil
}

// push puts v on the stack, whose memory is charged for as it grows.
func (m *machine) push(v any) error {
	if n := len(m.stack); n == cap(m.stack) {
		if err := m.charge(slotCost * int64(n+64)); err != nil {
			return err
		}
		m.stack = append(make([]any, 0, 2*n+64), m.stack...)
	}
	m.stack = append(m.stack, v)
	return nil
}

// make charges for a new value and pushes it.
func (m *machine) make(v any, cost int64) error {
	if err := m.charge(cost); err != nil {
		return err
	}
	return m.push(v)
}

// floor is where the values of the innermost MARK begin.
func (m *machine) floor() int {
	if n := len(m.marks); n > 0 {
		return m.marks[n-1]
	}
	return 0
}

// pop takes the n uppermost values, lowest first. They are valid until the next
// push.
func (m *machine) pop(n int) ([]any, error) {
	at := len(m.stack) - n
	if at < m.floor() {
		return nil, m.fail("needs %d values on the stack, there are %d", n, len(m.stack)-m.floor())
	}
	values := m.stack[at:]
	m.stack = m.stack[:at]
	return values, nil
}

// popMark takes the values above the innermost MARK, and it.
func (m *machine) popMark() ([]any, error) {
	if len(m.marks) == 0 {
		return nil, m.fail("no MARK on the stack")
	}
	at := m.floor()
	m.marks = m.marks[:len(m.marks)-1]
	values := m.stack[at:]
	m.stack = m.stack[:at]
	return values, nil
}

// top is the uppermost value, which stays.
func (m *machine) top() (any, error) {
	if len(m.stack) <= m.floor() {
		return nil, m.fail("needs a value on the stack")
	}
	return m.stack[len(m.stack)-1], nil
}

// take is the next n bytes.
func (m *machine) take(n uint64) ([]byte, error) {
	if n > uint64(len(m.data)-m.at) {
		return nil, m.fail("wants %d bytes, %d are left", n, len(m.data)-m.at)
	}
	b := m.data[m.at : m.at+int(n)]
	m.at += int(n)
	return b, nil
}

// number is the little-endian number in the next size bytes.
func (m *machine) number(size uint64) (uint64, error) {
	b, err := m.take(size)
	v := uint64(0)
	for i, c := range b {
		v |= uint64(c) << (8 * i)
	}
	return v, err
}

// counted is the bytes after a length of size bytes.
func (m *machine) counted(size uint64) ([]byte, error) {
	n, err := m.number(size)
	if err != nil {
		return nil, err
	}
	return m.take(n)
}

// line is the text up to the end of the line.
func (m *machine) line() ([]byte, error) {
	n := bytes.IndexByte(m.data[m.at:], '\n')
	if n < 0 {
		return nil, m.fail("a line without end")
	}
	b := m.data[m.at : m.at+n]
	m.at += n + 1
	return b, nil
}

// integer is v as the smallest kind that holds it.
func integer(v *big.Int) any {
	if v.IsInt64() {
		return v.Int64()
	}
	return v
}
