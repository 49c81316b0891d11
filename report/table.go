package report

import (
	"context"
	"fmt"
	"html/template"
	"math"
	"slices"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/page"
	"github.com/ihae/ihae/train"
)

// Table is what a page shows of a network for rows.
type Table struct {
	Target    string
	Columns   []Column
	Measure   string // in which importance is told
	Scatter   template.HTML
	Residuals template.HTML
	Worst     Grid
}

// Column is one column that the network reads.
type Column struct {
	Name, Kind, Missing string
	Values              string        // some of a category
	Spark               template.HTML // how numbers are spread
	Importance          string
	Share               float64 // of the largest importance, from 0 to 1
}

// Grid is a plain table.
type Grid struct {
	Head []string
	Rows [][]string
}

// The most that the page of a table shows, and works with.
const (
	mostColumns   = 200
	mostWorst     = 20
	worstColumns  = 8
	mostPermuted  = 1000 // rows
	permutations  = 5
	mostValues    = 4 // of a category
	sparkBins     = 20
	maxProfiled   = 100_000 // rows
	residualsBins = 24
)

// table collects the parts that networks for rows have.
func (g *gatherer) table(ctx context.Context) error {
	t := &Table{Target: g.run.Model.Output.Name, Measure: "nats"}
	g.page.Table = t
	if err := g.columns(t); err != nil {
		return err
	}
	order, err := g.importance(ctx, t)
	if err != nil {
		return err
	}
	if g.run.Model.Output.Is(data.OutputValue) {
		t.Measure = "RMSE"
		g.scatter(t)
	}
	return g.worst(t, order)
}

// columns describes the columns that the network reads by the training split.
func (g *gatherer) columns(t *Table) error {
	in := g.run.Model.Input.Table
	rows, err := g.cells(data.Train, min(g.ds.Len(data.Train), maxProfiled))
	if err != nil {
		return err
	}
	for _, c := range in.Columns[:min(len(in.Columns), mostColumns)] {
		at := slices.Index(g.ds.Card().Fields, c.Name)
		if at < 0 {
			return fmt.Errorf("the data has no column %q", c.Name)
		}
		column := Column{Name: c.Name, Kind: c.Kind}
		if c.Kind == data.ColumnNumber {
			column.spread(rows, at)
		} else {
			column.names(rows, at)
		}
		t.Columns = append(t.Columns, column)
	}
	return nil
}

// cells is the raw rows of a split, up to n, evenly apart.
func (g *gatherer) cells(s data.Split, n int) ([][]string, error) {
	rows, all := make([][]string, n), g.ds.Len(s)
	for i := range rows {
		e, err := data.ExampleOf(g.ds, s, i*all/n)
		if err != nil {
			return nil, err
		}
		if rows[i] = e.Cells(); rows[i] == nil {
			return nil, fmt.Errorf("%s has no cells", g.ds.ID(s, i*all/n))
		}
	}
	return rows, nil
}

// spread draws how the numbers of a column lie.
func (c *Column) spread(rows [][]string, at int) {
	var values []float64
	for _, row := range rows {
		if v, err := data.ParseNumber(row[at]); err == nil {
			values = append(values, v)
		}
	}
	c.Missing = share(len(rows)-len(values), len(rows))
	counts, low, high := page.Bins(values, sparkBins)
	c.Values = fmt.Sprintf("%.4g to %.4g", low, high)
	c.Spark = page.Spark(counts, c.Name+" from "+c.Values)
}

// names lists the most frequent values of a category.
func (c *Column) names(rows [][]string, at int) {
	counts, missing := map[string]int{}, 0
	for _, row := range rows {
		if row[at] == "" || row[at] == "?" {
			missing++
			continue
		}
		counts[row[at]]++
	}
	c.Missing = share(missing, len(rows))
	type value struct {
		name string
		n    int
	}
	var list []value
	for name, n := range counts {
		list = append(list, value{name, n})
	}
	slices.SortFunc(list, func(a, b value) int {
		if a.n != b.n {
			return b.n - a.n
		}
		if a.name < b.name {
			return -1
		}
		return 1
	})
	for i, v := range list {
		if i == mostValues {
			c.Values += fmt.Sprintf(" and %d more", len(list)-mostValues)
			break
		}
		if i > 0 {
			c.Values += ", "
		}
		c.Values += fmt.Sprintf("%.24s %.0f %%", v.name, 100*float64(v.n)/float64(len(rows)))
	}
}

