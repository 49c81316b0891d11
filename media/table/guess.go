package table

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"unicode"
)

// sampleRows is how many rows of the beginning are compared.
const sampleRows = 200

// delimiters in the order in which a draw between them is decided.
var delimiters = []rune{',', '\t', ';', '|'}

// guess decides what the format leaves open by the beginning of the text; whole
// says that it is all there is.
func (f *Format) guess(head []byte, whole bool) error {
	if f.Delimiter == '"' || f.Delimiter == '\n' || f.Delimiter == '\r' || f.Delimiter < 0 {
		return errors.New("the delimiter is a quotation mark or a line end")
	}
	if f.Delimiter == 0 {
		f.Delimiter = guessDelimiter(head, whole, f.Quotes)
	}
	if f.Quotes == QuotesGuess {
		f.Quotes = guessQuotes(head, whole, f.Delimiter)
	}
	if f.Header == HeaderGuess {
		rows, _ := sample(head, whole, f.Delimiter, f.Quotes)
		f.Header = HeaderNone
		if hasHeader(rows) {
			f.Header = HeaderFirst
		}
	}
	return nil
}

// sample is the rows of the beginning, without one that it cuts. sound says
// whether quotes follow the rules.
func sample(head []byte, whole bool, delim rune, q Quotes) (rows [][]string, sound bool) {
	if end := bytes.LastIndexByte(head, '\n'); !whole && end >= 0 {
		head = head[:end+1]
	}
	if q == QuotesGuess {
		q = QuotesDouble
	}
	in := &input{bufio.NewReader(bytes.NewReader(head)), utf8Name, false}
	s := newScanner(in, Format{Delimiter: delim, Quotes: q}, Limits{}.withDefaults())
	for len(rows) < sampleRows {
		cells, err := s.row()
		if err != nil {
			return rows, errors.Is(err, io.EOF)
		}
		rows = append(rows, cells)
	}
	return rows, true
}

// guessDelimiter takes the delimiter that cuts the most rows into the same
// number of cells, and of equal ones that with more cells. Nothing that cuts
// leaves one column, between commas.
func guessDelimiter(head []byte, whole bool, q Quotes) rune {
	best, bestScore := delimiters[0], 0.0
	for _, d := range delimiters {
		quotes := q
		if quotes == QuotesGuess {
			quotes = guessQuotes(head, whole, d)
		}
		rows, sound := sample(head, whole, d, quotes)
		count := map[int]int{}
		for _, r := range rows {
			count[len(r)]++
		}
		for cells, n := range count {
			share := float64(n) / float64(len(rows))
			if cells < 2 || share < 0.6 || !sound && n < 2 {
				continue
			}
			score := share*share*100 + math.Log2(float64(cells))
			if score > bestScore {
				best, bestScore = d, score
			}
		}
	}
	return best
}

// guessQuotes takes marks as characters where tabs delimit, unless that leaves
// rows of different lengths and the rules of RFC 4180 do not, or cells show that
// their writer doubled marks.
func guessQuotes(head []byte, whole bool, delim rune) Quotes {
	if delim != '\t' {
		return QuotesDouble
	}
	literal, _ := sample(head, whole, delim, QuotesLiteral)
	double, sound := sample(head, whole, delim, QuotesDouble)
	switch {
	case !sound || !even(double):
		return QuotesLiteral
	case !even(literal):
		return QuotesDouble
	}
	if end := bytes.LastIndexByte(head, '\n'); !whole && end >= 0 {
		head = head[:end+1]
	}
	return marks(head)
}

// even says whether all rows have the same number of cells.
func even(rows [][]string) bool {
	for _, r := range rows {
		if len(r) != len(rows[0]) {
			return false
		}
	}
	return true
}

// marks judges by the cells that begin with a mark, and by how many lines have
// one.
func marks(head []byte) Quotes {
	doubled, lines, with := false, 0, 0
	for line := range bytes.Lines(head) {
		quoted := false
		for cell := range bytes.SplitSeq(bytes.TrimRight(line, "\r\n"), []byte("\t")) {
			if len(cell) == 0 || cell[0] != '"' {
				continue
			}
			inner := bytes.ReplaceAll(cell[1:], []byte(`""`), nil)
			if len(inner) == 0 || bytes.IndexByte(inner, '"') != len(inner)-1 {
				return QuotesLiteral
			}
			quoted = true
			doubled = doubled || len(inner) < len(cell)-1
		}
		lines++
		if quoted {
			with++
		}
	}
	if doubled || with > 1 && with >= lines-1 {
		return QuotesDouble
	}
	return QuotesLiteral
}

// hasHeader compares the first row with those after it.
func hasHeader(rows [][]string) bool {
	if len(rows) == 0 {
		return false
	}
	first, rest := rows[0], rows[1:]
	seen := map[string]bool{}
	for _, c := range first {
		c = strings.ToLower(strings.TrimSpace(c))
		if seen[c] || isNumber(c) || isDate(c) {
			return false
		}
		seen[c] = c != ""
	}
	votes := 0
	for i, name := range first {
		votes += headerVote(strings.TrimSpace(name), rest, i)
	}
	switch {
	case votes != 0:
		return votes > 0
	case len(rest) == 0:
		return len(first) > 1 && nameLike(first)
	}
	return nameLike(first)
}

// headerVote is 1 where the column has numbers below a name, -1 where its first
// cell is one of its values, 0 where nothing can be said.
func headerVote(name string, rest [][]string, i int) int {
	numbers, others := 0, 0
	values := map[string]int{}
	for _, r := range rest {
		if i >= len(r) || IsMissing(r[i]) {
			continue
		}
		values[strings.TrimSpace(r[i])]++
		if isNumber(r[i]) {
			numbers++
		} else {
			others++
		}
	}
	switch {
	case name != "" && values[name] > 0:
		return -1
	case numbers > 0 && others == 0 && !IsMissing(name):
		return 1
	case others >= 10 && len(values)*3 <= others && name != "":
		return 1 // a category that the first cell is not of
	}
	return 0
}

// nameLike says whether cells look like names of columns: a few words each and
// no sentence.
func nameLike(cells []string) bool {
	for _, c := range cells {
		c = strings.TrimSpace(c)
		if c == "" {
			continue
		}
		if len([]rune(c)) > 40 || len(strings.Fields(c)) > 3 || strings.ContainsAny(c[len(c)-1:], ".,!?") {
			return false
		}
		if !strings.ContainsFunc(c, unicode.IsLetter) {
			return false
		}
	}
	return true
}
