package token

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Hangul: a syllable is one of 19 leading consonants, one of 21 vowels, and one
// of 27 trailing consonants or none, in this order of significance (The Unicode
// Standard, section 3.12).
const (
	syllables = 0xac00
	leads     = 0x1100
	vowels    = 0x1161
	trails    = 0x11a7 // one before the first: none

	leadCount  = 19
	vowelCount = 21
	trailCount = 28
)

// jamoOf is the letters of a syllable; trail is 0 without one, and ok false for
// what is no syllable.
func jamoOf(r rune) (lead, vowel, trail rune, ok bool) {
	s := r - syllables
	if s < 0 || s >= leadCount*vowelCount*trailCount {
		return 0, 0, 0, false
	}
	lead = leads + s/(vowelCount*trailCount)
	vowel = vowels + s/trailCount%vowelCount
	if t := s % trailCount; t > 0 {
		trail = trails + t
	}
	return lead, vowel, trail, true
}

// AppendJamo appends the letters of a syllable of Hangul, or any other character
// as it is.
func AppendJamo(b []byte, r rune) []byte {
	lead, vowel, trail, ok := jamoOf(r)
	if !ok {
		return utf8.AppendRune(b, r)
	}
	b = utf8.AppendRune(utf8.AppendRune(b, lead), vowel)
	if trail > 0 {
		b = utf8.AppendRune(b, trail)
	}
	return b
}

// Jamo is text in the form NFC with its syllables of Hangul taken apart into
// their letters; other characters stay together.
func Jamo(text string) string {
	var b []byte
	for _, r := range norm.NFC.String(text) {
		b = AppendJamo(b, r)
	}
	return string(b)
}

// Syllables undoes [Jamo].
func Syllables(text string) string {
	var b strings.Builder
	held := rune(0) // a lead, or a syllable that a trail can join
	flush := func() {
		if held != 0 {
			b.WriteRune(held)
		}
		held = 0
	}
	for _, r := range text {
		lead, vowel, trail := held-leads, r-vowels, r-trails
		_, _, has, whole := jamoOf(held)
		switch {
		case 0 <= lead && lead < leadCount && 0 <= vowel && vowel < vowelCount:
			held = syllables + (lead*vowelCount+vowel)*trailCount
		case whole && has == 0 && 0 < trail && trail < trailCount:
			held += trail
			flush()
		default:
			flush()
			held = r
		}
	}
	flush()
	return b.String()
}

// jamo is [Jamo] as a normaliser and [Syllables] as a decoder.
type jamo struct{}

func (jamo) normalize(p piece) piece {
	return form(norm.NFC).normalize(p).each(func(e *edit, r rune, from, to int) {
		lead, vowel, trail, ok := jamoOf(r)
		if !ok {
			e.keep(from, to)
			return
		}
		e.rune(lead, from, to)
		e.rune(vowel, from, to)
		if trail > 0 {
			e.rune(trail, from, to)
		}
	})
}

func (jamo) decode(list []string) []string { return []string{Syllables(strings.Join(list, ""))} }

func init() {
	normalizers["Jamo"] = func(d description) (normalizer, error) { return jamo{}, d.none() }
	decoders["Jamo"] = func(d description) (decoder, error) { return jamo{}, d.none() }
}
