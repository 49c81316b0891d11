package data

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/media/table"
	"github.com/ihae/ihae/tensor"
)

// Rows is a table in memory: examples whose cells are text until an [Input]
// makes numbers of them. It has no labels before [Rows.Target] chooses the
// column that holds them.
type Rows struct {
	card    Card
	formats []string // of the files, for people
	parts   map[Split]*cells
}

// cells is the rows of a split. A row's text is its cells one after another.
type cells struct {
	text   []byte
	ends   []int32  // [N C], from the start of the row
	starts []int    // [N] in text
	lines  []int32  // [N] in the file
	files  []string // [N], which all share few texts
}

// NewRows is an empty table with columns of these names.
func NewRows(card Card, columns []string) *Rows {
	card.Fields, card.Count, card.Classes = columns, map[Split]int{}, nil
	return &Rows{card: card, parts: map[Split]*cells{}}
}

// Add appends a row, which stands in that line of a file, to a split.
func (r *Rows) Add(s Split, row []string, file string, line int) {
	p := r.parts[s]
	if p == nil {
		p = &cells{}
		r.parts[s] = p
	}
	p.starts = append(p.starts, len(p.text))
	end := 0
	for i := range r.card.Fields {
		p.text = append(p.text, row[i]...)
		end += len(row[i])
		p.ends = append(p.ends, int32(end))
	}
	p.lines, p.files = append(p.lines, int32(line)), append(p.files, file)
	r.card.Count[s]++
}

// Card implements [Dataset].
func (r *Rows) Card() Card { return r.card }

// Formats is how the files were read, for people.
func (r *Rows) Formats() []string { return r.formats }

// Len implements [Dataset].
func (r *Rows) Len(s Split) int {
	if p := r.parts[s]; p != nil {
		return len(p.starts)
	}
	return 0
}

// Put implements [Dataset]: the raw row, nothing is copied.
func (r *Rows) Put(e Example, s Split, i int) error {
	p, n := r.parts[s], len(r.card.Fields)
	ends := p.ends[i*n : (i+1)*n]
	text := p.text[p.starts[i]:][:ends[n-1]]
	e[FieldRow], e[FieldEnds] = tensor.From(tensor.Dims(len(text)), text), tensor.From(tensor.Dims(n), ends)
	return nil
}

// ID implements [Dataset]: the file and the line.
func (r *Rows) ID(s Split, i int) string {
	p := r.parts[s]
	return fmt.Sprintf("%s:%d", p.files[i], p.lines[i])
}

// Cell is the text in one column of a row.
func (r *Rows) Cell(s Split, i, column int) string { return string(r.cell(s, i, column)) }

// cell is the same where it lies.
func (r *Rows) cell(s Split, i, column int) []byte {
	p, n := r.parts[s], len(r.card.Fields)
	from, ends := 0, p.ends[i*n:(i+1)*n]
	if column > 0 {
		from = int(ends[column-1])
	}
	row := p.text[p.starts[i]:]
	return row[from:ends[column]]
}

// Column is the place of a column, or an error that lists the columns.
func (r *Rows) Column(name string) (int, error) {
	if i := slices.Index(r.card.Fields, name); i >= 0 {
		return i, nil
	}
	const shown = 30
	list := r.card.Fields
	more := ""
	if len(list) > shown {
		list, more = list[:shown], fmt.Sprintf(" and %d more", len(list)-shown)
	}
	return 0, fmt.Errorf("there is no column %q; there is %q%s", name, list, more)
}

// Profile looks at the columns of a split.
func (r *Rows) Profile(s Split) []table.Column {
	p := table.NewProfile(r.card.Fields)
	row := make([]string, len(r.card.Fields))
	for i := range r.Len(s) {
		for k := range row {
			row[k] = r.Cell(s, i, k)
		}
		p.Add(row)
	}
	return p.Finish()
}
