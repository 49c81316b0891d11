package main

import (
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/ihae/ihae/metric"
	"github.com/ihae/ihae/task"
	"github.com/ihae/ihae/train"
)

// seedsLine is the last line of a sweep over seeds for programs.
type seedsLine struct {
	Event     string                  `json:"event"`
	Run       string                  `json:"run"` // the folder of all runs
	Split     string                  `json:"split"`
	Runs      int                     `json:"runs"`
	Metrics   map[string]train.Figure `json:"metrics"`   // their means
	Deviation map[string]train.Figure `json:"deviation"` // of one run
}

// showSeeds prints each run of a sweep over seeds alone and the mean of all:
// nothing was chosen, so all may be looked at.
func (a *app) showSeeds(dir string, outcomes []task.Outcome) error {
	var names []string
	values := map[string][]float64{}
	split := ""
	for _, o := range outcomes {
		if o.Err == nil {
			split = o.Result.Split
			names = slices.Sorted(maps.Keys(o.Result.Metrics))
			for name, v := range o.Result.Metrics {
				values[name] = append(values[name], float64(v))
			}
		}
	}
	mean, deviation := map[string]train.Figure{}, map[string]train.Figure{}
	for name, v := range values {
		m, d := moments(v)
		mean[name], deviation[name] = train.Figure(m), train.Figure(d)
	}
	if a.json {
		a.emit(seedsLine{"done", dir, split, len(values[names[0]]), mean, deviation})
		return nil
	}
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	row := func(cells ...string) { _, _ = io.WriteString(t, strings.Join(cells, "\t")+"\n") }
	row(append([]string{split}, names...)...)
	for _, o := range outcomes {
		cells := []string{settingsOf(o.Trial)}
		if o.Err != nil {
			cells = append(cells, "no result")
		}
		for _, name := range names {
			if v, ok := o.Result.Metrics[name]; ok {
				cells = append(cells, metric.Text(name, float64(v)))
			}
		}
		row(cells...)
	}
	cells := []string{"mean ± deviation"}
	for _, name := range names {
		cells = append(cells, metric.Text(name, float64(mean[name]))+" ± "+metric.Text(name, float64(deviation[name])))
	}
	row(cells...)
	return t.Flush()
}

// moments is the mean and the standard deviation of a sample.
func moments(v []float64) (mean, deviation float64) {
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		deviation += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(deviation / float64(max(1, len(v)-1)))
}
