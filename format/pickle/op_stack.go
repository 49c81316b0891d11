package pickle

import (
	"fmt"
	"strconv"
)

// Opcodes that move values between stack and memo, and those around a pickle.
func init() {
	define(map[byte]opcode{
		'.':  {"STOP", stop},
		'(':  {"MARK", mark},
		'0':  {"POP", drop},
		'1':  {"POP_MARK", func(m *machine) error { _, err := m.popMark(); return err }},
		'2':  {"DUP", duplicate},
		'g':  {"GET", getLine},
		'h':  {"BINGET", get(1)},
		'j':  {"LONG_BINGET", get(4)},
		'p':  {"PUT", putLine},
		'q':  {"BINPUT", put(1)},
		'r':  {"LONG_BINPUT", put(4)},
		0x94: {"MEMOIZE", func(m *machine) error { return m.store(int64(len(m.memo))) }},
		0x80: {"PROTO", protocol},
		0x95: {"FRAME", frame},
	})
}

// maxProtocol is the newest protocol there is.
const maxProtocol = 5

func protocol(m *machine) error {
	v, err := m.number(1)
	if err == nil && v > maxProtocol {
		return m.fail("protocol %d; %d is the newest that is read", v, maxProtocol)
	}
	return err
}

// frame checks that a frame fits; what frames are for, reading ahead, is not
// needed here.
func frame(m *machine) error {
	n, err := m.number(8)
	if err == nil && n > uint64(len(m.data)-m.at) {
		return m.fail("a frame of %d bytes, %d are left", n, len(m.data)-m.at)
	}
	return err
}

func stop(m *machine) error {
	if len(m.stack) != 1 || len(m.marks) != 0 {
		return m.fail("%d values and %d marks are left on the stack, wanted one value", len(m.stack), len(m.marks))
	}
	m.done = true
	return nil
}

func mark(m *machine) error {
	if err := m.charge(slotCost); err != nil {
		return err
	}
	m.marks = append(m.marks, len(m.stack))
	return nil
}

// drop takes a value or, where there is none above it, a MARK.
func drop(m *machine) error {
	if n := len(m.marks); n > 0 && m.marks[n-1] == len(m.stack) {
		m.marks = m.marks[:n-1]
		return nil
	}
	_, err := m.pop(1)
	return err
}

func duplicate(m *machine) error {
	v, err := m.top()
	if err != nil {
		return err
	}
	return m.push(v)
}

func (m *machine) store(key int64) error {
	v, err := m.top()
	if err != nil {
		return err
	}
	m.memo[key] = v
	return m.charge(memoCost)
}

func (m *machine) load(key int64) error {
	v, ok := m.memo[key]
	if !ok {
		return m.fail("nothing was put under %d", key)
	}
	return m.push(v)
}

func put(size uint64) func(m *machine) error {
	return func(m *machine) error {
		key, err := m.number(size)
		if err != nil {
			return err
		}
		return m.store(int64(key))
	}
}

func get(size uint64) func(m *machine) error {
	return func(m *machine) error {
		key, err := m.number(size)
		if err != nil {
			return err
		}
		return m.load(int64(key))
	}
}

func putLine(m *machine) error {
	key, err := m.index()
	if err != nil {
		return err
	}
	return m.store(key)
}

func getLine(m *machine) error {
	key, err := m.index()
	if err != nil {
		return err
	}
	return m.load(key)
}

// index is a line with an integer of 0 or more.
func (m *machine) index() (int64, error) {
	b, err := m.line()
	if err != nil {
		return 0, err
	}
	if len(b) > 20 {
		return 0, fmt.Errorf("an index of %d digits", len(b))
	}
	v, err := strconv.ParseInt(string(b), 10, 64)
	if err == nil && v < 0 {
		err = fmt.Errorf("index %d", v)
	}
	return v, err
}
