package task

import (
	"fmt"
	"math"
	"strings"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/train"
)

func init() {
	Register(Spec{
		Name: "table",
		Doc:  "Predict a column of your own table from the others.",
		Data: "table",
		Arch: "table-net",
		// Without a file: one column of numbers.
		Input: data.Input{Name: data.FieldRow, Kind: data.KindTable, Table: data.TableInput{
			Columns: []data.ColumnInput{{Name: "x", Kind: data.ColumnNumber}},
		}},
		Recipe: Recipe{
			Epochs: 100, Batch: 64, LR: 0.002,
			Optimizer: "adamw", Decay: 0.05, Schedule: "one-cycle",
			Valid: 0.15, Test: 0.15,
		},
		Extra: []Setting{
			{Key: keyTarget, Doc: "the column to predict; the last one", Default: ""},
			{Key: keyKind, Doc: "what the target is: classes or a number", Default: "auto", Among: []string{"auto", data.OutputClass, data.OutputValue}},
			{Key: keyIgnore, Doc: "columns to leave out, with commas between", Default: ""},
			{Key: keyCategories, Doc: "columns of numbers that are names, with commas between", Default: ""},
		},
		Floor: 0.9,
		Adapt: adaptTable,
	})
}

// The task's own settings.
const (
	keyTarget     = "target"
	keyKind       = "kind"
	keyIgnore     = "ignore"
	keyCategories = "categories"
)

// adaptTable chooses the target, reads the columns, and fits the network to the
// number of rows.
func adaptTable(u *Setup) error {
	values, err := u.Values()
	if err != nil {
		return err
	}
	t := &tableSetup{Setup: u, values: values, rows: u.Dataset.(*data.Rows)}
	for _, f := range t.rows.Formats() {
		u.Note(f)
	}
	for _, step := range []func() error{t.chooseTarget, t.label, t.keepFew, u.Cut, t.chooseColumns, t.encode, t.scale} {
		if err := step(); err != nil {
			return err
		}
	}
	t.size(u.Dataset.Len(data.Train))
	t.warn()
	u.Baseline = linearBaseline(u.Input, u.Output)
	return nil
}

// tableSetup is the setting up of one table.
type tableSetup struct {
	*Setup
	values  Values
	rows    *data.Rows
	target  int      // its column
	classes []string // of the target, if it has classes
	columns []data.ColumnInput
}

func refuse(format string, args ...any) error {
	return &train.DataError{Err: fmt.Errorf(format, args...)}
}

// names is the columns that a setting lists, all of which the table has.
func (t *tableSetup) names(key string) (map[string]bool, error) {
	set := map[string]bool{}
	for part := range strings.SplitSeq(t.values.String(key), ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		if _, err := t.rows.Column(part); err != nil {
			return nil, &train.ConfigError{Key: "--set " + key, Reason: err.Error()}
		}
		set[part] = true
	}
	return set, nil
}

// keepFew leaves out the valid split where there are few rows.
func (t *tableSetup) keepFew() error {
	if n := t.Dataset.Len(data.Train); n < fewRows {
		t.Recipe.Valid = 0
		t.Note(fmt.Sprintf("%d rows are few: none are kept for validation, the last checkpoint counts; --set valid=0.15 keeps some", n))
	}
	return nil
}

// encode learns from the training split how columns become numbers.
func (t *tableSetup) encode() error {
	in, notes, err := data.FitTable(t.Dataset, t.columns)
	if err != nil {
		return refuse("%w", err)
	}
	for _, n := range notes {
		t.Note(n)
	}
	if len(in.Columns) == 0 {
		return refuse("no column is left to predict %q from", t.Output.Name)
	}
	t.Input = data.Input{Name: data.FieldRow, Kind: data.KindTable, Table: in}
	return nil
}

// scale standardises the target of a regression by the training split.
func (t *tableSetup) scale() error {
	n := t.Dataset.Len(data.Train)
	if n < 2 {
		return refuse("there are %d rows to train on", n)
	}
	if !t.Output.Is(data.OutputValue) {
		return nil
	}
	mean, m2 := 0.0, 0.0
	for i := range n {
		e, err := data.ExampleOf(t.Dataset, data.Train, i)
		if err != nil {
			return err
		}
		v, err := e.Value()
		if err != nil {
			return err
		}
		d := v - mean
		mean += d / float64(i+1)
		m2 += d * (v - mean)
	}
	if m2 == 0 {
		return refuse("the target %q is %v in every row of the training split: there is nothing to learn", t.Output.Name, mean)
	}
	if t.Output.Mean, t.Output.Deviation = mean, math.Sqrt(m2/float64(n)); math.IsInf(t.Output.Deviation, 0) {
		return refuse("the numbers of the target %q are too large to compute with", t.Output.Name)
	}
	return nil
}

// fewRows is how many rows are too few to lose some to validation: the last
// checkpoint is the one that counts.
const fewRows = 2000

// size fits network and recipe to n rows to train on: a small network, held back
// by strong decay, on a few; a larger one on many. The values for few rows are
// those of the least error on splits of three small public sets, see
// docs/numbers.md.
func (t *tableSetup) size(n int) {
	r := &t.Recipe
	switch {
	case n < 500:
		t.Net, r.Decay = map[string]any{"width": 16, "blocks": 1, "dropout": 0.3}, 1
	case n < fewRows:
		t.Net, r.Decay = map[string]any{"width": 32, "blocks": 1, "dropout": 0.3}, 1
	case n < 20_000:
		t.Net, r.Decay = map[string]any{"width": 128, "blocks": 2, "dropout": 0.2}, 0.1
	default:
		t.Net = map[string]any{"width": 256, "blocks": 3, "dropout": 0.1}
	}
	r.Batch = 16
	for r.Batch < 512 && r.Batch*r.Batch < n {
		r.Batch *= 2
	}
	steps := 700 * max(1, math.Sqrt(float64(n)/400))
	r.Epochs = int(max(8, min(200, math.Round(steps*float64(r.Batch)/float64(n)))))
}
