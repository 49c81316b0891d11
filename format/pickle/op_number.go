package pickle

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Opcodes of numbers and of None, True and False.
func init() {
	define(map[byte]opcode{
		'N':  {"NONE", constant(nil)},
		0x88: {"NEWTRUE", constant(true)},
		0x89: {"NEWFALSE", constant(false)},
		'I':  {"INT", intLine},
		'L':  {"LONG", longLine},
		'J':  {"BININT", signedInt},
		'K':  {"BININT1", smallInt(1)},
		'M':  {"BININT2", smallInt(2)},
		0x8a: {"LONG1", long(1)},
		0x8b: {"LONG4", long(4)},
		'F':  {"FLOAT", floatLine},
		'G':  {"BINFLOAT", float},
	})
}

// maxInt is the largest size of an integer in bytes, and maxDigits in digits.
const (
	maxInt    = 256
	maxDigits = 617
)

func constant(v any) func(m *machine) error {
	return func(m *machine) error { return m.push(v) }
}

// intLine reads an integer in decimal; 00 and 01 are False and True.
func intLine(m *machine) error {
	b, err := m.line()
	switch {
	case err != nil:
		return err
	case string(b) == "00":
		return m.push(false)
	case string(b) == "01":
		return m.push(true)
	}
	return m.decimal(string(b))
}

func longLine(m *machine) error {
	b, err := m.line()
	if err != nil {
		return err
	}
	return m.decimal(strings.TrimSuffix(string(b), "L"))
}

func (m *machine) decimal(text string) error {
	if len(text) > maxDigits {
		return fmt.Errorf("an integer of %d digits, at most %d", len(text), maxDigits)
	}
	v, ok := new(big.Int).SetString(text, 10)
	if !ok || strings.Contains(text, "_") {
		return fmt.Errorf("%.40q is no integer", text)
	}
	return m.make(integer(v), valueCost)
}

func signedInt(m *machine) error {
	v, err := m.number(4)
	if err != nil {
		return err
	}
	return m.make(int64(int32(v)), 8)
}

func smallInt(size uint64) func(m *machine) error {
	return func(m *machine) error {
		v, err := m.number(size)
		if err != nil {
			return err
		}
		return m.make(int64(v), 8)
	}
}

// long reads an integer of that many bytes, two's complement, the lowest first.
func long(size uint64) func(m *machine) error {
	return func(m *machine) error {
		n, err := m.number(size)
		if err != nil {
			return err
		}
		if n > maxInt {
			return fmt.Errorf("an integer of %d bytes, at most %d", n, maxInt)
		}
		b, err := m.take(n)
		if err != nil {
			return err
		}
		b = slices.Clone(b)
		slices.Reverse(b)
		v := new(big.Int).SetBytes(b)
		if n > 0 && b[0]&0x80 != 0 {
			v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(8*n)))
		}
		return m.make(integer(v), valueCost+int64(n))
	}
}

func floatLine(m *machine) error {
	b, err := m.line()
	if err != nil {
		return err
	}
	if len(b) > maxDigits {
		return fmt.Errorf("a number of %d digits, at most %d", len(b), maxDigits)
	}
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil && !math.IsInf(v, 0) {
		return fmt.Errorf("%.40q is no number", b)
	}
	return m.make(v, 8)
}

func float(m *machine) error {
	b, err := m.take(8)
	if err != nil {
		return err
	}
	return m.make(math.Float64frombits(binary.BigEndian.Uint64(b)), 8)
}
