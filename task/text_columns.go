package task

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/media/table"
	"github.com/ihae/ihae/train"
)

// What columns of labels and of texts are usually called.
var (
	labelNames = []string{"label", "labels", "class", "category", "target", "sentiment", "topic", "y", "answer", "라벨", "레이블", "분류", "감정"}
	textNames  = []string{"text", "document", "sentence", "review", "comment", "content", "message", "title", "문장", "본문", "리뷰", "내용", "댓글"}
)

// chooseColumns finds the texts and their labels.
func (t *textSetup) chooseColumns() error {
	columns := t.texts.Profile(data.Train)
	if len(columns) < 2 {
		return refuse("the table has one column, %q; wanted are texts and their labels", columns[0].Name)
	}
	label, err := t.choose(keyLabel, columns, t.labelColumn)
	if err != nil {
		return err
	}
	text, err := t.choose(keyText, columns, func(columns []table.Column) int { return textColumn(columns, label) })
	if err != nil {
		return err
	}
	if text == label {
		return refuse("the texts and the labels are the same column, %q; say --set %s=NAME and --set %s=NAME", columns[text].Name, keyText, keyLabel)
	}
	t.column, t.Output = columns[text].Name, data.Output{Name: columns[label].Name}
	t.Note(fmt.Sprintf("texts: %q, labels: %q; --set %s=NAME and --set %s=NAME take others", t.column, t.Output.Name, keyText, keyLabel))
	return nil
}

// choose is the column that a setting names, or the one that guess finds.
func (t *textSetup) choose(key string, columns []table.Column, guess func([]table.Column) int) (int, error) {
	if name := t.values.String(key); name != "" {
		i, err := t.texts.Column(name)
		if err != nil {
			return 0, &train.ConfigError{Key: "--set " + key + "=" + name, Reason: err.Error()}
		}
		return i, nil
	}
	i := guess(columns)
	if i < 0 {
		return 0, refuse("no column looks like the %s: %s; say --set %s=NAME", key, columnList(columns), key)
	}
	return i, nil
}

func columnList(columns []table.Column) string {
	var list []string
	for _, c := range columns[:min(len(columns), 20)] {
		list = append(list, fmt.Sprintf("%q (%s)", c.Name, c.Kind))
	}
	return strings.Join(list, ", ")
}

// labelColumn is one that is called so, or the last one with few values.
func (t *textSetup) labelColumn(columns []table.Column) int {
	few := func(c table.Column) bool {
		return c.Distinct >= 1 && c.Distinct <= maxTableClasses && (c.Distinct <= 20 || c.Kind == table.Category || c.Kind == table.Integer)
	}
	for _, name := range labelNames {
		for i, c := range columns {
			if strings.EqualFold(c.Name, name) && few(c) {
				return i
			}
		}
	}
	for i, c := range slices.Backward(columns) {
		if few(c) && c.Kind != table.Text && c.Kind != table.Empty {
			return i
		}
	}
	return -1
}

// textColumn is one that is called so, or that with the longest cells.
func textColumn(columns []table.Column, label int) int {
	for _, name := range textNames {
		for i, c := range columns {
			if strings.EqualFold(c.Name, name) && i != label && c.Kind != table.Empty {
				return i
			}
		}
	}
	best := -1
	for i, c := range columns {
		if i == label || c.Numbers == c.Cells-c.Missing || c.Kind == table.Date {
			continue
		}
		if best < 0 || c.Mean > columns[best].Mean {
			best = i
		}
	}
	return best
}

// label gives the texts the classes of their column, and drops none but those
// without a label.
func (t *textSetup) label() error {
	column, err := t.texts.Column(t.Output.Name)
	if err != nil {
		return refuse("%w", err)
	}
	counts, missing := map[string]int{}, 0
	for _, s := range data.Splits {
		for i := range t.texts.Len(s) {
			cell := strings.TrimSpace(t.texts.Cell(s, i, column))
			if table.IsMissing(cell) {
				missing++
				continue
			}
			if counts[cell]++; len(counts) > maxTableClasses {
				return refuse("the labels %q have more than %d different values; say --set %s=NAME for another column", t.Output.Name, maxTableClasses, keyLabel)
			}
		}
	}
	if len(counts) < 2 {
		return refuse("the labels %q have %d different values; a classifier needs two", t.Output.Name, len(counts))
	}
	if missing > 0 {
		t.Note(fmt.Sprintf("%d texts without a label are left out", missing))
	}
	t.classes = slices.SortedFunc(maps.Keys(counts), byNumberOrName)
	t.Note(fmt.Sprintf("%d classes: %s", len(t.classes), shares(t.classes, counts)))
	ds, err := t.texts.Target(t.Output, t.classes)
	if err != nil {
		return refuse("%w", err)
	}
	in := t.Input
	in.Text.Column = t.column
	if t.Dataset, err = ds.(data.Framed).Frame(in); err != nil {
		return refuse("%w", err)
	}
	if t.Dataset.Len(data.Train) == 0 {
		return refuse("no text to train on has a label")
	}
	return nil
}
