package token

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// sequenceOfNormalizers is one after another.
type sequenceOfNormalizers []normalizer

func (l sequenceOfNormalizers) normalize(p piece) piece {
	for _, n := range l {
		p = n.normalize(p)
	}
	return p
}

// form is a normalization form of Unicode Standard Annex 15.
type form norm.Form

func (f form) normalize(p piece) piece {
	if norm.Form(f).IsNormalString(p.s) {
		return p
	}
	e := p.edit()
	for i := 0; i < len(p.s); {
		n := norm.Form(f).NextBoundaryInString(p.s[i:], true)
		f.segment(e, i, i+n)
		i += n
	}
	return e.piece()
}

// segment appends the form of bytes [from, to), which what stands around them
// does not change: of each character by itself, where that is the same.
func (f form) segment(e *edit, from, to int) {
	s := e.src.s[from:to]
	all := norm.Form(f).String(s)
	var each []byte
	for _, r := range s {
		each = append(each, norm.Form(f).String(string(r))...)
	}
	if string(each) != all {
		e.add(all, from, to)
		return
	}
	for i, r := range s {
		e.add(norm.Form(f).String(string(r)), from+i, from+i+utf8.RuneLen(r))
	}
}

// lowercase is Unicode's full mapping of each character by itself.
type lowercase struct{}

func (lowercase) normalize(p piece) piece {
	return p.each(func(e *edit, r rune, from, to int) {
		if r == 'İ' {
			e.add("i\u0307", from, to)
			return
		}
		e.rune(unicode.ToLower(r), from, to)
	})
}

// strip drops spaces at the ends.
type strip struct {
	Left  bool `json:"strip_left"`
	Right bool `json:"strip_right"`
}

func (n strip) normalize(p piece) piece {
	from, to := 0, len(p.s)
	if n.Left {
		from = to - len(strings.TrimLeftFunc(p.s, isSpace))
	}
	if n.Right {
		to = from + len(strings.TrimRightFunc(p.s[from:], isSpace))
	}
	return p.cut(from, to)
}

// stripAccents drops all marks.
type stripAccents struct{}

func (stripAccents) normalize(p piece) piece {
	return p.each(func(e *edit, r rune, from, to int) {
		if !unicode.Is(unicode.M, r) {
			e.keep(from, to)
		}
	})
}

// prepend puts text before a piece that is not empty.
type prepend struct {
	Text string `json:"prepend"`
}

func (n prepend) normalize(p piece) piece {
	if p.s == "" {
		return p
	}
	_, first := utf8.DecodeRuneInString(p.s)
	e := p.edit()
	e.add(n.Text, 0, first)
	e.keep(0, len(p.s))
	return e.piece()
}

// replace changes all that a pattern matches.
type replace struct {
	pattern pattern
	content string
}

func (n replace) normalize(p piece) piece {
	e, last := p.edit(), 0
	for _, m := range n.pattern.find(p.s) {
		e.keep(last, m.from)
		e.add(n.content, m.from, m.to)
		last = m.to
	}
	if last == 0 {
		return p
	}
	e.keep(last, len(p.s))
	return e.piece()
}

// nmt is the clean-up of sentencepiece's nmt_nfkc: some controls go, others are
// spaces.
type nmt struct{}

func (nmt) normalize(p piece) piece {
	return p.each(func(e *edit, r rune, from, to int) {
		switch {
		case 1 <= r && r <= 8, r == 0xb, 0xe <= r && r <= 0x1f, r == 0x7f, r == 0x8f, r == 0x9f:
		case r == 9, r == 0xa, r == 0xc, r == 0xd, r == 0x1680, 0x200b <= r && r <= 0x200f,
			r == 0x2028, r == 0x2029, r == 0x2581, r == 0xfeff, r == 0xfffd:
			e.add(" ", from, to)
		default:
			e.keep(from, to)
		}
	})
}

func init() {
	normalizers["Sequence"] = func(d description) (normalizer, error) {
		var v struct {
			List []json.RawMessage `json:"normalizers"`
		}
		if err := d.read(&v); err != nil {
			return nil, err
		}
		list, err := buildAll(normalizers, "normalizer", v.List, d.depth)
		return sequenceOfNormalizers(list), err
	}
	for name, f := range map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD, "NFKC": norm.NFKC, "NFKD": norm.NFKD} {
		normalizers[name] = func(d description) (normalizer, error) { return form(f), d.none() }
	}
	normalizers["Lowercase"] = func(d description) (normalizer, error) { return lowercase{}, d.none() }
	normalizers["StripAccents"] = func(d description) (normalizer, error) { return stripAccents{}, d.none() }
	normalizers["Nmt"] = func(d description) (normalizer, error) { return nmt{}, d.none() }
	normalizers["Strip"] = func(d description) (normalizer, error) {
		var n strip
		err := d.read(&n)
		return n, err
	}
	normalizers["Prepend"] = func(d description) (normalizer, error) {
		var n prepend
		err := d.read(&n)
		return n, err
	}
	normalizers["Replace"] = func(d description) (normalizer, error) { return readReplace(d) }
}

// readReplace reads what normalisers and decoders of that name have.
func readReplace(d description) (replace, error) {
	var v struct {
		Pattern json.RawMessage `json:"pattern"`
		Content string          `json:"content"`
	}
	if err := d.read(&v); err != nil {
		return replace{}, err
	}
	p, err := readPattern(v.Pattern)
	return replace{p, v.Content}, err
}
