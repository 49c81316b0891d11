package data

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/ihae/ihae/media/table"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// The kinds of columns that a network can read.
const (
	ColumnNumber   = "number"
	ColumnCategory = "category"
)

// oneHot is the most values of a category that have a place in the row each;
// beyond, the row has the number of the value, for an embedding.
const oneHot = 16

// maxColumns and maxValues bound what a table's description may ask for.
const (
	maxColumns = 100_000
	maxValues  = 100_000
)

// outlier is how many deviations from the mean a number counts at most.
const outlier = 20

// TableInput says how a row of a table becomes numbers. The row that the network
// sees has first the numbers, (v - Mean) / Deviation, 0 where they are missing;
// then 1 or 0 for each column whose numbers can be missing; then a place for
// each value of the categories with few values, 1 where it is the row's; and
// last the number of the value of each category with many.
type TableInput struct {
	Columns []ColumnInput `toml:"columns,omitempty"`
}

// ColumnInput is a column that the network sees.
type ColumnInput struct {
	Name      string   `toml:"name"`
	Kind      string   `toml:"kind"`                // number or category
	Mean      float64  `toml:"mean,omitempty"`      // of numbers, in training
	Deviation float64  `toml:"deviation,omitempty"` // of numbers; 1
	Missing   bool     `toml:"missing,omitempty"`   // in training some were missing
	Values    []string `toml:"values,omitempty"`    // of a category; all others are one, "other"
}

// isMissingName is [table.IsMissing] of a category, where NA may be a name, of a cell
// without spaces around it.
func isMissingName(cell string) bool { return cell == "" || cell == "?" }

// places is how many values a category has, "missing" with them and "other" not.
func (c ColumnInput) places() int {
	if c.Missing {
		return len(c.Values) + 1
	}
	return len(c.Values)
}

// embedded says whether the row has the number of the value. Number 0 is other
// values, and the last one missing.
func (c ColumnInput) embedded() bool { return c.Kind == ColumnCategory && c.places() > oneHot }

func checkTable(in Input) error {
	t := in.Table
	if len(t.Columns) == 0 || len(t.Columns) > maxColumns {
		return fmt.Errorf("input: a table of %d columns; wanted 1 to %d", len(t.Columns), maxColumns)
	}
	seen := map[string]bool{}
	for _, c := range t.Columns {
		switch {
		case seen[c.Name]:
			return fmt.Errorf("input: the column %q is there twice", c.Name)
		case c.Kind != ColumnNumber && c.Kind != ColumnCategory:
			return fmt.Errorf("input: column %q: kind %q; there is %s and %s", c.Name, c.Kind, ColumnNumber, ColumnCategory)
		case math.IsNaN(c.Mean-c.Mean) || math.IsNaN(c.Deviation-c.Deviation) || c.Deviation < 0:
			return fmt.Errorf("input: column %q: mean %v, deviation %v", c.Name, c.Mean, c.Deviation)
		case len(c.Values) > maxValues:
			return fmt.Errorf("input: column %q: %d values, at most %d", c.Name, len(c.Values), maxValues)
		}
		seen[c.Name] = true
	}
	return nil
}

// Width is F, the length of the row that the network sees.
func (t TableInput) Width() int {
	n := 0
	for _, c := range t.Columns {
		switch {
		case c.Kind == ColumnNumber && c.Missing:
			n += 2
		case c.Kind == ColumnNumber || c.embedded():
			n++
		default:
			n += c.places()
		}
	}
	return n
}

// vocab is how many numbers each embedded column has, "other" with them.
func (t TableInput) vocab() []int {
	var list []int
	for _, c := range t.Columns {
		if c.embedded() {
			list = append(list, c.places()+1)
		}
	}
	return list
}

// RowEncoder makes rows of cells. It is safe for concurrent use.
type RowEncoder struct {
	width   int
	columns []columnEncoder
}

