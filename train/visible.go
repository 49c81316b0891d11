package train

import (
	"strconv"
	"strings"
	"unicode"
)

// Visible is s with escapes, as \n and \x1b, in the place of characters that
// command a terminal or turn the direction of what follows: names that stand in
// somebody's data are shown and do nothing.
func Visible(s string) string {
	if strings.IndexFunc(s, commands) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if commands(r) {
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func commands(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
