package data

import (
	"fmt"
	"strings"

	"github.com/ihae/ihae/media/table"
	"github.com/ihae/ihae/tensor"
)

// labeledRows is rows with the labels of one column. Rows without a label are
// left out.
type labeledRows struct {
	*Rows
	card   Card
	kept   map[Split][]int // places in Rows
	labels map[Split][]int32
	values map[Split][]float64
}

// Target implements [Targets]. Rows that have nothing in the column are left
// out; a split in which none has is empty.
func (r *Rows) Target(o Output, classes []string) (Dataset, error) {
	column, err := r.Column(o.Name)
	if err != nil {
		return nil, fmt.Errorf("the target: %w", err)
	}
	l := &labeledRows{Rows: r, card: r.card, kept: map[Split][]int{}, labels: map[Split][]int32{}, values: map[Split][]float64{}}
	l.card.Classes, l.card.Count = classes, map[Split]int{}
	number := map[string]int32{}
	for k, c := range classes {
		number[c] = int32(k)
	}
	for _, s := range Splits {
		for i := range r.Len(s) {
			cell := strings.TrimSpace(r.Cell(s, i, column))
			if table.IsMissing(cell) {
				if _, isClass := number[cell]; !isClass {
					continue
				}
			}
			if err := l.add(s, i, cell, o, number); err != nil {
				return nil, fmt.Errorf("%s: column %q: %w", r.ID(s, i), o.Name, err)
			}
		}
		l.card.Count[s] = len(l.kept[s])
	}
	return l, nil
}

// add labels a row by its cell.
func (l *labeledRows) add(s Split, i int, cell string, o Output, number map[string]int32) error {
	if o.Is(OutputValue) {
		v, err := ParseNumber(cell)
		if err != nil {
			return err
		}
		l.values[s] = append(l.values[s], v)
	} else {
		k, known := number[cell]
		if !known {
			return fmt.Errorf("the class %.60q is none of the network's, which are %s", cell, some(l.card.Classes))
		}
		l.labels[s] = append(l.labels[s], k)
	}
	l.kept[s] = append(l.kept[s], i)
	return nil
}

// some lists names, not all of many.
func some(names []string) string {
	const shown = 20
	if len(names) > shown {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
	}
	return strings.Join(names, ", ")
}

func (l *labeledRows) Card() Card               { return l.card }
func (l *labeledRows) Len(s Split) int          { return len(l.kept[s]) }
func (l *labeledRows) ID(s Split, i int) string { return l.Rows.ID(s, l.kept[s][i]) }

func (l *labeledRows) Put(e Example, s Split, i int) error {
	if list := l.values[s]; list != nil {
		e[FieldValue] = tensor.From(tensor.Dims(), list[i:i+1])
	} else {
		e[FieldLabel] = tensor.From(tensor.Dims(), l.labels[s][i:i+1])
	}
	return l.Rows.Put(e, s, l.kept[s][i])
}

// Label implements [Labeled].
func (l *labeledRows) Label(s Split, i int) (int, error) {
	if list := l.labels[s]; list != nil {
		return int(list[i]), nil
	}
	return 0, fmt.Errorf("data: the rows have no classes")
}
