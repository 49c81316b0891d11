package token

import (
	"strings"
	"unicode/utf8"
)

// byteRune is the visible character that stands for each byte, and runeByte the
// way back: Radford et al., "Language Models are Unsupervised Multitask
// Learners", 2019. Bytes that are visible in Latin-1 stand for themselves, the
// others are numbered from 256 on.
var byteRune, runeByte = byteTable()

func byteTable() (to [256]rune, back map[rune]byte) {
	back = map[rune]byte{}
	n := rune(256)
	for b := range rune(256) {
		to[b] = b
		if b <= ' ' || 0x7f <= b && b <= 0xa0 || b == 0xad {
			to[b] = n
			n++
		}
		back[to[b]] = byte(b)
	}
	return to, back
}

// byteLevel cuts as GPT-2 does and writes bytes as visible characters.
type byteLevel struct {
	Prefix bool `json:"add_prefix_space"` // a space is put before a text without one
	Trim   bool `json:"trim_offsets"`     // of post-processors: spaces are no part of a token's place
	Cut    bool `json:"use_regex"`
}

func (t byteLevel) split(p piece) []piece {
	if t.Prefix && !strings.HasPrefix(p.s, " ") {
		p = prepend{" "}.normalize(p)
	}
	list := []piece{p}
	if t.Cut {
		list = list[:0]
		for i := 0; i < len(p.s); {
			n := nextWord(p.s[i:])
			list = append(list, p.cut(i, i+n))
			i += n
		}
	}
	for i, w := range list {
		list[i] = t.normalize(w)
	}
	return list
}

// normalize writes each byte as a character. All bytes of a character have its
// place.
func (byteLevel) normalize(p piece) piece {
	return p.each(func(e *edit, _ rune, from, to int) {
		for i := from; i < to; i++ {
			e.rune(byteRune[p.s[i]], from, to)
		}
	})
}

// nextWord is the length of the first match in s of GPT-2's pattern
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// which matches at the start of any text.
func nextWord(s string) int {
	for _, c := range []string{"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"} {
		if strings.HasPrefix(s, c) {
			return len(c)
		}
	}
	at := 0
	if s[0] == ' ' {
		at = 1
	}
	r, _ := utf8.DecodeRuneInString(s[at:])
	switch {
	case at == len(s) || isSpace(r):
		return spaces(s)
	case isLetter(r):
		return at + run(s[at:], isLetter)
	case isNumber(r):
		return at + run(s[at:], isNumber)
	}
	return at + run(s[at:], func(r rune) bool { return !isSpace(r) && !isLetter(r) && !isNumber(r) })
}

// run is the length of the characters of a class that s begins with.
func run(s string, is func(rune) bool) int {
	for i, r := range s {
		if !is(r) {
			return i
		}
	}
	return len(s)
}

// spaces is the spaces that s begins with, but for the last before a word.
func spaces(s string) int {
	n := run(s, isSpace)
	_, last := utf8.DecodeLastRuneInString(s[:n])
	if n < len(s) && n > last {
		return n - last
	}
	return n
}

// process is byteLevel as a post-processor: tokens keep their numbers, and their
// places do without the spaces.
func (t byteLevel) process(_ *Tokenizer, list []Token) []Token {
	if !t.Trim {
		return list
	}
	for i := range list {
		k := &list[i]
		if k.Special {
			continue
		}
		lead := len(k.Text) - len(strings.TrimLeft(k.Text, "Ġ"))
		lead /= len("Ġ")
		if i == 0 && t.Prefix && k.From == 0 && lead > 0 {
			lead--
		}
		trail := (len(k.Text) - len(strings.TrimRight(k.Text, "Ġ"))) / len("Ġ")
		k.From = min(k.From+lead, k.To)
		k.To = max(k.To-trail, k.From)
	}
	return list
}

// decode joins bytes; what is no UTF-8 becomes the replacement character.
func (byteLevel) decode(list []string) []string {
	var b []byte
	for _, token := range list {
		b = appendBytes(b, token)
	}
	return []string{strings.ToValidUTF8(string(b), "�")}
}

// appendBytes appends the bytes that a token stands for, or the token itself
// where it is none of theirs.
func appendBytes(b []byte, token string) []byte {
	n := len(b)
	for _, r := range token {
		c, ok := runeByte[r]
		if !ok {
			return append(b[:n], token...)
		}
		b = append(b, c)
	}
	return b
}

func readByteLevel(d description) (byteLevel, error) {
	t := byteLevel{Prefix: true, Trim: true, Cut: true}
	err := d.read(&t)
	return t, err
}

func init() {
	normalizers["ByteLevel"] = func(d description) (normalizer, error) { return byteLevel{}, d.none() }
	preTokenizers["ByteLevel"] = func(d description) (preTokenizer, error) { return readByteLevel(d) }
	postProcessors["ByteLevel"] = func(d description) (postProcessor, error) { return readByteLevel(d) }
	decoders["ByteLevel"] = func(d description) (decoder, error) { return readByteLevel(d) }
}
