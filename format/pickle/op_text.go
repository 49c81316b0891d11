package pickle

import (
	"fmt"
	"unicode/utf8"
)

// Opcodes of text and bytes.
func init() {
	define(map[byte]opcode{
		'S':  {"STRING", quotedLine},
		'T':  {"BINSTRING", raw(4)}, // a negative length is past any end
		'U':  {"SHORT_BINSTRING", raw(1)},
		'B':  {"BINBYTES", raw(4)},
		'C':  {"SHORT_BINBYTES", raw(1)},
		0x8e: {"BINBYTES8", raw(8)},
		0x96: {"BYTEARRAY8", raw(8)},
		'V':  {"UNICODE", unicodeLine},
		'X':  {"BINUNICODE", text(4)},
		0x8c: {"SHORT_BINUNICODE", text(1)},
		0x8d: {"BINUNICODE8", text(8)},
		0x97: {"NEXT_BUFFER", outOfBand},
		0x98: {"READONLY_BUFFER", outOfBand},
	})
}

func (m *machine) bytes(b []byte) error {
	if err := m.charge(int64(len(b))); err != nil {
		return err
	}
	return m.make(Bytes(b), valueCost)
}

func (m *machine) text(b []byte) error {
	if !utf8.Valid(b) {
		return m.fail("the text is not valid UTF-8")
	}
	if err := m.charge(int64(len(b))); err != nil {
		return err
	}
	return m.make(string(b), valueCost)
}

func raw(size uint64) func(m *machine) error {
	return func(m *machine) error {
		b, err := m.counted(size)
		if err != nil {
			return err
		}
		return m.bytes(b)
	}
}

func text(size uint64) func(m *machine) error {
	return func(m *machine) error {
		b, err := m.counted(size)
		if err != nil {
			return err
		}
		return m.text(b)
	}
}

// quotedLine reads a str of Python 2 as repr writes it.
func quotedLine(m *machine) error {
	b, err := m.line()
	if err != nil {
		return err
	}
	n := len(b)
	if n < 2 || b[0] != b[n-1] || b[0] != '\'' && b[0] != '"' {
		return m.fail("a string that is not quoted")
	}
	if err := m.charge(int64(n)); err != nil {
		return err
	}
	s, err := unescape(b[1 : n-1])
	if err != nil {
		return err
	}
	return m.make(Bytes(s), valueCost)
}

// unicodeLine reads text in Python's raw-unicode-escape: Latin-1, and the rest
// as \uXXXX or \UXXXXXXXX.
func unicodeLine(m *machine) error {
	b, err := m.line()
	if err != nil {
		return err
	}
	if err := m.charge(2 * int64(len(b))); err != nil {
		return err
	}
	s, err := unescapeUnicode(b)
	if err != nil {
		return err
	}
	return m.make(s, valueCost)
}

func outOfBand(*machine) error {
	return fmt.Errorf("a buffer kept outside the pickle, which is not there; save without buffer_callback")
}
