package report

import (
	"context"
	"fmt"
	"slices"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/exec"
	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/metric"
	"github.com/ihae/ihae/nn"
	"github.com/ihae/ihae/page"
	"github.com/ihae/ihae/task"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
)

// The most that a page draws, so that it stays a page for sets of any size.
const (
	mostShown    = 96  // examples at once
	mostExamples = 240 // examples with those behind the fold
	mostMaps     = 8   // feature maps a layer
	mostStages   = 5
	mostWalks    = 4
	mostGuesses  = 3 // classes named under a walk
)

// gatherer collects the page of one run.
type gatherer struct {
	run   *train.Run
	ds    data.Dataset
	split data.Split
	net   nn.Layer // of the best checkpoint
	eval  train.Evaluation
	page  Page

	predictor *train.Predictor
}

// Gather measures the best checkpoint of a finished run on ds, whose valid
// split is cut as the run's was, and collects all that the run's page shows.
func Gather(ctx context.Context, run *train.Run, ds data.Dataset, pool *exec.Pool, warn func(string)) (Page, error) {
	result, err := train.ReadResult(run.Dir)
	if err != nil {
		return Page{}, fmt.Errorf("the run is not finished: %w", err)
	}
	net, _, err := run.Best(warn)
	if err != nil {
		return Page{}, err
	}
	p := &train.Predictor{Network: train.NewNetwork(net, run.Model, pool)}
	g := gatherer{run: run, ds: ds, split: data.Split(result.Split), net: net, predictor: p}
	if g.eval, err = train.Evaluate(ctx, p, ds, g.split); err != nil {
		return Page{}, err
	}
	g.headline()
	g.baseline(result)
	for _, part := range append(g.parts(ctx, pool), g.curves, g.network, g.costs, g.card) {
		if err := part(); err != nil {
			return Page{}, fmt.Errorf("report: %w", err)
		}
	}
	return g.page, nil
}

// parts is what the page has for the kind of the network's input alone.
func (g *gatherer) parts(ctx context.Context, pool *exec.Pool) []func() error {
	switch in := g.run.Model.Input; {
	case in.Is(data.KindImage):
		return []func() error{g.examples, func() error { return g.walks(ctx, pool) }}
	case in.Is(data.KindTable):
		return []func() error{func() error { return g.table(ctx) }}
	case g.run.Model.Output.Is(data.OutputNext):
		return []func() error{func() error { return g.chars(ctx) }}
	case in.Is(data.KindText):
		return []func() error{g.texts}
	}
	return nil
}

// headline is the score and the tables made of all answers.
func (g *gatherer) headline() {
	p, m := &g.page, g.run.Model
	p.Task, p.Run, p.Split, p.Unit, p.Doc = m.Task, g.run.Dir, string(g.split), m.Unit(), "The task "+m.Task+"."
	if s, err := task.Lookup(m.Task); err == nil {
		p.Doc = s.Doc
	}
	if g.split == data.Train {
		p.Unit = m.Unit() + " it was trained on"
	}
	p.Count = g.eval.Count
	if m.Output.Name != "" && m.Input.Is(data.KindTable) {
		p.Doc = fmt.Sprintf("What %s is, from the other columns.", m.Output.Name)
	}
	if !m.Output.Is(data.OutputClass) {
		g.score()
		return
	}
	g.classes()
}

// score is the headline of what has no classes.
func (g *gatherer) score() {
	p, all := &g.page, g.eval.Metrics
	if r2, ok := all["r2"]; ok {
		p.Score, p.ScoreDoc = fmt.Sprintf("%.2f", float64(r2)), fmt.Sprintf("R² on %d %s it never saw: the share of the variance of %s that it explains", p.Count, p.Unit, g.run.Model.Output.Name)
	} else if v, ok := all["perplexity"]; ok {
		p.Score, p.ScoreDoc = fmt.Sprintf("%.2f", float64(v)), fmt.Sprintf("perplexity on %d %s it never saw: among how many tokens the next one is a guess", p.Count, p.Unit)
	}
	for _, name := range []string{"rmse", "mae", "accuracy", "loss"} {
		if v, ok := all[name]; ok {
			if p.ScoreMore != "" {
				p.ScoreMore += " · "
			}
			p.ScoreMore += name + " " + figure(name, float64(v))
		}
	}
}

// classes is the headline of a classifier, and the tables of its answers.
func (g *gatherer) classes() {
	p, m := &g.page, g.run.Model
	all := g.eval.Predictions
	p.Count, p.Classes = all.Len(), m.Labels
	p.Accuracy = metric.Accuracy(all)
	right := int(p.Accuracy*float64(p.Count) + 0.5)
	p.Low, p.High = metric.Wilson(right, p.Count, 0.95)
	c := metric.NewConfusion(all)
	for i := range c.Classes {
		p.Confusion = append(p.Confusion, c.Count[i*c.Classes:][:c.Classes])
	}
	if c.Classes != 2 {
		return
	}
	p.AUC = metric.AUC(all, 1)
	roc := page.Chart{Title: "ROC: " + m.Labels[1] + " found against false alarms", X: "share of " + m.Labels[0] + " taken for " + m.Labels[1], Y: "share of " + m.Labels[1] + " found", Unit: true}
	line := page.Series{Name: m.Labels[1]}
	for _, pt := range metric.ROC(all, 1) {
		line.X, line.Y = append(line.X, pt.FalsePositive), append(line.Y, pt.TruePositive)
	}
	roc.Series = []page.Series{line}
	p.ROC = &roc
}

