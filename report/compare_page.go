package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"

	"github.com/ihae/ihae/page"
)

//go:embed compare.html
var compareHTML string

var compareTemplate = template.Must(template.New("compare").Funcs(template.FuncMap{
	"style": page.Style,
	"luck":  func(p float64) string { return strconv.FormatFloat(p, 'g', 2, 64) },
}).Parse(compareHTML))

// WriteComparison writes the page of c. The same c gives the same bytes.
func WriteComparison(w io.Writer, c Comparison) error {
	if err := compareTemplate.Execute(w, c); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// Table is rows with the runs' names above them.
func (c Comparison) Table(rows []Row) struct {
	Runs []string
	Rows []Row
} {
	return struct {
		Runs []string
		Rows []Row
	}{c.Runs, rows}
}
