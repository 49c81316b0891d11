package train

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"

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
	PerClass map[string]PerClass `json:"per_class"`

	// What the figures are made of, and what the examples are called.
	Predictions metric.Predictions `json:"-"`
	IDs         []string           `json:"-"`
}

// PerClass is how one class fares.
type PerClass struct {
	Count     int    `json:"count"`
	Precision Figure `json:"precision"`
	Recall    Figure `json:"recall"`
}

// evaluate runs a classifier on a split of ds.
func evaluate(ctx context.Context, c *Classifier, ds data.Dataset, s data.Split, in data.Input, labels []string, workers int) (Evaluation, error) {
	e := Evaluation{Split: string(s), Count: ds.Len(s)}
	l, err := data.NewLoader(ds, s, data.LoaderConfig{Batch: min(evalBatch, max(e.Count, 1)), Input: in, Workers: workers})
	if err != nil {
		return e, err
	}
	if e.Predictions, err = predictions(ctx, c, l, labels); err != nil {
		return e, err
	}
	if e.Metrics, err = metrics(e.Predictions); err != nil {
		return e, err
	}
	e.PerClass = map[string]PerClass{}
	for k, class := range metric.NewConfusion(e.Predictions).PerClass() {
		e.PerClass[labels[k]] = PerClass{class.Count, Figure(class.Precision), Figure(class.Recall)}
	}
	for i := range e.Count {
		e.IDs = append(e.IDs, ds.ID(s, i))
	}
	return e, nil
}

// predictions is the probabilities of all examples of a loader, in order.
func predictions(ctx context.Context, c *Classifier, l *data.Loader, labels []string) (metric.Predictions, error) {
	p := metric.Predictions{Classes: len(labels)}
	for b, err := range l.Batches(ctx, 0, 0) {
		if err != nil {
			return p, err
		}
		out, err := c.Probabilities(ctx, b.Input)
		if err != nil {
			return p, err
		}
		if k := out.Shape().Dim(-1); k != p.Classes {
			return p, fmt.Errorf("the network has %d outputs for %d labels", k, p.Classes)
		}
		p.Probability = append(p.Probability, out.Floats()[:b.Count*p.Classes]...)
		p.Label = append(p.Label, tensor.Of[int32](b.Label)[:b.Count]...)
	}
	return p, nil
}

// metrics is every metric that is defined for p.
func metrics(p metric.Predictions) (map[string]Figure, error) {
	all, err := metric.All(p)
	if err != nil {
		return nil, err
	}
	figures := map[string]Figure{}
	for name, v := range all {
		figures[name] = Figure(v)
	}
	return figures, nil
}

// writePredictions writes predictions.jsonl: for each example its id, its
// label and the probability of each class.
func writePredictions(files Files, run string, e Evaluation, labels []string) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	for i, id := range e.IDs {
		line := struct {
			ID            string   `json:"id"`
			Label         string   `json:"label"`
			Probabilities []Figure `json:"probabilities"`
		}{ID: id, Label: labels[e.Predictions.Label[i]]}
		for _, p := range e.Predictions.Row(i) {
			line.Probabilities = append(line.Probabilities, Figure(p))
		}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	if err := replaceFile(files, filepath.Join(run, predictionsFile), text.Bytes()); err != nil {
		return &StorageError{"write " + predictionsFile, err}
	}
	return nil
}