// columnEncoder writes one column's share of a row.
type columnEncoder struct {
	ColumnInput
	cell    int            // where the column stands among the cells
	at      int            // in the row: the number, the number of the value, or the first place
	missing int            // of a number: its indicator; -1 without
	number  map[string]int // of values, from 0
}

// Encoder prepares to encode rows whose cells have these names, which must be
// those of all columns; others are left out of account.
func (t TableInput) Encoder(fields []string) (*RowEncoder, error) {
	e := &RowEncoder{width: t.Width()}
	var absent []string
	for _, c := range t.Columns {
		i := slices.Index(fields, c.Name)
		if i < 0 {
			absent = append(absent, strconv.Quote(c.Name))
		}
		e.columns = append(e.columns, columnEncoder{ColumnInput: c, cell: i, missing: -1})
	}
	if len(absent) > 0 {
		const shown = 10
		more := ""
		if n := len(absent) - shown; n > 0 {
			absent, more = absent[:shown], fmt.Sprintf(" and %d more", n)
		}
		return nil, fmt.Errorf("the table has no column %s%s, which the network reads", strings.Join(absent, ", "), more)
	}
	e.place()
	return e, nil
}

// place gives every column its places in the row, in the order of [TableInput].
func (e *RowEncoder) place() {
	at := 0
	each := func(is func(c *columnEncoder) bool, take func(c *columnEncoder) int) {
		for i := range e.columns {
			if c := &e.columns[i]; is(c) {
				n := take(c)
				at += n
			}
		}
	}
	one := func(c *columnEncoder) int { c.at = at; return 1 }
	each(func(c *columnEncoder) bool { return c.Kind == ColumnNumber }, one)
	each(func(c *columnEncoder) bool { return c.Kind == ColumnNumber && c.Missing },
		func(c *columnEncoder) int { c.missing = at; return 1 })
	each(func(c *columnEncoder) bool { return c.Kind == ColumnCategory && !c.embedded() },
		func(c *columnEncoder) int { c.at = at; return c.places() })
	each(func(c *columnEncoder) bool { return c.embedded() }, one)
	for i := range e.columns {
		c := &e.columns[i]
		if c.Kind == ColumnCategory {
			c.number = make(map[string]int, len(c.Values))
			for k, v := range c.Values {
				c.number[v] = k
			}
		}
	}
}

// Encode writes the row of float32 [F] that the network sees of cells. An error
// names the column.
func (e *RowEncoder) Encode(row []float32, cells []string) error {
	if len(row) != e.width {
		return fmt.Errorf("data: a row of %d numbers; the network takes %d", len(row), e.width)
	}
	clear(row)
	for i := range e.columns {
		c := &e.columns[i]
		if c.cell >= len(cells) {
			return c.short(len(cells))
		}
		if err := c.encode(row, cells[c.cell]); err != nil {
			return err
		}
	}
	return nil
}

// encodeRaw is Encode of a raw row, whose cells end there in its text.
func (e *RowEncoder) encodeRaw(row []float32, text []byte, ends []int32) error {
	clear(row)
	for i := range e.columns {
		c := &e.columns[i]
		if c.cell >= len(ends) {
			return c.short(len(ends))
		}
		from, to := 0, int(ends[c.cell])
		if c.cell > 0 {
			from = int(ends[c.cell-1])
		}
		if from < 0 || from > to || to > len(text) {
			return errors.New("data: the cells of a row do not lie in it")
		}
		if err := c.encode(row, string(text[from:to])); err != nil {
			return err
		}
	}
	return nil
}

func (c *columnEncoder) short(cells int) error {
	return fmt.Errorf("column %q: the row has only %d cells", c.Name, cells)
}

func (c *columnEncoder) encode(row []float32, cell string) error {
	if c.Kind == ColumnCategory {
		c.category(row, strings.TrimSpace(cell))
		return nil
	}
	if err := c.measure(row, cell); err != nil {
		return fmt.Errorf("column %q: %w", c.Name, err)
	}
	return nil
}

