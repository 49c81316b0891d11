package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/page"
	"github.com/ihae/ihae/train"
)

// network is the table of layers.
func (g *gatherer) network() error {
	rows, err := nn.Summary(g.net, batchOf1(g.run.Model.Input.Type()))
	if err != nil {
		return err
	}
	for _, r := range rows {
		l := Layer{Path: r.Path, Kind: r.Layer, Shape: r.Out.Shape.String(), Params: fmt.Sprint(r.Params), FLOPs: page.Count(float64(r.FLOPs))}
		if l.Path == "" {
			l.Path = "all"
		}
		g.page.Layers = append(g.page.Layers, l)
	}
	return nil
}

// costs is what the training and an answer took.
func (g *gatherer) costs() error {
	c, err := train.ReadCost(g.run.Dir)
	if err != nil {
		return err
	}
	result, err := train.ReadResult(g.run.Dir)
	if err != nil {
		return err
	}
	trained := g.ds.Len(data.Train)
	g.page.Facts = []Fact{
		{Name: "trained in", Value: page.Seconds(c.Seconds)},
		{Name: "learned from", Value: fmt.Sprintf("%d %s", trained, g.run.Model.Unit())},
		{Name: "parameters", Value: page.Count(float64(c.Parameters))},
		{Name: "one answer", Value: page.Count(float64(c.ExampleFLOPs)) + "FLOP"},
	}
	g.page.Costs = []Fact{
		{Name: "training", Value: page.Count(float64(c.TrainFLOPs)) + "FLOP", Note: fmt.Sprintf("%d steps of %d %s", result.Steps, c.Batch, g.run.Model.Unit())},
		{Name: "one step", Value: page.Count(float64(c.StepFLOPs)) + "FLOP", Note: "forward, backward and update"},
		{Name: "one answer", Value: page.Count(float64(c.ExampleFLOPs)) + "FLOP", Note: "a multiply-add counts two"},
		{Name: "time", Value: page.Seconds(c.Seconds), Note: fmt.Sprintf("%d threads, %.0f %s/s", c.Threads, c.Rate, g.run.Model.Unit())},
		{Name: "memory of a step", Value: page.Bytes(float64(c.ArenaBytes)), Note: "all values of forward and backward"},
		{Name: "memory of the program", Value: page.Bytes(float64(c.PeakBytes)), Note: "largest resident size"},
	}
	return nil
}

// card is where the data is from, and how to make the run again.
func (g *gatherer) card() error {
	card := g.ds.Card()
	var counts []string
	for _, s := range data.Splits {
		if n := g.ds.Len(s); n > 0 {
			counts = append(counts, fmt.Sprintf("%s %d", s, n))
		}
	}
	g.page.Data = []Fact{
		{Name: "set", Value: card.Name + ": " + card.Doc},
		{Name: "splits", Value: strings.Join(counts, ", ")},
		{Name: "source", Value: card.Source},
		{Name: "licence", Value: card.Licence},
	}
	for _, text := range train.ReadNotes(g.run.Dir) {
		name := "note"
		if rest, ok := strings.CutPrefix(text, "warning: "); ok {
			name, text = "warning", rest
		}
		g.page.Data = append(g.page.Data, Fact{Name: name, Value: text})
	}
	env, err := train.ReadEnv(g.run.Dir)
	if err != nil {
		return err
	}
	h := g.run.Header
	command := fmt.Sprintf("ihae train %s --seed %d", h.Task, h.Seed)
	if h.Path != "" {
		command += " --data " + h.Path
	}
	for _, key := range slices.Sorted(maps.Keys(h.Origin)) {
		if h.Origin[key] == "flag" {
			command += fmt.Sprintf(" --set %s=%v", key, h.Settings[key])
		}
	}
	g.page.Reproduce = []string{command, fmt.Sprintf("# ihae %s %s, %s, %s/%s, kernels %s", env.Version, env.Commit, env.Go, env.OS, env.Arch, env.CPU)}
	return nil
}
