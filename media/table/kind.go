package table

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind is what the cells of a column are.
type Kind string

// The kinds of columns.
const (
	Empty      Kind = "empty"      // nothing in it
	Bool       Kind = "bool"       // yes or no, in one of the usual spellings, or 0 and 1
	Integer    Kind = "integer"    // whole numbers
	Number     Kind = "number"     // finite numbers
	Date       Kind = "date"       // days, with or without a time
	Category   Kind = "category"   // names that come again
	Identifier Kind = "identifier" // another value in each row: nothing to learn from
	Text       Kind = "text"       // sentences
)

// IsMissing says whether a cell says that there is no value.
func IsMissing(cell string) bool {
	cell = strings.TrimSpace(cell)
	if len(cell) > 4 {
		return false
	}
	switch strings.ToLower(cell) {
	case "", "?", "na", "n/a", "nan", "null", "#n/a":
		return true
	}
	return false
}

func isNumber(cell string) bool {
	v, err := strconv.ParseFloat(strings.TrimSpace(cell), 64)
	return err == nil && !math.IsInf(v, 0) && !math.IsNaN(v)
}

func isInteger(cell string) bool {
	_, err := strconv.ParseInt(strings.TrimSpace(cell), 10, 64)
	return err == nil
}

// dates is the layouts of days; times are those of what may follow one.
var (
	dates = []string{"2006-01-02", "2006/1/2", "2006.1.2", "2006. 1. 2.", "1/2/2006", "2/1/2006", "2.1.2006", "2006년 1월 2일"}
	times = []string{" 15:04", " 15:04:05", "T15:04:05", "T15:04:05Z07:00", " 15:04:05Z07:00"}
)

func isDate(cell string) bool {
	cell = strings.TrimSpace(cell)
	if len(cell) < 8 || len(cell) > 40 || !strings.ContainsAny(cell, "-/.년") {
		return false
	}
	for _, d := range dates {
		if _, err := time.Parse(d, cell); err == nil {
			return true
		}
		for _, t := range times {
			if _, err := time.Parse(d+t, cell); err == nil {
				return true
			}
		}
	}
	return false
}

// isBool says whether a cell is one of a pair of answers.
func isBool(cell string) bool {
	switch strings.ToLower(strings.TrimSpace(cell)) {
	case "0", "1", "true", "false", "yes", "no", "t", "f", "y", "n", "on", "off", "예", "아니오", "참", "거짓":
		return true
	}
	return false
}

// maxDistinct is how many values of a column are told apart, and maxKept how
// long those are that are told apart by more than their beginning.
const (
	maxDistinct = 1 << 16
	maxKept     = 256
)

// Column is what is known of a column after looking at its cells.
type Column struct {
	Name     string
	Kind     Kind
	Cells    int // looked at
	Missing  int
	Distinct int // of those not missing; counted up to 65,536
	Numbers  int // cells that are numbers
	Integers int // of those, the whole ones
	Values   []Count
	Low      float64 // smallest number
	High     float64 // largest number
	Longest  int     // characters
	Mean     float64 // characters of the cells not missing

	bools, dates, spaced int
	runes                int
	rising               bool // each integer is the one before plus one
	last                 string
	seen                 map[string]int
}

// Count is how often a value stands in a column.
type Count struct {
	Value string
	Cells int
}

// Profile is what is known of the columns of a table.
type Profile struct {
	Rows    int
	Columns []Column
}

// NewProfile looks at columns of these names.
func NewProfile(names []string) *Profile {
	p := &Profile{Columns: make([]Column, len(names))}
	for i, n := range names {
		p.Columns[i] = Column{Name: n, Low: math.Inf(1), High: math.Inf(-1), rising: true, seen: map[string]int{}}
	}
	return p
}

// Add takes a row into account.
func (p *Profile) Add(cells []string) {
	p.Rows++
	for i := range min(len(cells), len(p.Columns)) {
		p.Columns[i].add(cells[i])
	}
}

func (c *Column) add(cell string) {
	c.Cells++
	if IsMissing(cell) {
		c.Missing++
		return
	}
	cell = strings.TrimSpace(cell)
	n := utf8.RuneCountInString(cell)
	c.runes += n
	c.Longest = max(c.Longest, n)
	if strings.ContainsAny(cell, " \t\n") {
		c.spaced++
	}
	key := cell[:min(len(cell), maxKept)]
	if _, known := c.seen[key]; known || len(c.seen) < maxDistinct {
		c.seen[key]++
	}
	if isBool(cell) {
		c.bools++
	}
	if len(cell) < 64 {
		c.number(cell)
	}
	if c.dates+c.Missing == c.Cells-1 && isDate(cell) {
		c.dates++
	}
}

func (c *Column) number(cell string) {
	v, err := strconv.ParseFloat(cell, 64)
	if err != nil || math.IsNaN(v-v) {
		return
	}
	c.Numbers++
	c.Low, c.High = min(c.Low, v), max(c.High, v)
	if isInteger(cell) {
		c.Integers++
		c.rising = c.rising && (c.last == "" || follows(c.last, cell))
		c.last = cell
	}
}

func follows(a, b string) bool {
	x, _ := strconv.ParseInt(a, 10, 64)
	y, _ := strconv.ParseInt(b, 10, 64)
	return x+1 == y
}

// Finish decides the kinds, and gives the columns. Values is set for those with
// at most 1,000 different ones, the most frequent first.
func (p *Profile) Finish() []Column {
	for i := range p.Columns {
		p.Columns[i].finish()
	}
	return p.Columns
}

func (c *Column) finish() {
	n := c.Cells - c.Missing
	c.Distinct = len(c.seen)
	if n > 0 {
		c.Mean = float64(c.runes) / float64(n)
	}
	if c.Numbers == 0 {
		c.Low, c.High = 0, 0
	}
	if c.Kind = c.kind(n); c.Kind == Identifier || c.Kind == Text || c.Distinct > 1000 {
		return
	}
	c.Values = nil
	for v, k := range c.seen {
		c.Values = append(c.Values, Count{v, k})
	}
	slices.SortFunc(c.Values, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Cells, a.Cells), cmp.Compare(a.Value, b.Value))
	})
}

// kind of n cells that are not missing.
func (c *Column) kind(n int) Kind {
	const few = 20 // fewer rows say nothing of values that come again
	unique := c.Distinct >= min(n, maxDistinct) && n >= few
	switch {
	case n == 0:
		return Empty
	case c.bools == n && c.Distinct == 2:
		return Bool
	case c.Integers == n && unique && (c.rising || idName(c.Name)):
		return Identifier
	case c.Integers == n:
		return Integer
	case c.Numbers == n:
		return Number
	case c.dates == n:
		return Date
	case c.Mean > 100:
		return Text
	case c.Distinct <= few && c.Mean <= 40, 2*c.Distinct <= n:
		return Category
	case unique && c.spaced == 0:
		return Identifier
	}
	return Text
}

// idName says whether a column is called a number of the row.
func idName(name string) bool {
	low := strings.ToLower(name)
	switch low {
	case "id", "no", "no.", "nr", "index", "idx", "#", "key", "번호", "순번", "일련번호":
		return true
	}
	return strings.HasSuffix(low, "_id") || strings.HasSuffix(name, "Id") || strings.HasSuffix(name, "ID")
}
