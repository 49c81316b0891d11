package train

import (
	"context"
	"fmt"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/metric"
	"github.com/ihae/ihae/tensor"
)

// evalBatch is how many examples an evaluation looks at together.
const evalBatch = 64

// Evaluation is what a network does on a split.
type Evaluation struct {
	Run      string              `json:"run"`
	Task     string              `json:"task"`
	Split    string              `json:"split"`
	Count    int                 `json:"count"`
	Metrics  map[string]Figure   `json:"metrics"`
	PerClass map[string]PerClass `json:"per_class,omitempty"` // of classes

	// What the figures are made of, and what the examples are called.
	Predictions metric.Predictions `json:"-"` // of classes
	Values      metric.Values      `json:"-"` // of values
	IDs         []string           `json:"-"`
}

// PerClass is how one class fares.
type PerClass struct {
	Count     int    `json:"count"`
	Precision Figure `json:"precision"`
	Recall    Figure `json:"recall"`
}

// evaluate runs the network on a split of ds.
func (n *Network) evaluate(ctx context.Context, ds data.Dataset, s data.Split, workers int) (Evaluation, error) {
	l, err := data.NewLoader(ds, s, data.LoaderConfig{
		Batch: min(evalBatch, max(ds.Len(s), 1)), Input: n.model.Input, Output: n.model.Output, Workers: workers,
	})
	if err != nil {
		return Evaluation{}, err
	}
	e, err := n.judge(ctx, l)
	e.Split, e.Count = string(s), ds.Len(s)
	for i := range e.Count {
		e.IDs = append(e.IDs, ds.ID(s, i))
	}
	return e, err
}

// judge asks the network about all examples of a loader, in order, and computes
// every metric that is defined.
func (n *Network) judge(ctx context.Context, l *data.Loader) (Evaluation, error) {
	switch {
	case n.model.Output.Is(data.OutputValue):
		return n.judgeValues(ctx, l)
	case n.model.Output.Is(data.OutputNext):
		return n.judgeNext(ctx, l)
	}
	return n.judgeClasses(ctx, l)
}

func (n *Network) judgeClasses(ctx context.Context, l *data.Loader) (e Evaluation, err error) {
	labels := n.model.Labels
	e.Predictions.Classes = len(labels)
	p := &e.Predictions
	for b, err := range l.Batches(ctx, 0, 0) {
		if err != nil {
			return e, err
		}
		out, err := n.Answers(ctx, b.Input)
		if err != nil {
			return e, err
		}
		if k := out.Shape().Dim(-1); k != p.Classes {
			return e, fmt.Errorf("the network has %d outputs for %d labels", k, p.Classes)
		}
		p.Probability = append(p.Probability, out.Floats()[:b.Count*p.Classes]...)
		p.Label = append(p.Label, tensor.Of[int32](b.Label)[:b.Count]...)
	}
	all, err := metric.All(*p)
	if err != nil {
		return e, err
	}
	e.Metrics, e.PerClass = Figures(all), map[string]PerClass{}
	for k, class := range metric.NewConfusion(*p).PerClass() {
		e.PerClass[labels[k]] = PerClass{class.Count, Figure(class.Precision), Figure(class.Recall)}
	}
	return e, nil
}

// judgeValues measures numbers in the target's unit, but for the loss, which is
// the mean squared error of standardised targets, as in training.
func (n *Network) judgeValues(ctx context.Context, l *data.Loader) (e Evaluation, err error) {
	v, loss := &e.Values, 0.0
	for b, err := range l.Batches(ctx, 0, 0) {
		if err != nil {
			return e, err
		}
		out, err := n.Answers(ctx, b.Input)
		if err != nil {
			return e, err
		}
		for i, y := range out.Floats()[:b.Count] {
			t := b.Label.Floats()[i]
			v.Answer = append(v.Answer, n.model.Output.Target(y))
			v.Target = append(v.Target, n.model.Output.Target(t))
			loss += float64(y-t) * float64(y-t)
		}
	}
	all, err := metric.AllValues(*v)
	if err != nil {
		return e, err
	}
	e.Metrics = Figures(all)
	e.Metrics["loss"] = Figure(loss / float64(v.Len()))
	return e, nil
}

// judgeNext measures over all places whose next token is asked for, each alike.
func (n *Network) judgeNext(ctx context.Context, l *data.Loader) (e Evaluation, err error) {
	var loss, right, places float64
	for b, err := range l.Batches(ctx, 0, 0) {
		if err != nil {
			return e, err
		}
		known, all := 0.0, tensor.Of[int32](b.Label)
		size := b.Label.Shape().Dim(0)
		for i := b.Count * len(all) / size; i < len(all); i++ {
			all[i] = -1 // the rest of the batch is no text
		}
		for _, next := range all {
			if next >= 0 {
				known++
			}
		}
		mean, hits, err := n.score(ctx, b.Input, b.Label)
		if err != nil {
			return e, err
		}
		loss, right, places = loss+mean*known, right+hits/float64(size)*known, places+known
	}
	if places == 0 {
		return e, fmt.Errorf("no next token is known")
	}
	loss /= places
	e.Metrics = map[string]Figure{
		"loss": Figure(loss), "perplexity": Figure(metric.Perplexity(loss)), "accuracy": Figure(right / places),
	}
	return e, nil
}

// Figures is metrics as JSON has them.
func Figures(all map[string]float64) map[string]Figure {
	figures := map[string]Figure{}
	for name, v := range all {
		figures[name] = Figure(v)
	}
	return figures
}
