package token

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// matcher finds added tokens in a text: at each place the longest.
type matcher struct{ first [256][]found }

// found is a token to look for.
type found struct {
	addedToken
	content string
}

func newMatcher() *matcher { return &matcher{} }

func (m *matcher) add(a addedToken, content string) {
	list := append(m.first[content[0]], found{a, content})
	slices.SortStableFunc(list, func(a, b found) int { return cmp.Compare(len(b.content), len(a.content)) })
	m.first[content[0]] = list
}

// cut gives the pieces of p in order: added tokens with their number, and what
// lies between them with -1.
func (m *matcher) cut(p piece, yield func(p piece, id int32)) {
	last := 0
	for i := 0; i < len(p.s); i++ {
		f, ok := m.at(p.s, i)
		if !ok {
			continue
		}
		from, to := i, i+len(f.content)
		if f.LStrip {
			from = last + len(strings.TrimRightFunc(p.s[last:from], isSpace))
		}
		if f.RStrip {
			to = len(p.s) - len(strings.TrimLeftFunc(p.s[to:], isSpace))
		}
		if last < from {
			yield(p.cut(last, from), -1)
		}
		yield(p.cut(from, to), f.ID)
		last, i = to, to-1
	}
	if last < len(p.s) {
		yield(p.cut(last, len(p.s)), -1)
	}
}

// at is the longest token that stands at byte i.
func (m *matcher) at(s string, i int) (found, bool) {
	for _, f := range m.first[s[i]] {
		if strings.HasPrefix(s[i:], f.content) && !(f.SingleWord && within(s, i, i+len(f.content))) {
			return f, true
		}
	}
	return found{}, false
}

// within says whether bytes [from, to) have a word character beside them.
func within(s string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:from])
	after, _ := utf8.DecodeRuneInString(s[to:])
	return from > 0 && isWord(before) || to < len(s) && isWord(after)
}
