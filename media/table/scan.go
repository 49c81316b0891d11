package table

import (
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// scanner cuts text into rows and cells. A row ends at LF, CRLF or a lone CR.
type scanner struct {
	in     *input
	limits Limits
	delim  rune
	quotes bool
	line   int // at which the scanner stands
	start  int // at which the newest row began
	text   []byte
	ends   []int // of the row's cells, in text
	marked bool  // the row has a quoted cell
}

func newScanner(in *input, f Format, l Limits) *scanner {
	return &scanner{in: in, limits: l, delim: f.Delimiter, quotes: f.Quotes == QuotesDouble, line: 1}
}

// What a cell ends with.
const (
	endCell = iota
	endRow
	endFile
)

// row is the cells of the next row that is not an empty line, io.EOF after the
// last.
func (s *scanner) row() ([]string, error) {
	for {
		s.text, s.ends, s.start, s.marked = s.text[:0], s.ends[:0], s.line, false
		end, err := s.fields()
		if err != nil {
			return nil, err
		}
		blank := len(s.ends) == 1 && len(s.text) == 0 && !s.marked
		switch {
		case !blank:
			return s.cells(), nil
		case end == endFile:
			return nil, io.EOF
		}
	}
}

// cells shares one string among the cells of a row.
func (s *scanner) cells() []string {
	text, at := string(s.text), 0
	cells := make([]string, len(s.ends))
	for i, end := range s.ends {
		cells[i], at = text[at:end], end
	}
	return cells
}

func (s *scanner) fields() (end int, err error) {
	for {
		end, err := s.cell()
		if err != nil {
			return end, err
		}
		s.ends = append(s.ends, len(s.text))
		if end != endCell {
			return end, nil
		}
		if len(s.ends) >= s.limits.Columns {
			return end, s.fault("more than the limit of %d columns", s.limits.Columns)
		}
	}
}

// cell appends one cell to the text.
func (s *scanner) cell() (end int, err error) {
	from := len(s.text)
	for {
		r, err := s.rune()
		if err != nil {
			return s.eof(err)
		}
		switch {
		case r == '"' && s.quotes && len(s.text) == from:
			return s.quoted(from)
		case r == s.delim:
			return endCell, nil
		case s.newline(r):
			return endRow, nil
		}
		if err := s.keep(r, from); err != nil {
			return 0, err
		}
	}
}

// quoted reads the rest of a cell that began with a quotation mark.
func (s *scanner) quoted(from int) (end int, err error) {
	opened := s.line
	s.marked = true
	for {
		r, err := s.rune()
		switch {
		case errors.Is(err, io.EOF):
			return 0, s.fault("the quotation mark of line %d is never closed; write a mark that is a character twice, within marks", opened)
		case err != nil:
			return 0, err
		}
		if r == '"' {
			next, err := s.rune()
			switch {
			case err != nil:
				return s.eof(err)
			case next == s.delim:
				return endCell, nil
			case s.newline(next):
				return endRow, nil
			case next != '"':
				return 0, s.fault("%q after the closing quotation mark; a mark within a quoted cell is written twice", next)
			}
		} else if r == '\n' {
			s.line++
		}
		if err := s.keep(r, from); err != nil {
			return 0, err
		}
	}
}

// newline says whether r ends a row, and takes the LF of a CRLF with it.
func (s *scanner) newline(r rune) bool {
	switch r {
	case '\r':
		if next, err := s.in.Peek(1); err == nil && next[0] == '\n' {
			_, _ = s.in.Discard(1)
		}
	case '\n':
	default:
		return false
	}
	s.line++
	return true
}

func (s *scanner) eof(err error) (end int, _ error) {
	if errors.Is(err, io.EOF) {
		return endFile, nil
	}
	return 0, err
}

// rune is the next character, checked.
func (s *scanner) rune() (rune, error) {
	r, size, err := s.in.ReadRune()
	switch {
	case errors.Is(err, io.EOF):
		return 0, err
	case err != nil:
		return 0, s.fault("%v", s.in.fault(err))
	case r == 0:
		return 0, s.fault("a byte 0, which no text has")
	case r == utf8.RuneError && (size == 1 || s.in.decoded):
		return 0, s.fault("bytes that are not %s; mend them, or save the file as UTF-8", s.in.encoding)
	}
	return r, nil
}

func (s *scanner) keep(r rune, from int) error {
	if len(s.text)-from >= s.limits.Cell {
		return s.fault("a cell of more than the limit of %d bytes; is a quotation mark not closed?", s.limits.Cell)
	}
	s.text = utf8.AppendRune(s.text, r)
	return nil
}

func (s *scanner) fault(reason string, args ...any) error {
	return &Error{Line: s.line, Column: len(s.ends) + 1, Reason: fmt.Sprintf(reason, args...)}
}