// curves is loss and accuracy by epoch.
func (g *gatherer) curves() error {
	records, err := train.Records(g.run.Dir)
	if err != nil || len(records) == 0 {
		return err
	}
	loss := page.Chart{Title: "Loss", X: "epoch", Y: "nats", Log: true}
	if g.run.Model.Output.Is(data.OutputValue) {
		loss.Title, loss.Y = "Squared error, in units of the target's variance", "squared error"
	}
	accuracy := page.Chart{Title: "Accuracy", X: "epoch", Y: "accuracy", Percent: true}
	for _, split := range []string{"train", "valid"} {
		l, a := page.Series{Name: split}, page.Series{Name: split}
		for _, r := range records {
			if r.Split == split {
				l.X, l.Y = append(l.X, r.Epoch), append(l.Y, float64(r.Loss))
				a.X, a.Y = append(a.X, r.Epoch), append(a.Y, float64(r.Accuracy))
			}
		}
		if len(l.X) > 0 {
			loss.Series, accuracy.Series = append(loss.Series, smooth(l)), append(accuracy.Series, smooth(a))
		}
	}
	g.page.Charts = []page.Chart{loss}
	if !g.run.Model.Output.Is(data.OutputValue) {
		g.page.Charts = append(g.page.Charts, accuracy)
	}
	return nil
}

// mostPoints is how many points a curve keeps.
const mostPoints = 160

// smooth averages neighbours of a curve with many points.
func smooth(s page.Series) page.Series {
	n := len(s.X)
	if n <= mostPoints {
		return s
	}
	out := page.Series{Name: s.Name}
	for i := range mostPoints {
		lo, hi := i*n/mostPoints, (i+1)*n/mostPoints
		x, y := 0.0, 0.0
		for j := lo; j < hi; j++ {
			x, y = x+s.X[j], y+s.Y[j]
		}
		out.X, out.Y = append(out.X, x/float64(hi-lo)), append(out.Y, y/float64(hi-lo))
	}
	return out
}

// order lists the examples: mistakes, the surest first, then right answers, the
// least sure first.
func (g *gatherer) order() []int {
	all := g.eval.Predictions
	rank := func(i int) (int, float32) {
		row := all.Row(i)
		a := metric.Answer(row)
		if a < 0 || a != int(all.Label[i]) {
			return 0, -row[max(a, 0)]
		}
		return 1, row[a]
	}
	order := make([]int, all.Len())
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		ka, va := rank(a)
		kb, vb := rank(b)
		switch {
		case ka != kb:
			return ka - kb
		case va < vb:
			return -1
		case va > vb:
			return 1
		}
		return 0
	})
	return order
}

func (g *gatherer) examples() error {
	order := g.order()
	for _, i := range order[:min(len(order), mostExamples)] {
		e, err := g.example(i)
		if err != nil {
			return err
		}
		g.page.Examples = append(g.page.Examples, e)
	}
	if mistakes := g.page.Mistakes(); len(order) > mostShown {
		g.page.Shown = max(mostShown/2, min(mistakes+mostShown/4, mostShown))
	}
	return nil
}

// example is example i of the reported split with the network's answer.
func (g *gatherer) example(i int) (Example, error) {
	m, err := g.image(i)
	if err != nil {
		return Example{}, err
	}
	row := g.eval.Predictions.Row(i)
	e := Example{ID: g.eval.IDs[i], Picture: Picture(m), Truth: g.run.Model.Labels[g.eval.Predictions.Label[i]]}
	for k, v := range row {
		e.Top = append(e.Top, Guess{g.run.Model.Labels[k], float64(v)})
	}
	slices.SortStableFunc(e.Top, func(a, b Guess) int {
		switch {
		case a.Probability > b.Probability:
			return -1
		case a.Probability < b.Probability:
			return 1
		}
		return 0
	})
	e.Top = e.Top[:min(len(e.Top), mostGuesses)]
	return e, nil
}

func (g *gatherer) image(i int) (media.Image, error) {
	e, err := data.ExampleOf(g.ds, g.split, i)
	if err != nil {
		return media.Image{}, err
	}
	return media.ImageOf(e[data.FieldImage])
}

// input is the network's input for example i, a batch of one.
func (g *gatherer) input(i int) (tensor.Tensor, error) {
	m, err := g.image(i)
	if err != nil {
		return tensor.Tensor{}, err
	}
	x, err := g.run.Model.Input.Tensor(m)
	if err != nil {
		return x, err
	}
	return x.Reshape(tensor.Dims(append([]int{1}, x.Shape().Dims()...)...))
}
