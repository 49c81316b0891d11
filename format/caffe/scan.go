package caffe

import "fmt"

// scanner cuts a text into tokens. After the first mistake it stands at the end.
type scanner struct {
	text  []byte
	pos   int // behind the current token
	line  int
	start int // of the line

	kind  tokenKind
	token string // of a string: what it means
	at    place  // of the token
	err   error
}

type tokenKind uint8

const (
	endToken tokenKind = iota
	nameToken
	numberToken
	stringToken
	markToken // one character
)

func (s *scanner) fail(at place, reason string, args ...any) {
	if s.err == nil {
		s.err = at.errorf(reason, args...)
	}
	s.kind, s.token, s.pos = endToken, "", len(s.text)
}

// found describes the current token for messages.
func (s *scanner) found() string {
	if s.kind == endToken {
		return "the end"
	}
	if len(s.token) > 40 {
		return fmt.Sprintf("%.40q…", s.token)
	}
	return fmt.Sprintf("%q", s.token)
}

// mark takes the one-character token t if it stands here.
func (s *scanner) mark(t string) bool {
	if s.kind != markToken || s.token != t {
		return false
	}
	s.next()
	return true
}

func (s *scanner) here() place {
	return place{line: int32(s.line), column: int32(s.pos - s.start + 1)}
}

// next moves to the next token.
func (s *scanner) next() {
	s.space()
	s.at = s.here()
	if s.pos >= len(s.text) {
		s.kind, s.token = endToken, ""
		return
	}
	from := s.pos
	switch c := s.text[from]; {
	case letter(c):
		s.kind = nameToken
		s.while(func(c byte) bool { return letter(c) || digit(c) })
	case digit(c), c == '.':
		s.kind = numberToken
		exponent := false
		s.while(func(c byte) bool {
			sign := (c == '+' || c == '-') && exponent
			exponent = c == 'e' || c == 'E'
			return letter(c) || digit(c) || c == '.' || sign
		})
	case c == '"' || c == '\'':
		str, end, ok := unquote(s.text, from)
		if !ok {
			s.fail(s.at, "a string that is not closed on its line, or has a wrong escape")
			return
		}
		s.kind, s.token, s.pos = stringToken, str, end
		return
	default:
		s.kind = markToken
		s.pos++
	}
	s.token = string(s.text[from:s.pos])
}

func (s *scanner) while(ok func(byte) bool) {
	for s.pos < len(s.text) && ok(s.text[s.pos]) {
		s.pos++
	}
}

// space passes blanks and comments.
func (s *scanner) space() {
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; c {
		case '\n':
			s.pos++
			s.line++
			s.start = s.pos
		case ' ', '\t', '\r', '\v', '\f':
			s.pos++
		case '#':
			s.while(func(c byte) bool { return c != '\n' })
		default:
			return
		}
	}
}

func letter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }

func digit(c byte) bool { return c >= '0' && c <= '9' }
