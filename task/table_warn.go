package task

import (
	"fmt"
	"hash/maphash"
	"math"
	"slices"
	"strings"

	"github.com/ihae/ihae/data"
)

// warn tells of what makes the result look better than it is.
func (t *tableSetup) warn() {
	for _, c := range t.Input.Table.Columns {
		if why := t.leak(c); why != "" {
			t.Note(fmt.Sprintf("warning: column %q %s; if it is only known with the target, leave it out with --set %s=%s", c.Name, why, keyIgnore, c.Name))
		}
	}
	if n, first := t.twice(); n > 0 {
		t.Note(fmt.Sprintf("warning: %d rows of test or valid stand in the training split too, the first %s", n, first))
	}
	for _, s := range []data.Split{data.Valid, data.Test} {
		if n := t.Dataset.Len(s); n > 0 && n < 30 {
			t.Note(fmt.Sprintf("warning: the %s split has only %d rows: its figures are rough", s, n))
		}
	}
}

// leak says how a column gives the target away, or nothing.
func (t *tableSetup) leak(c data.ColumnInput) string {
	column, err := t.rows.Column(c.Name)
	if err != nil {
		return ""
	}
	if t.Output.Is(data.OutputValue) {
		if c.Kind == data.ColumnNumber && math.Abs(t.correlation(column)) > 0.9999 {
			return "is the target but for a factor"
		}
		return ""
	}
	of, back := map[string]string{}, map[string]string{}
	for i := range t.rows.Len(data.Train) {
		v := strings.TrimSpace(t.rows.Cell(data.Train, i, column))
		y := strings.TrimSpace(t.rows.Cell(data.Train, i, t.target))
		if y == "" {
			continue
		}
		if o, ok := of[v]; ok && o != y {
			return ""
		}
		if o, ok := back[y]; ok && o != v {
			return ""
		}
		of[v], back[y] = y, v
	}
	return "says the same as the target"
}

// correlation of a column of numbers with the target: Pearson's.
func (t *tableSetup) correlation(column int) float64 {
	var n, mx, my, xx, yy, xy float64
	for i := range t.rows.Len(data.Train) {
		x, errX := data.ParseNumber(t.rows.Cell(data.Train, i, column))
		y, errY := data.ParseNumber(t.rows.Cell(data.Train, i, t.target))
		if errX != nil || errY != nil {
			continue
		}
		n++
		dx, dy := x-mx, y-my
		mx += dx / n
		my += dy / n
		xx += dx * (x - mx)
		yy += dy * (y - my)
		xy += dx * (y - my)
	}
	return xy / math.Sqrt(xx*yy)
}

// twice counts the rows of other splits whose columns, target with them, are
// those of a row to train on.
func (t *tableSetup) twice() (n int, first string) {
	columns := []int{t.target}
	for _, c := range t.Input.Table.Columns {
		if i, err := t.rows.Column(c.Name); err == nil {
			columns = append(columns, i)
		}
	}
	slices.Sort(columns)
	seed, home := maphash.MakeSeed(), map[uint64]int{}
	sum := func(s data.Split, i int) uint64 {
		e, err := data.ExampleOf(t.Dataset, s, i)
		if err != nil {
			return 0
		}
		cells := e.Cells()
		var h maphash.Hash
		h.SetSeed(seed)
		for _, c := range columns {
			_, _ = h.WriteString(cells[c])
			_ = h.WriteByte(0)
		}
		return h.Sum64()
	}
	for i := range t.Dataset.Len(data.Train) {
		home[sum(data.Train, i)] = i
	}
	for _, s := range []data.Split{data.Valid, data.Test} {
		for i := range t.Dataset.Len(s) {
			if at, same := home[sum(s, i)]; same {
				if n++; first == "" {
					first = t.Dataset.ID(s, i) + " = " + t.Dataset.ID(data.Train, at)
				}
			}
		}
	}
	return n, first
}
