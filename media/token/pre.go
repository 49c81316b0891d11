package token

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// sequenceOfPreTokenizers cuts with one after another.
type sequenceOfPreTokenizers []preTokenizer

func (l sequenceOfPreTokenizers) split(p piece) []piece {
	list := []piece{p}
	for _, t := range l {
		var next []piece
		for _, p := range list {
			if p.s != "" {
				next = append(next, t.split(p)...)
			}
		}
		list = next
	}
	return list
}

// behavior is what becomes of what a pattern matches.
type behavior string

// The behaviors, as files call them.
const (
	removed    behavior = "Removed"
	isolated   behavior = "Isolated"
	contiguous behavior = "Contiguous"
	toPrevious behavior = "MergedWithPrevious"
	toNext     behavior = "MergedWithNext"
)

// part is bytes [from, to) that match or do not.
type part struct {
	span
	match bool
}

// separator cuts at a pattern.
type separator struct {
	pattern  pattern
	behavior behavior
	invert   bool // what does not match is taken as what does
}

func (t separator) split(p piece) []piece {
	var parts []part
	last := 0
	add := func(to int, match bool) {
		if last < to {
			parts = append(parts, part{span{last, to}, match != t.invert})
			last = to
		}
	}
	for _, m := range t.pattern.find(p.s) {
		add(m.from, false)
		add(m.to, true)
	}
	add(len(p.s), false)
	var list []piece
	for _, s := range t.behavior.join(parts) {
		list = append(list, p.cut(s.from, s.to))
	}
	return list
}

// join makes pieces of parts.
func (b behavior) join(parts []part) []span {
	var list []span
	for i, p := range parts {
		first := i == 0
		var before part
		if !first {
			before = parts[i-1]
		}
		switch {
		case b == removed && p.match:
		case !first && b == contiguous && p.match == before.match,
			!first && b == toPrevious && p.match && !before.match,
			!first && b == toNext && !p.match && before.match:
			list[len(list)-1].to = p.to
		default:
			list = append(list, p.span)
		}
	}
	return list
}

// words is runs of word characters and runs of other characters that are no
// space.
type words struct{}

func (words) split(p piece) []piece {
	kind := func(r rune) int {
		switch {
		case isWord(r):
			return 1
		case isSpace(r):
			return 0
		}
		return 2
	}
	var list []piece
	from, was := 0, 0
	for i := 0; i <= len(p.s); {
		k, n := 0, 1
		if i < len(p.s) {
			var r rune
			r, n = utf8.DecodeRuneInString(p.s[i:])
			k = kind(r)
		}
		if k != was {
			if was != 0 {
				list = append(list, p.cut(from, i))
			}
			from, was = i, k
		}
		i += n
	}
	return list
}

// bertWords cuts at spaces and around punctuation.
var bertWords = sequenceOfPreTokenizers{
	separator{runes(isSpace), removed, false},
	separator{runes(isPunct), isolated, false},
}

// metaspace is sentencepiece's: spaces become a visible character, with which
// words begin.
type metaspace struct {
	mark   string
	scheme string // when a mark is put before the text
	cut    bool
}

func (t metaspace) split(p piece) []piece {
	p = replace{literal(" "), t.mark}.normalize(p)
	first := t.scheme == "always" || t.scheme == "first" && p.origin(0, 1).from == 0
	if first && !strings.HasPrefix(p.s, t.mark) {
		p = prepend{t.mark}.normalize(p)
	}
	if !t.cut {
		return []piece{p}
	}
	return separator{literal(t.mark), toNext, false}.split(p)
}

// readMetaspace reads what pre-tokenisers and decoders of that name have.
func readMetaspace(d description) (metaspace, error) {
	var v struct {
		Replacement string  `json:"replacement"`
		Scheme      *string `json:"prepend_scheme"`
		Split       *bool   `json:"split"`
		Prefix      *bool   `json:"add_prefix_space"` // of older files
		Rep         string  `json:"str_rep"`          // of older files, as Replacement
	}
	if err := d.read(&v); err != nil {
		return metaspace{}, err
	}
	t := metaspace{v.Replacement, "always", v.Split == nil || *v.Split}
	switch {
	case v.Scheme != nil:
		t.scheme = *v.Scheme
	case v.Prefix != nil && !*v.Prefix:
		t.scheme = "never"
	}
	if utf8.RuneCountInString(t.mark) != 1 {
		return t, fmt.Errorf("the replacement is %q, wanted is one character", t.mark)
	}
	if t.scheme != "always" && t.scheme != "first" && t.scheme != "never" {
		return t, fmt.Errorf("the prepend_scheme %q is not known", t.scheme)
	}
	return t, nil
}

func init() {
	preTokenizers["Sequence"] = func(d description) (preTokenizer, error) {
		var v struct {
			List []json.RawMessage `json:"pretokenizers"`
		}
		if err := d.read(&v); err != nil {
			return nil, err
		}
		list, err := buildAll(preTokenizers, "pre_tokenizer", v.List, d.depth)
		return sequenceOfPreTokenizers(list), err
	}
	preTokenizers["Whitespace"] = func(d description) (preTokenizer, error) { return words{}, d.none() }
	preTokenizers["WhitespaceSplit"] = func(d description) (preTokenizer, error) {
		return separator{runes(isSpace), removed, false}, d.none()
	}
	preTokenizers["BertPreTokenizer"] = func(d description) (preTokenizer, error) { return bertWords, d.none() }
	preTokenizers["Metaspace"] = func(d description) (preTokenizer, error) { return readMetaspace(d) }
	preTokenizers["Punctuation"] = readPunctuation
	preTokenizers["Digits"] = readDigits
	preTokenizers["CharDelimiterSplit"] = readDelimiter
	preTokenizers["Split"] = readSplit
}

func readPunctuation(d description) (preTokenizer, error) {
	v := struct {
		Behavior behavior `json:"behavior"`
	}{isolated}
	if err := d.read(&v); err != nil {
		return nil, err
	}
	return separator{runes(isPunct), v.Behavior, false}, v.Behavior.check()
}

func readDigits(d description) (preTokenizer, error) {
	var v struct {
		Each bool `json:"individual_digits"`
	}
	err := d.read(&v)
	if v.Each {
		return separator{runes(isNumber), isolated, false}, err
	}
	return separator{runes(isNumber), contiguous, false}, err
}

func readDelimiter(d description) (preTokenizer, error) {
	var v struct {
		Delimiter string `json:"delimiter"`
	}
	if err := d.read(&v); err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(v.Delimiter) != 1 {
		return nil, fmt.Errorf("the delimiter is %q, wanted is one character", v.Delimiter)
	}
	return separator{literal(v.Delimiter), removed, false}, nil
}

func readSplit(d description) (preTokenizer, error) {
	var v struct {
		Pattern  json.RawMessage `json:"pattern"`
		Behavior behavior        `json:"behavior"`
		Invert   bool            `json:"invert"`
	}
	if err := d.read(&v); err != nil {
		return nil, err
	}
	p, err := readPattern(v.Pattern)
	if err != nil {
		return nil, err
	}
	return separator{p, v.Behavior, v.Invert}, v.Behavior.check()
}

func (b behavior) check() error {
	switch b {
	case removed, isolated, contiguous, toPrevious, toNext:
		return nil
	}
	return fmt.Errorf("the behavior %q is not known", string(b))
}
