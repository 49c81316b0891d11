package task

import (
	"context"
	"math"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/linear"
	"github.com/ihae/ihae/metric"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
)

// penalties is the strengths of regularisation that a baseline chooses from by
// the valid split; without one it takes the middle.
var penalties = []float64{0.01, 0.1, 1, 10, 100}

// linearBaseline is ridge or logistic regression on the rows that the network
// sees, each value of a category a feature of its own.
func linearBaseline(in data.Input, out data.Output) train.BaselineFunc {
	return func(ctx context.Context, ds data.Dataset, split data.Split) (train.Baseline, error) {
		l := linearRows{in: in, out: out, classes: len(ds.Card().Classes)}
		b := train.Baseline{Name: "logistic regression"}
		if out.Is(data.OutputValue) {
			b.Name = "ridge regression"
		}
		parts := map[data.Split]*linearPart{}
		for _, s := range data.Splits {
			if ds.Len(s) == 0 {
				continue
			}
			var err error
			if parts[s], err = l.read(ctx, ds, s); err != nil {
				return b, err
			}
		}
		best, err := l.choose(ctx, parts)
		if err != nil {
			return b, err
		}
		b.Metrics, err = l.measure(best, parts[split])
		return b, err
	}
}

// linearRows is how rows become those of a linear model.
type linearRows struct {
	in      data.Input
	out     data.Output
	classes int
}

// linearPart is the rows of a split.
type linearPart struct {
	x      *linear.Matrix
	labels []int32
	values []float64 // standardised
}

// read makes the rows of a split.
func (l linearRows) read(ctx context.Context, ds data.Dataset, s data.Split) (*linearPart, error) {
	loader, err := data.NewLoader(ds, s, data.LoaderConfig{Batch: 256, Input: l.in, Output: l.out})
	if err != nil {
		return nil, err
	}
	width, vocab := l.in.Type().Shape.Dim(0), l.in.Vocab()
	plain := width - len(vocab)
	features := plain
	for _, v := range vocab {
		features += v
	}
	p := &linearPart{x: linear.NewMatrix(features)}
	for b, err := range loader.Batches(ctx, 0, 0) {
		if err != nil {
			return nil, err
		}
		for i := range b.Count {
			row := b.Input.Floats()[i*width:][:width]
			for k, v := range row[:plain] {
				p.x.Add(k, v)
			}
			at := plain
			for k, v := range vocab {
				if id := int(row[plain+k]); id > 0 { // 0 is other values
					p.x.Add(at+id, 1)
				}
				at += v
			}
			p.x.End()
		}
		if l.out.Is(data.OutputValue) {
			for _, v := range b.Label.Floats()[:b.Count] {
				p.values = append(p.values, float64(v))
			}
		} else {
			p.labels = append(p.labels, tensor.Of[int32](b.Label)[:b.Count]...)
		}
	}
	return p, nil
}

// choose fits to the training split with each penalty and keeps the model that
// is best on the valid split.
func (l linearRows) choose(ctx context.Context, parts map[data.Split]*linearPart) (*linear.Model, error) {
	var best *linear.Model
	least := math.Inf(1)
	for _, penalty := range penalties {
		if parts[data.Valid] == nil && penalty != penalties[len(penalties)/2] {
			continue
		}
		m, err := l.fit(ctx, parts[data.Train], penalty)
		if err != nil {
			return nil, err
		}
		loss := 0.0
		if valid := parts[data.Valid]; valid != nil {
			all, err := l.measure(m, valid)
			if err != nil {
				return nil, err
			}
			loss = float64(all["loss"])
		}
		if best == nil || loss < least {
			best, least = m, loss
		}
	}
	return best, nil
}

func (l linearRows) fit(ctx context.Context, p *linearPart, penalty float64) (*linear.Model, error) {
	if l.out.Is(data.OutputValue) {
		return linear.Ridge(ctx, p.x, p.values, penalty)
	}
	return linear.Logistic(ctx, p.x, p.labels, l.classes, penalty)
}

// measure is every metric of a model on the rows of a split.
func (l linearRows) measure(m *linear.Model, p *linearPart) (map[string]train.Figure, error) {
	scores := make([]float64, m.Outputs)
	if l.out.Is(data.OutputValue) {
		v, loss := metric.Values{}, 0.0
		for i, t := range p.values {
			m.Scores(scores, p.x, i)
			v.Answer, v.Target = append(v.Answer, l.out.Target(float32(scores[0]))), append(v.Target, l.out.Target(float32(t)))
			loss += (scores[0] - t) * (scores[0] - t)
		}
		all, err := metric.AllValues(v)
		if err != nil {
			return nil, err
		}
		all["loss"] = loss / float64(v.Len())
		return train.Figures(all), nil
	}
	pr := metric.Predictions{Classes: l.classes, Label: p.labels}
	for i := range p.labels {
		m.Probabilities(scores, p.x, i)
		for _, v := range scores {
			pr.Probability = append(pr.Probability, float32(v))
		}
	}
	all, err := metric.All(pr)
	if err != nil {
		return nil, err
	}
	return train.Figures(all), nil
}
