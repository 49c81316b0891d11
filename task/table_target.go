package task

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/media/table"
	"github.com/ihae/ihae/train"
)

// The most classes of a target: of names, and of whole numbers that are taken
// for classes unasked.
const (
	maxTableClasses  = 1000
	maxNumberClasses = 10
)

// chooseTarget finds the column and says what it is.
func (t *tableSetup) chooseTarget() error {
	fields := t.rows.Card().Fields
	if len(fields) < 2 {
		return refuse("the table has one column, %q; wanted is a target and something to predict it from", fields[0])
	}
	t.target = len(fields) - 1
	how := fmt.Sprintf("the last column; --set %s=NAME takes another", keyTarget)
	if name := t.values.String(keyTarget); name != "" {
		i, err := t.rows.Column(name)
		if err != nil {
			return &train.ConfigError{Key: "--set " + keyTarget + "=" + name, Reason: err.Error()}
		}
		t.target, how = i, "as asked"
	}
	t.Output = data.Output{Name: fields[t.target]}
	counts, numbers, whole, missing := t.look()
	if len(counts) == 0 {
		return refuse("the target %q is empty in every row", t.Output.Name)
	}
	if err := t.decide(len(counts), numbers, whole); err != nil {
		return err
	}
	if missing > 0 {
		t.Note(fmt.Sprintf("%d rows without a value of %q are left out", missing, t.Output.Name))
	}
	if t.Output.Is(data.OutputValue) {
		t.Note(fmt.Sprintf("target: %q (%s), a number; --set %s=class makes classes of it", t.Output.Name, how, keyKind))
		return nil
	}
	t.classes = slices.SortedFunc(maps.Keys(counts), byNumberOrName)
	t.Note(fmt.Sprintf("target: %q (%s), %d classes%s: %s", t.Output.Name, how, len(t.classes), instead(numbers), shares(t.classes, counts)))
	return nil
}

func instead(numbers bool) string {
	if numbers {
		return fmt.Sprintf(" (--set %s=value takes them for a number)", keyKind)
	}
	return ""
}

// look counts the values of the target over all splits, as far as they may be
// classes, and says whether all are numbers, and whole ones.
func (t *tableSetup) look() (counts map[string]int, numbers, whole bool, missing int) {
	counts, numbers, whole = map[string]int{}, true, true
	for _, s := range data.Splits {
		for i := range t.rows.Len(s) {
			cell := strings.TrimSpace(t.rows.Cell(s, i, t.target))
			if table.IsMissing(cell) {
				missing++
				continue
			}
			if _, known := counts[cell]; known || len(counts) <= maxTableClasses {
				counts[cell]++
			}
			_, err := data.ParseNumber(cell)
			numbers = numbers && err == nil
			_, err = strconv.Atoi(cell)
			whole = whole && err == nil
		}
	}
	return counts, numbers, whole, missing
}

// decide says whether the target, which has that many values, is classes or a
// number, or why it is neither.
func (t *tableSetup) decide(values int, numbers, whole bool) error {
	kind := t.values.String(keyKind)
	if kind == "auto" {
		kind = data.OutputClass
		if numbers && (!whole || values > maxNumberClasses) {
			kind = data.OutputValue
		}
	}
	name := t.Output.Name
	switch {
	case kind == data.OutputValue:
		t.Output.Kind = kind
		if i, at := t.notNumber(); i != "" {
			return refuse("%s: column %q: %.40q is not a finite number, which the target has to be", at, name, i)
		}
	case values == 1:
		return refuse("the target %q has the same value in every row: there is nothing to learn", name)
	case values > maxTableClasses:
		return refuse("the target %q has more than %d different values, which are neither classes nor numbers%s", name, maxTableClasses, t.nearNumbers())
	}
	return nil
}

// notNumber is the first cell of the target that is not missing and no number,
// and where it stands.
func (t *tableSetup) notNumber() (cell, at string) {
	for _, s := range data.Splits {
		for i := range t.rows.Len(s) {
			cell := strings.TrimSpace(t.rows.Cell(s, i, t.target))
			if _, err := data.ParseNumber(cell); err != nil && !table.IsMissing(cell) {
				return cell, t.rows.ID(s, i)
			}
		}
	}
	return "", ""
}

// nearNumbers names the first cell that keeps the target from being a number.
func (t *tableSetup) nearNumbers() string {
	cell, at := t.notNumber()
	return fmt.Sprintf(" (%s: %.40q)", at, cell)
}

// byNumberOrName orders names that are numbers by size, and others by name.
func byNumberOrName(a, b string) int {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	switch {
	case errX == nil && errY == nil:
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(a, b))
	case errX == nil:
		return -1
	case errY == nil:
		return 1
	}
	return cmp.Compare(a, b)
}

// shares lists classes with how many rows each has.
func shares(classes []string, counts map[string]int) string {
	const shown = 12
	var parts []string
	for _, c := range classes[:min(len(classes), shown)] {
		parts = append(parts, fmt.Sprintf("%s %d", c, counts[c]))
	}
	if n := len(classes) - shown; n > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(parts, ", ")
}

// label gives the rows the target's values for labels.
func (t *tableSetup) label() error {
	ds, err := t.rows.Target(t.Output, t.classes)
	if err != nil {
		return refuse("%w", err)
	}
	if ds.Len(data.Train) == 0 {
		return refuse("no row of the training split has a value of %q", t.Output.Name)
	}
	t.Dataset = ds
	return nil
}
