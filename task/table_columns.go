package task

import (
	"fmt"
	"strings"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/media/table"
)

// chooseColumns decides which columns the network reads, and how, by the rows of
// the training split, or of the whole file where one was cut from it.
func (t *tableSetup) chooseColumns() error {
	ignore, err := t.names(keyIgnore)
	if err != nil {
		return err
	}
	categories, err := t.names(keyCategories)
	if err != nil {
		return err
	}
	said := map[string][]string{}
	for i, c := range t.rows.Profile(data.Train) {
		if i == t.target {
			continue
		}
		kind, as := "", ""
		switch {
		case ignore[c.Name]:
			as = "left out as asked"
		case categories[c.Name]:
			kind = data.ColumnCategory
		default:
			kind, as = columnKind(c)
		}
		if kind == "" {
			said[as] = append(said[as], c.Name)
			continue
		}
		if err := t.almostNumbers(i, c); err != nil && kind == data.ColumnCategory && !categories[c.Name] {
			return err
		}
		said[kind] = append(said[kind], c.Name)
		t.columns = append(t.columns, data.ColumnInput{Name: c.Name, Kind: kind})
	}
	for _, as := range []string{data.ColumnNumber, data.ColumnCategory, asIdentifier, asText, asDate, asEmpty, "left out as asked"} {
		if list := said[as]; len(list) > 0 {
			t.Note(fmt.Sprintf("%s: %s", as, listed(list)))
		}
	}
	if len(t.columns) == 0 {
		return refuse("no column is left to predict %q from; name those to read with --set %s=…", t.Output.Name, keyCategories)
	}
	return nil
}

// What is said of columns that are not read.
const (
	asIdentifier = "left out, another value in each row"
	asText       = "left out, text"
	asDate       = "left out, dates"
	asEmpty      = "left out, empty"
)

// columnKind is how a column is read, or why it is not.
func columnKind(c table.Column) (kind, why string) {
	n := c.Cells - c.Missing
	switch c.Kind {
	case table.Empty:
		return "", asEmpty
	case table.Identifier:
		return "", asIdentifier
	case table.Date:
		return "", asDate
	case table.Text:
		return "", asText
	case table.Integer, table.Number:
		return data.ColumnNumber, ""
	case table.Bool:
		if c.Numbers == n {
			return data.ColumnNumber, ""
		}
	}
	return data.ColumnCategory, ""
}

// almostNumbers refuses a column of numbers in which a few cells are none, since
// a slip of the keyboard should not make a category of it.
func (t *tableSetup) almostNumbers(column int, c table.Column) error {
	n := c.Cells - c.Missing
	if n < 20 || c.Numbers == n || float64(c.Numbers) < 0.95*float64(n) {
		return nil
	}
	for i := range t.rows.Len(data.Train) {
		cell := t.rows.Cell(data.Train, i, column)
		if table.IsMissing(cell) {
			continue
		}
		if _, err := data.ParseNumber(cell); err != nil {
			return refuse("%s: column %q: %w, as %d of its %d cells are; mend it, or take the column for names with --set %s=%s",
				t.rows.ID(data.Train, i), c.Name, err, c.Numbers, n, keyCategories, c.Name)
		}
	}
	return nil
}

// listed writes names with commas between, not all of many.
func listed(names []string) string {
	const shown = 24
	if n := len(names) - shown; n > 0 {
		return fmt.Sprintf("%d columns: %s and %d more", len(names), strings.Join(names[:shown], ", "), n)
	}
	return strings.Join(names, ", ")
}
