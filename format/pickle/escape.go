package pickle

import (
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// simple is the escapes of one letter that Python writes in a str.
var simple = map[byte]byte{
	'\\': '\\', '\'': '\'', '"': '"', 'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v',
}

// unescape undoes Python 2's string escapes. A backslash before anything else
// stays, as in Python.
func unescape(b []byte) ([]byte, error) {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c != '\\' {
			out = append(out, c)
			continue
		}
		if i++; i == len(b) {
			return nil, fmt.Errorf("a backslash at the end of a string")
		}
		switch s, ok := simple[b[i]]; {
		case ok:
			out = append(out, s)
		case b[i] == 'x':
			v, err := hex(b[i+1:], 2)
			if err != nil {
				return nil, err
			}
			out = append(out, byte(v))
			i += 2
		case b[i] >= '0' && b[i] <= '7':
			v, n := octal(b[i:])
			out = append(out, v)
			i += n - 1
		default:
			out = append(out, '\\', b[i])
		}
	}
	return slices.Clip(out), nil
}

// hex is the value of the first n hexadecimal digits of b.
func hex(b []byte, n int) (uint32, error) {
	if len(b) < n {
		return 0, fmt.Errorf("an escape of fewer than %d digits", n)
	}
	v := uint32(0)
	for _, c := range b[:n] {
		d, err := strconv.ParseUint(string(rune(c)), 16, 4)
		if err != nil {
			return 0, fmt.Errorf("an escape of %q, wanted %d hexadecimal digits", b[:n], n)
		}
		v = v<<4 | uint32(d)
	}
	return v, nil
}

// octal is the value of the first one to three octal digits of b, and how many.
func octal(b []byte) (byte, int) {
	v, n := 0, 0
	for n < 3 && n < len(b) && b[n] >= '0' && b[n] <= '7' {
		v = v<<3 | int(b[n]-'0')
		n++
	}
	return byte(v), n
}

// unescapeUnicode turns raw-unicode-escape into UTF-8. A backslash before anything
// but u and U stays, and so does what is behind it: a second backslash begins no
// escape. Two escapes of a surrogate pair become one character.
func unescapeUnicode(b []byte) (string, error) {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' || i+1 == len(b) {
			out = utf8.AppendRune(out, rune(b[i]))
			continue
		}
		digits := map[byte]int{'u': 4, 'U': 8}[b[i+1]]
		if digits == 0 {
			i++
			out = utf8.AppendRune(append(out, '\\'), rune(b[i]))
			continue
		}
		v, err := hex(b[i+2:], digits)
		if err != nil {
			return "", err
		}
		i += 1 + digits
		if v >= 0xd800 && v < 0xdc00 && i+6 < len(b) && b[i+1] == '\\' && b[i+2] == 'u' {
			low, err := hex(b[i+3:], 4)
			if err == nil && low >= 0xdc00 && low < 0xe000 {
				v, i = 0x10000+(v-0xd800)<<10+(low-0xdc00), i+6
			}
		}
		if v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
			return "", fmt.Errorf("an escape of %#x, which is no character", v)
		}
		out = utf8.AppendRune(out, rune(v))
	}
	return string(out), nil
}
