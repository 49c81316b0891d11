package report

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"

	"github.com/ihae/ihae/metric"
	"github.com/ihae/ihae/page"
	"github.com/ihae/ihae/train"
)

// Comparison is several runs side by side.
type Comparison struct {
	Runs     []string // what tells the folders apart
	Settings []Row    // those that differ
	Metrics  []Row
	Costs    []Row
	Charts   []page.Chart
	Pairs    []Pair
	Notes    []string // what cannot be compared, and why
}

// Row is a name and a value for each run, "" where a run has none.
type Row struct {
	Name   string
	Values []string
}

// Compare collects what the runs in dirs have in common and what not. A run
// that is not finished takes part with its curves and settings.
func Compare(dirs []string) (Comparison, error) {
	c := Comparison{Runs: shortNames(dirs)}
	runs := make([]compared, len(dirs))
	for i, dir := range dirs {
		var err error
		if runs[i], err = readCompared(dir); err != nil {
			return c, err
		}
		if runs[i].notDone != nil {
			c.Notes = append(c.Notes, c.Runs[i]+" is not finished: it has no result to compare yet.")
		}
	}
	c.settings(runs)
	c.metrics(runs)
	c.costs(runs)
	c.curves(runs)
	for j := range runs {
		for i := range j {
			c.pair(runs, i, j)
		}
	}
	return c, nil
}

// compared is what is read of one run.
type compared struct {
	header  train.Header
	result  train.Result
	cost    train.Cost
	notDone error
	records []train.Record
	answers []train.Predicted
	labels  []string // of the probabilities
}

func readCompared(dir string) (compared, error) {
	var r compared
	var err error
	if r.header, err = train.ReadHeader(dir); err != nil {
		return r, err
	}
	if r.records, err = train.Records(dir); err != nil {
		return r, err
	}
	if r.result, r.notDone = train.ReadResult(dir); r.notDone != nil {
		return r, nil
	}
	if r.cost, err = train.ReadCost(dir); err != nil {
		return r, err
	}
	run, err := train.OpenRun(dir)
	if err != nil {
		return r, err
	}
	r.labels = run.Model.Labels
	r.answers, err = train.ReadPredicted(dir)
	if errors.Is(err, fs.ErrNotExist) { // language models answer for every token
		err = nil
	}
	return r, err
}

// shortNames drops the folders that all paths share.
func shortNames(dirs []string) []string {
	parts := make([][]string, len(dirs))
	for i, d := range dirs {
		parts[i] = splitPath(d)
	}
	drop := 0
	for ; drop < len(parts[0])-1; drop++ {
		if slices.ContainsFunc(parts, func(p []string) bool { return drop >= len(p)-1 || p[drop] != parts[0][drop] }) {
			break
		}
	}
	names := make([]string, len(dirs))
	for i, p := range parts {
		names[i] = filepath.ToSlash(filepath.Join(p[drop:]...))
	}
	return names
}

func splitPath(dir string) []string {
	var parts []string
	for dir = filepath.Clean(dir); ; dir = filepath.Dir(dir) {
		parts = append(parts, filepath.Base(dir))
		if parent := filepath.Dir(dir); parent == "." || parent == dir {
			slices.Reverse(parts)
			return parts
		}
	}
}

// settings is the settings that are not the same in all runs.
func (c *Comparison) settings(runs []compared) {
	keys := map[string]bool{}
	for _, r := range runs {
		for k := range r.header.Settings {
			keys[k] = true
		}
	}
	row := func(name string, value func(compared) any) {
		values := make([]string, len(runs))
		for i, r := range runs {
			if v := value(r); v != nil {
				values[i] = fmt.Sprint(v)
			}
		}
		if slices.ContainsFunc(values, func(v string) bool { return v != values[0] }) {
			c.Settings = append(c.Settings, Row{name, values})
		}
	}
	row("task", func(r compared) any { return r.header.Task })
	row("data", func(r compared) any { return r.header.Dataset + " " + r.header.Path })
	row("seed", func(r compared) any { return r.header.Seed })
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		row(k, func(r compared) any { return r.header.Settings[k] })
	}
}

// metrics is every metric that some run has, those for people first.
func (c *Comparison) metrics(runs []compared) {
	names := map[string]bool{}
	for _, r := range runs {
		for name := range r.result.Metrics {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		row := Row{Name: name, Values: make([]string, len(runs))}
		for i, r := range runs {
			if v, ok := r.result.Metrics[name]; ok {
				row.Values[i] = metric.Text(name, float64(v))
			}
		}
		c.Metrics = append(c.Metrics, row)
	}
	row := Row{Name: "measured on", Values: make([]string, len(runs))}
	for i, r := range runs {
		if r.notDone == nil {
			row.Values[i] = fmt.Sprintf("%d of %s", r.result.Count, r.result.Split)
		}
	}
	c.Metrics = append(c.Metrics, row)
}

func (c *Comparison) costs(runs []compared) {
	row := func(name string, value func(train.Cost) string) {
		r := Row{Name: name, Values: make([]string, len(runs))}
		for i := range runs {
			if runs[i].notDone == nil {
				r.Values[i] = value(runs[i].cost)
			}
		}
		c.Costs = append(c.Costs, r)
	}
	row("parameters", func(k train.Cost) string { return page.Count(float64(k.Parameters)) })
	row("time of training", func(k train.Cost) string { return page.Seconds(k.Seconds) })
	row("FLOPs of training", func(k train.Cost) string { return page.Count(float64(k.TrainFLOPs)) })
	row("FLOPs of a prediction", func(k train.Cost) string { return page.Count(float64(k.ExampleFLOPs)) })
	row("peak memory", func(k train.Cost) string { return page.Bytes(float64(k.PeakBytes)) })
}

// curves is the loss of every run over its epochs, in training and validation.
func (c *Comparison) curves(runs []compared) {
	for _, split := range []string{"train", "valid"} {
		chart := page.Chart{Title: "Loss on " + split, X: "epoch", Y: "loss", Log: true}
		for i, r := range runs {
			line := page.Series{Name: c.Runs[i]}
			for _, rec := range r.records {
				if rec.Split == split {
					line.X, line.Y = append(line.X, rec.Epoch), append(line.Y, float64(rec.Loss))
				}
			}
			if len(line.X) > 0 {
				chart.Series = append(chart.Series, smooth(line))
			}
		}
		if len(chart.Series) > 0 {
			c.Charts = append(c.Charts, chart)
		}
	}
}
