package caffe

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parseText reads protobuf's text form without a schema: every name is taken,
// and what it means is decided by whoever asks for it. Fields are "name: value",
// "name { … }" and "name: [a, b]"; "#" begins a comment; "," and ";" may follow
// a field.
func parseText(text []byte, l Limits) (*message, error) {
	switch bad := bytes.IndexByte(text, 0); {
	case int64(len(text)) > l.Text:
		return nil, place{line: 1, column: 1}.errorf("%d bytes, at most %d; is this a .caffemodel?", len(text), l.Text)
	case bad >= 0:
		return nil, placeOf(text, bad).errorf("a zero byte; is this a .caffemodel?")
	}
	s := &scanner{text: bytes.TrimPrefix(text, []byte("\ufeff")), line: 1}
	p := &textParser{scanner: s, left: l.Fields}
	s.next()
	m := p.message("", 0)
	if s.err != nil {
		return nil, s.err
	}
	return m, nil
}

func placeOf(text []byte, at int) place {
	head := text[:at]
	return place{line: int32(1 + bytes.Count(head, []byte("\n"))), column: int32(at - bytes.LastIndexByte(head, '\n'))}
}

// textParser turns tokens into messages.
type textParser struct {
	*scanner
	left int // fields that may still come
}

// message reads fields up to the closing token, which it leaves; "" means the
// end of the text.
func (p *textParser) message(closing string, depth int) *message {
	m := &message{at: p.at}
	if depth > maxDepth {
		p.fail(p.at, "messages %d deep, at most %d", depth, maxDepth)
	}
	for p.err == nil && p.kind != endToken && !(p.kind == markToken && p.token == closing) {
		if p.kind != nameToken {
			p.fail(p.at, "wanted the name of a field, found %s", p.found())
			break
		}
		name, at := p.token, p.at
		p.next()
		p.field(m, name, at, depth)
		if p.mark(",") || p.mark(";") {
			continue
		}
	}
	return m
}

// field reads what follows a field's name.
func (p *textParser) field(m *message, name string, at place, depth int) {
	colon := p.mark(":")
	switch {
	case p.kind == markToken && (p.token == "{" || p.token == "<"):
		p.group(m, name, at, depth)
	case !colon:
		p.fail(p.at, "wanted %q or %q after %s, found %s", ":", "{", name, p.found())
	case p.mark("["):
		for p.err == nil && !p.mark("]") {
			if p.kind == markToken && (p.token == "{" || p.token == "<") {
				p.group(m, name, at, depth)
			} else {
				p.add(m, field{name, at, p.scalar()})
			}
			if !p.mark(",") && !(p.kind == markToken && p.token == "]") {
				p.fail(p.at, "wanted %q or %q, found %s", ",", "]", p.found())
			}
		}
	default:
		p.add(m, field{name, at, p.scalar()})
	}
}

// group reads a message in braces.
func (p *textParser) group(m *message, name string, at place, depth int) {
	closing := map[string]string{"{": "}", "<": ">"}[p.token]
	p.next()
	inner := p.message(closing, depth+1)
	inner.at = at
	if !p.mark(closing) {
		p.fail(p.at, "%s from line %d is not closed", name, at.line)
	}
	p.add(m, field{name, at, content{kind: group, m: inner}})
}

func (p *textParser) add(m *message, f field) {
	if p.left--; p.left < 0 {
		p.fail(f.at, "more fields than the limit")
		return
	}
	m.fields = append(m.fields, f)
}

// scalar reads a number, a name or a string; strings that follow each other are
// one.
func (p *textParser) scalar() content {
	v := content{}
	switch {
	case p.kind == stringToken:
		v = content{kind: quoted}
		var b strings.Builder
		for p.kind == stringToken && p.err == nil {
			b.WriteString(p.token)
			p.next()
		}
		v.s = b.String()
		return v
	case p.mark("-"):
		v = p.number(true)
	case p.kind == numberToken:
		v = p.number(false)
	case p.kind == nameToken:
		v = wordValue(p.token)
	default:
		p.fail(p.at, "wanted a value, found %s", p.found())
	}
	p.next()
	return v
}

// wordValue is a name as a value: inf and nan are numbers, too.
func wordValue(s string) content {
	v := content{kind: word, s: s}
	switch strings.ToLower(s) {
	case "inf", "infinity":
		v.kind, v.f = real, math.Inf(1)
	case "nan":
		v.kind, v.f = real, math.NaN()
	}
	return v
}

// number reads the current token as a number.
func (p *textParser) number(negative bool) content {
	if p.kind == nameToken {
		if v := wordValue(p.token); v.kind == real {
			if negative {
				v.f = -v.f
			}
			return v
		}
	}
	if p.kind != numberToken {
		p.fail(p.at, "%s is no number", p.found())
		return content{}
	}
	t := p.token
	if negative {
		t = "-" + t
	}
	if i, err := strconv.ParseInt(t, 0, 64); err == nil && !strings.ContainsRune(t, '_') {
		return content{kind: integer, i: i, f: float64(i)}
	}
	f, err := strconv.ParseFloat(strings.TrimRight(t, "fF"), 64)
	if err != nil && !math.IsInf(f, 0) || strings.ContainsAny(t, "_xXpP") {
		p.fail(p.at, "%s is no number", p.found())
	}
	return content{kind: real, f: f}
}

// unquote reads a string that begins at text[at], the quote, and returns it and
// where it ends; ok is false where it does not, and then end is the place of
// the mistake.
func unquote(text []byte, at int) (s string, end int, ok bool) {
	quote := text[at]
	var b []byte
	for i := at + 1; i < len(text); {
		switch c := text[i]; c {
		case quote:
			return string(b), i + 1, true
		case '\n':
			return "", i, false
		case '\\':
			var n int
			if b, n, ok = unescape(b, text[i:]); !ok {
				return "", i, false
			}
			i += n
		default:
			b = append(b, c)
			i++
		}
	}
	return "", len(text), false
}

// escapes is what single letters after a backslash mean.
var escapes = map[byte]byte{
	'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v', '\\': '\\', '\'': '\'', '"': '"', '?': '?',
}

// unescape appends what the escape at the start of text stands for and says how
// long it is.
func unescape(b, text []byte) ([]byte, int, bool) {
	digits := func(from, most, base int) (uint64, int) {
		n := from
		for n < len(text) && n < from+most {
			if _, err := strconv.ParseUint(string(text[n]), base, 8); err != nil {
				break
			}
			n++
		}
		v, err := strconv.ParseUint(string(text[from:n]), base, 32)
		if err != nil {
			return 0, 0
		}
		return v, n
	}
	if len(text) < 2 {
		return b, 0, false
	}
	if c, ok := escapes[text[1]]; ok {
		return append(b, c), 2, true
	}
	switch text[1] {
	case 'x', 'X':
		v, n := digits(2, 2, 16)
		return append(b, byte(v)), n, n > 0
	case 'u', 'U':
		long := map[byte]int{'u': 4, 'U': 8}[text[1]]
		v, n := digits(2, long, 16)
		return utf8.AppendRune(b, rune(v)), n, n == 2+long && v <= utf8.MaxRune
	}
	v, n := digits(1, 3, 8)
	return append(b, byte(v)), n, n > 0 && v < 256
}
