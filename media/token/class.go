package token

import "unicode"

// The classes of characters are Unicode's of the version that a test names: a
// tokenizer must not change its numbers with the compiler.

// isSpace is White_Space.
func isSpace(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Z, r) }

func isLetter(r rune) bool { return unicode.IsLetter(r) }

func isNumber(r rune) bool { return unicode.Is(unicode.N, r) }

// isWord is \w of Unicode Technical Standard 18: letters and what joins them.
func isWord(r rune) bool {
	if r < 0x80 {
		return r == '_' || '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z'
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc, unicode.Other_Alphabetic) ||
		r == 0x200c || r == 0x200d
}

// isPunct is what BERT calls punctuation: the class P, and all of ASCII that is
// neither letter, digit, space nor control.
func isPunct(r rune) bool {
	return asciiPunct(r) || unicode.IsPunct(r)
}

func asciiPunct(r rune) bool {
	return '!' <= r && r <= '/' || ':' <= r && r <= '@' || '[' <= r && r <= '`' || '{' <= r && r <= '~'
}

// isControl is what BERT drops: the class C but tab and line ends. Code points
// that no character has are in it.
func isControl(r rune) bool {
	if r == '\t' || r == '\n' || r == '\r' {
		return false
	}
	if unicode.Is(unicode.C, r) {
		return true
	}
	return r >= 0x80 && !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z)
}

// isIdeograph is the blocks of Chinese characters, of which BERT makes a word
// each. Hangul and kana are not among them.
func isIdeograph(r rune) bool {
	return 0x4e00 <= r && r <= 0x9fff || 0x3400 <= r && r <= 0x4dbf || 0x20000 <= r && r <= 0x2a6df ||
		0x2a700 <= r && r <= 0x2b73f || 0x2b740 <= r && r <= 0x2b81f || 0x2b920 <= r && r <= 0x2ceaf ||
		0xf900 <= r && r <= 0xfaff || 0x2f800 <= r && r <= 0x2fa1f
}
