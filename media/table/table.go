// Package table reads tables as people have them: CSV (RFC 4180) and
// tab-separated files, packed by gzip or bzip2 or not, with what the file does
// not say of itself (delimiter, header, quotes, encoding) guessed from its
// beginning and told. What it reads is not trusted: cells, columns, rows and
// bytes have limits, and a mistake in the file is an error with its line.
package table

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// Header is whether the first row names the columns.
type Header string

// What can be said of the header.
const (
	HeaderGuess Header = ""     // by comparing the first row with those after it
	HeaderFirst Header = "yes"  // the first row
	HeaderNone  Header = "none" // columns are called "1", "2" and so on
)

// Quotes is whether a quotation mark at the start of a cell has a meaning.
type Quotes string

// What can be said of quotes.
const (
	QuotesGuess   Quotes = ""     // RFC 4180; but none where tabs delimit and the beginning breaks its rules
	QuotesDouble  Quotes = "yes"  // RFC 4180: "a, ""b""" is one cell
	QuotesLiteral Quotes = "none" // marks are characters like others
)

// Options is what is known of a file. The zero value guesses all of it.
type Options struct {
	Delimiter rune   // 0 guesses among comma, tab, semicolon and bar
	Header    Header // guessed
	Quotes    Quotes // guessed
	Encoding  string // one of [Encodings], or empty to guess
	Limits    Limits
}

// Limits bounds what one file can make a reader allocate. A zero field means
// the default in its comment.
type Limits struct {
	Bytes   int64 // of the file, unpacked: 4 GiB
	Cell    int   // bytes of one cell: 1 MiB
	Columns int   // 10,000
	Rows    int   // 50,000,000
}

func (l Limits) withDefaults() Limits {
	d := Limits{Bytes: 4 << 30, Cell: 1 << 20, Columns: 10_000, Rows: 50_000_000}
	if l.Bytes > 0 {
		d.Bytes = l.Bytes
	}
	if l.Cell > 0 {
		d.Cell = l.Cell
	}
	if l.Columns > 0 {
		d.Columns = l.Columns
	}
	if l.Rows > 0 {
		d.Rows = l.Rows
	}
	return d
}

// Format is how a file is read, all guesses made.
type Format struct {
	Packing   string // "gzip", "bzip2" or empty
	Encoding  string // one of [Encodings]
	Delimiter rune
	Header    Header // HeaderFirst or HeaderNone
	Quotes    Quotes // QuotesDouble or QuotesLiteral
}

// String says the format in a line for people.
func (f Format) String() string {
	name := map[rune]string{',': "commas", '\t': "tabs", ';': "semicolons", '|': "bars"}[f.Delimiter]
	if name == "" {
		name = fmt.Sprintf("%q", f.Delimiter)
	}
	s := "cells between " + name + ", " + f.Encoding
	if f.Packing != "" {
		s += ", " + f.Packing
	}
	if f.Header == HeaderNone {
		s += ", no header"
	}
	if f.Quotes == QuotesLiteral {
		s += ", quotes are characters"
	}
	return s
}

// An Error says what in the file is not a table, and where.
type Error struct {
	Line   int // from 1, counting line ends as they stand in the file
	Column int // of the table, from 1; 0 for the whole line
	Reason string
}

// Error names the place and the reason.
func (e *Error) Error() string {
	if e.Column > 0 {
		return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Reason)
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
}

// Row is one row of a table. The cells are the caller's own.
type Row struct {
	Cells []string // as many as there are columns
	Line  int      // of the file, from 1, in which the row begins
}

// Reader reads the rows of a table one after another.
type Reader struct {
	scan   *scanner
	format Format
	names  []string
	first  []string // the first row, where it is no header and not yet given
	rows   int
	limits Limits
	err    error
}

// NewReader reads the beginning of r and guesses what o leaves open. A file
// without any row is an error.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	l := o.Limits.withDefaults()
	in, format, err := decode(r, o.Encoding, l)
	if err != nil {
		return nil, err
	}
	format.Delimiter, format.Header, format.Quotes = o.Delimiter, o.Header, o.Quotes
	head, err := in.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, in.fault(err)
	}
	whole := err != nil
	if err := format.guess(head, whole); err != nil {
		return nil, err
	}
	t := &Reader{scan: newScanner(in, format, l), format: format, limits: l}
	first, err := t.scan.row()
	if errors.Is(err, io.EOF) {
		return nil, &Error{Line: 1, Reason: "the file is empty"}
	}
	if err != nil {
		return nil, err
	}
	if format.Header == HeaderFirst {
		t.names = Names(first)
	} else {
		t.first, t.names = first, Names(make([]string, len(first)))
	}
	return t, nil
}

// Names makes the cells of a header into names that are all different and not
// empty: the second "a" becomes "a.2", an empty fourth one "4".
func Names(cells []string) []string {
	names, seen := make([]string, len(cells)), map[string]bool{}
	for i, c := range cells {
		base := strings.TrimSpace(c)
		if base == "" {
			base = fmt.Sprint(i + 1)
		}
		name := base
		for k := 2; seen[name]; k++ {
			name = fmt.Sprintf("%s.%d", base, k)
		}
		seen[name], names[i] = true, name
	}
	return names
}

// Format is how the file is read.
func (t *Reader) Format() Format { return t.format }

// Columns is the names of the columns: all different, none empty.
func (t *Reader) Columns() []string { return slices.Clone(t.names) }

// Read is the next row, or [io.EOF] after the last. After any error it gives
// that error again. Lines with nothing on them are no rows.
func (t *Reader) Read() (Row, error) {
	if t.err != nil {
		return Row{}, t.err
	}
	row, err := t.read()
	if err != nil {
		t.err = err
		return Row{}, err
	}
	t.rows++
	if t.rows > t.limits.Rows {
		t.err = &Error{Line: row.Line, Reason: fmt.Sprintf("more than the limit of %d rows", t.limits.Rows)}
		return Row{}, t.err
	}
	return row, nil
}

func (t *Reader) read() (Row, error) {
	if t.first != nil {
		row := Row{t.first, t.scan.start}
		t.first = nil
		return row, nil
	}
	cells, err := t.scan.row()
	if err != nil {
		return Row{}, err
	}
	if len(cells) != len(t.names) {
		return Row{}, &Error{Line: t.scan.start, Reason: fmt.Sprintf(
			"%d cells, but the table has %d columns (%s); wanted is the same number in every row",
			len(cells), len(t.names), t.format)}
	}
	return Row{cells, t.scan.start}, nil
}

// Rows gives the rows up to the end of the file or the first error.
func (t *Reader) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for {
			row, err := t.Read()
			if errors.Is(err, io.EOF) || !yield(row, err) || err != nil {
				return
			}
		}
	}
}