// share is a part of a whole for people; nothing for none.
func share(n, of int) string {
	if n == 0 || of == 0 {
		return ""
	}
	return page.Percent(float64(n) / float64(of))
}

// scatter draws the answers against the truth, and how far they are off.
func (g *gatherer) scatter(t *Table) {
	v := g.eval.Values
	s := page.Scatter{Title: "Answer and truth of each row", X: t.Target + ", true", Y: "answer"}
	var off []float64
	for i, target := range v.Target {
		s.At = append(s.At, [2]float64{target, v.Answer[i]})
		off = append(off, v.Answer[i]-target)
	}
	t.Scatter = s.SVG()
	counts, low, high := page.Bins(off, residualsBins)
	line := page.Series{Name: "rows"}
	for i, n := range counts {
		x := low + (high-low)*float64(i)/residualsBins
		line.X = append(line.X, x, x+(high-low)/residualsBins)
		line.Y = append(line.Y, float64(n), float64(n))
	}
	t.Residuals = page.Chart{Title: "How far answers are off", X: "answer - truth", Y: "rows", Series: []page.Series{line}}.SVG()
}

// worst lists the rows with the largest errors, with their most telling columns.
func (g *gatherer) worst(t *Table, columns []int) error {
	value := g.run.Model.Output.Is(data.OutputValue)
	bad := func(i int) float64 {
		if value {
			return math.Abs(g.eval.Values.Answer[i] - g.eval.Values.Target[i])
		}
		return 1 - float64(g.eval.Predictions.Row(i)[g.eval.Predictions.Label[i]])
	}
	order := make([]int, g.eval.Count)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch x, y := bad(a), bad(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	t.Worst.Head = []string{"row", "is", "answer"}
	columns = columns[:min(len(columns), worstColumns)]
	fields := g.ds.Card().Fields
	for _, c := range columns {
		t.Worst.Head = append(t.Worst.Head, fields[c])
	}
	for _, i := range order[:min(len(order), mostWorst)] {
		e, err := data.ExampleOf(g.ds, g.split, i)
		if err != nil {
			return err
		}
		row := append([]string{g.eval.IDs[i]}, g.verdict(i)...)
		cells := e.Cells()
		for _, c := range columns {
			row = append(row, brief(cells[c]))
		}
		t.Worst.Rows = append(t.Worst.Rows, row)
	}
	return nil
}

// brief is a cell with no more digits than a person reads.
func brief(cell string) string {
	if v, err := data.ParseNumber(cell); err == nil && len(cell) > 8 {
		return fmt.Sprintf("%.5g", v)
	}
	return cell
}

// verdict is the truth and the answer of example i.
func (g *gatherer) verdict(i int) []string {
	if g.run.Model.Output.Is(data.OutputValue) {
		return []string{fmt.Sprintf("%.6g", g.eval.Values.Target[i]), fmt.Sprintf("%.6g", g.eval.Values.Answer[i])}
	}
	labels, row := g.run.Model.Labels, g.eval.Predictions.Row(i)
	best := 0
	for k, v := range row {
		if v > row[best] {
			best = k
		}
	}
	return []string{labels[g.eval.Predictions.Label[i]], labels[best] + " " + page.Percent(float64(row[best]))}
}

// baseline compares the network with the simpler model of its run.
func (g *gatherer) baseline(r train.Result) {
	if r.Baseline == nil {
		return
	}
	grid := Grid{Head: []string{"", "this network", r.Baseline.Name}}
	for _, name := range []string{"accuracy", "auc", "r2", "rmse", "mae", "perplexity", "loss"} {
		a, ok := r.Metrics[name]
		b, also := r.Baseline.Metrics[name]
		if ok && also {
			grid.Rows = append(grid.Rows, []string{name, figure(name, float64(a)), figure(name, float64(b))})
		}
	}
	g.page.Baseline = &grid
}

// figure writes a metric for people.
func figure(name string, v float64) string {
	if name == "accuracy" {
		return page.Percent(v)
	}
	return fmt.Sprintf("%.4g", v)
}
