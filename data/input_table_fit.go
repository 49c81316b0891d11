package data

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/ihae/ihae/media/table"
)

// keptValues is how many values of a category are told apart: the most frequent.
const keptValues = 1000

// fitting is what the training split says of one column.
type fitting struct {
	ColumnInput
	cell    int
	n       int // of numbers
	m2      float64
	missing int
	low     float64
	high    float64
	counts  map[string]int
}

// FitTable learns from the training split of ds, whose examples are raw rows,
// how its columns become numbers: of each number the mean and the deviation, of
// each category the values. Name and Kind of columns say which are wanted.
// Columns that are the same in every row are left out and told.
func FitTable(ds Dataset, columns []ColumnInput) (TableInput, []string, error) {
	fields := ds.Card().Fields
	fits := make([]fitting, len(columns))
	for i, c := range columns {
		fits[i] = fitting{ColumnInput: ColumnInput{Name: c.Name, Kind: c.Kind}, cell: slices.Index(fields, c.Name), counts: map[string]int{}}
		if fits[i].cell < 0 {
			return TableInput{}, nil, fmt.Errorf("there is no column %q", c.Name)
		}
	}
	for k := range ds.Len(Train) {
		e, err := ExampleOf(ds, Train, k)
		if err != nil {
			return TableInput{}, nil, err
		}
		cells := e.Cells()
		for i := range fits {
			if err := fits[i].add(cells[fits[i].cell]); err != nil {
				return TableInput{}, nil, fmt.Errorf("%s: column %q: %w", ds.ID(Train, k), fits[i].Name, err)
			}
		}
	}
	var t TableInput
	var notes []string
	for i := range fits {
		if why := fits[i].finish(ds.Len(Train)); why != "" {
			notes = append(notes, fmt.Sprintf("column %q is left out: %s", fits[i].Name, why))
			continue
		}
		t.Columns = append(t.Columns, fits[i].ColumnInput)
	}
	return t, notes, nil
}

func (f *fitting) add(cell string) error {
	if f.Kind == ColumnCategory {
		v := strings.TrimSpace(cell)
		if isMissingName(v) {
			f.missing++
			return nil
		}
		if _, known := f.counts[v]; known || len(f.counts) < maxValues {
			f.counts[v]++
		}
		return nil
	}
	if table.IsMissing(cell) {
		f.missing++
		return nil
	}
	v, err := ParseNumber(cell)
	if err != nil {
		return err
	}
	if f.n == 0 {
		f.low, f.high = v, v
	}
	f.low, f.high = min(f.low, v), max(f.high, v)
	f.n++
	d := v - f.Mean // Welford, 1962
	f.Mean += d / float64(f.n)
	f.m2 += d * (v - f.Mean)
	return nil
}

// finish decides how the column is read, or why it is not.
func (f *fitting) finish(rows int) string {
	f.Missing = f.missing > 0
	if f.Kind == ColumnNumber {
		return f.finishNumber()
	}
	most := slices.SortedFunc(maps.Keys(f.counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(f.counts[b], f.counts[a]), cmp.Compare(a, b))
	})
	if len(most) > oneHot { // names that come once say nothing
		most = slices.DeleteFunc(most, func(v string) bool { return f.counts[v] < 2 })
	}
	f.Values = slices.Sorted(slices.Values(most[:min(len(most), keptValues)]))
	switch {
	case f.missing == rows:
		return "all of it is missing"
	case len(f.counts) == 1 && !f.Missing:
		return fmt.Sprintf("it is %.40q in every row", slices.Collect(maps.Keys(f.counts))[0])
	case len(f.Values) == 0:
		return "no value comes twice"
	}
	return ""
}

func (f *fitting) finishNumber() string {
	switch {
	case f.n == 0:
		return "all of it is missing"
	case f.low == f.high && !f.Missing:
		return fmt.Sprintf("it is %v in every row", f.low)
	case math.IsInf(f.m2, 0) || math.IsNaN(f.m2) || math.IsInf(f.Mean, 0):
		return fmt.Sprintf("its numbers, from %v to %v, are too large to compute with", f.low, f.high)
	}
	if f.Deviation = math.Sqrt(f.m2 / float64(f.n)); f.Deviation == 0 {
		f.Deviation = 1
	}
	return ""
}
