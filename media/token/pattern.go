package token

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// pattern finds what separates or is replaced: bytes [from, to), in order, none
// empty.
type pattern interface{ find(s string) []span }

// literal is a text.
type literal string

func (l literal) find(s string) []span {
	var list []span
	for at := 0; ; {
		i := strings.Index(s[at:], string(l))
		if i < 0 {
			return list
		}
		list = append(list, span{at + i, at + i + len(l)})
		at += i + len(l)
	}
}

// runes is single characters of a class.
type runes func(r rune) bool

func (f runes) find(s string) []span {
	var list []span
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if f(r) {
			list = append(list, span{i, i + n})
		}
		i += n
	}
	return list
}

// expression is a regular expression, matched in linear time.
type expression struct {
	re *regexp.Regexp
	// ahead is the group of an alternative `\s+(?!\S)`, which the package regexp
	// has not, and 0 without one.
	ahead int
}

// lookAhead is the one look-ahead that published patterns have, with what always
// stands after it.
const lookAhead = `\s+(?!\S)|\s+`

// possessive is published patterns whose possessive quantifiers change nothing,
// since what follows cannot match what they would give back.
var possessive = strings.NewReplacer(
	`[^\r\n\p{L}\p{N}]?+\p{L}`, `[^\r\n\p{L}\p{N}]?\p{L}`,
	`[^\s\p{L}\p{N}]++[\r\n]*`, `[^\s\p{L}\p{N}]+[\r\n]*`,
)

func newExpression(text string) (expression, error) {
	text = possessive.Replace(text)
	ahead := strings.HasSuffix(text, lookAhead)
	if ahead {
		text = strings.TrimSuffix(text, lookAhead) + `(?P<ahead>\s+)`
	}
	if strings.Contains(text, "(?!") || strings.Contains(text, "(?=") || strings.Contains(text, "(?<") {
		return expression{}, fmt.Errorf("the pattern %q looks around, which is known here only as %q at its end", text, lookAhead)
	}
	re, err := regexp.Compile(unicodeClasses(text))
	if err != nil {
		return expression{}, fmt.Errorf("the pattern %q: %w", text, err)
	}
	return expression{re, max(re.SubexpIndex("ahead"), 0)}, nil
}

// The classes as other engines have them; the package regexp knows ASCII only.
const (
	spaceClass = `\t-\r \x{85}\p{Z}`
	wordClass  = `\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}`
)

// unicodeClasses writes out \s, \w and \d.
func unicodeClasses(text string) string {
	var b strings.Builder
	inside := false // of brackets
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c != '\\' || i+1 == len(text) {
			inside = c == '[' || inside && c != ']'
			b.WriteByte(c)
			continue
		}
		i++
		b.WriteString(class(text[i], inside))
	}
	return b.String()
}

func class(c byte, inside bool) string {
	var list string
	switch c {
	case 's', 'S':
		list = spaceClass
	case 'w', 'W':
		list = wordClass
	case 'd':
		return `\p{Nd}`
	case 'D':
		return `\P{Nd}`
	default:
		return `\` + string(c)
	}
	switch {
	case inside:
		return list // \S and \W within brackets are refused before
	case c < 'a':
		return "[^" + list + "]"
	}
	return "[" + list + "]"
}

var negated = regexp.MustCompile(`\[[^\]]*\\[SW]`)

func (x expression) find(s string) []span {
	var list []span
	for at := 0; at < len(s); {
		m := x.re.FindStringSubmatchIndex(s[at:])
		if m == nil {
			return list
		}
		from, to := at+m[0], at+m[1]
		if x.ahead > 0 && m[2*x.ahead] >= 0 && to < len(s) {
			_, n := utf8.DecodeLastRuneInString(s[from:to])
			if to-n > from {
				to -= n
			}
		}
		if to == from {
			_, n := utf8.DecodeRuneInString(s[at:])
			at = max(at+n, to)
			continue
		}
		list = append(list, span{from, to})
		at = to
	}
	return list
}

// readPattern reads {"String": …} or {"Regex": …}.
func readPattern(raw json.RawMessage) (pattern, error) {
	var v struct{ String, Regex *string }
	if err := json.Unmarshal(raw, &v); err != nil {
		return nil, fmt.Errorf("pattern: %w", err)
	}
	switch {
	case v.String != nil && *v.String != "":
		return literal(*v.String), nil
	case v.Regex != nil && *v.Regex != "":
		if negated.MatchString(*v.Regex) {
			return nil, fmt.Errorf("the pattern %q has \\S or \\W within brackets, which is not known here", *v.Regex)
		}
		return newExpression(*v.Regex)
	}
	return nil, errors.New("a pattern is wanted: a String or a Regex that is not empty")
}