func (c *columnEncoder) category(row []float32, cell string) {
	k, known := c.number[cell]
	if isMissingName(cell) {
		k, known = len(c.Values), c.Missing
	}
	switch {
	case known && c.embedded():
		row[c.at] = float32(k + 1)
	case known:
		row[c.at+k] = 1
	}
}

func (c *columnEncoder) measure(row []float32, cell string) error {
	if table.IsMissing(cell) {
		if c.missing >= 0 {
			row[c.missing] = 1
		}
		return nil
	}
	v, err := ParseNumber(cell)
	if err != nil {
		return err
	}
	d := c.Deviation
	if d == 0 {
		d = 1
	}
	row[c.at] = float32(max(-outlier, min(outlier, (v-c.Mean)/d)))
	return nil
}

// ParseNumber reads a cell that holds a number; infinities are none.
func ParseNumber(cell string) (float64, error) {
	v, err := strconv.ParseFloat(strings.TrimSpace(cell), 64)
	switch {
	case errors.Is(err, strconv.ErrRange) || err == nil && math.IsNaN(v-v):
		return 0, fmt.Errorf("%.40q is not a finite number", strings.Clone(cell))
	case err != nil:
		return 0, fmt.Errorf("%.40q is not a number", strings.Clone(cell)) // cell itself may stay on the stack
	}
	return v, nil
}

// Cells is the cells of a raw row; nil where the example has none.
func (e Example) Cells() []string {
	text, ends := e[FieldRow], e[FieldEnds]
	if text.DType() != tensor.Uint8 || ends.DType() != tensor.Int32 {
		return nil
	}
	b, at := string(text.Bytes()), 0
	var cells []string
	for _, end := range tensor.Of[int32](ends) {
		if int(end) < at || int(end) > len(b) {
			return nil
		}
		cells = append(cells, b[at:end])
		at = int(end)
	}
	return cells
}

// tableFiller copies rows that are numbers, or encodes those that are cells.
func tableFiller(in Input, ds Dataset, augment []Augment) (func() fill, error) {
	if len(augment) > 0 {
		return nil, errors.New("input: rows have no augmentation")
	}
	var encoder *RowEncoder
	if fields := ds.Card().Fields; fields != nil {
		var err error
		if encoder, err = in.Table.Encoder(fields); err != nil {
			return nil, err
		}
	}
	f := func(row tensor.Tensor, e Example, _ rng.Stream) error {
		t, ok := e[FieldRow]
		switch {
		case !ok:
			return errors.New("data: the example has no row")
		case t.Type() == row.Type():
			copy(row.Floats(), t.Floats())
			return nil
		case encoder == nil:
			return fmt.Errorf("data: a row of %v; the network takes %v", t.Type(), row.Type())
		}
		ends, raw := e[FieldEnds], t.DType() == tensor.Uint8
		if !raw || ends.DType() != tensor.Int32 {
			return fmt.Errorf("data: a row of %v; wanted its text and where its cells end", t.Type())
		}
		return encoder.encodeRaw(row.Floats(), t.Bytes(), tensor.Of[int32](ends))
	}
	return func() fill { return f }, nil
}

func init() {
	inputKinds.Set(KindTable, inputKind{
		field: FieldRow, check: checkTable,
		typ:    func(in Input) tensor.Type { return tensor.F32(in.Table.Width()) },
		vocab:  func(in Input) []int { return in.Table.vocab() },
		filler: tableFiller,
	})
}

// Header says whether tables for this input name their columns: columns without
// names are called by their numbers.
func (t TableInput) Header() table.Header {
	for _, c := range t.Columns {
		if _, err := strconv.Atoi(c.Name); err != nil {
			return table.HeaderFirst
		}
	}
	return table.HeaderNone
}
