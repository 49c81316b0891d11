package report

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
)

// importance measures how much worse the network does on the reported split when
// the cells of one column are dealt out anew among the rows: Breiman, "Random
// Forests", 2001, section 10. It returns the places of the columns in the data,
// the most important first.
func (g *gatherer) importance(ctx context.Context, t *Table) ([]int, error) {
	n := min(g.eval.Count, mostPermuted)
	p := permuter{g: g, fields: g.ds.Card().Fields}
	var err error
	if p.rows, err = g.cells(g.split, n); err != nil {
		return nil, err
	}
	for i := range n {
		p.of = append(p.of, i*g.eval.Count/n)
	}
	if p.encoder, err = g.run.Model.Input.Table.Encoder(p.fields); err != nil {
		return nil, err
	}
	base, err := p.loss(ctx, -1, 0)
	if err != nil {
		return nil, err
	}
	gains, places := make([]float64, len(t.Columns)), make([]int, len(t.Columns))
	for i, c := range t.Columns {
		places[i] = slices.Index(p.fields, c.Name)
		for k := range permutations {
			l, err := p.loss(ctx, places[i], uint64(k))
			if err != nil {
				return nil, err
			}
			gains[i] += (l - base) / permutations
		}
	}
	order := make([]int, len(gains))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(gains[b], gains[a]) })
	sorted, byGain := make([]Column, len(order)), make([]int, len(order))
	for to, from := range order {
		c := t.Columns[from]
		c.Importance = fmt.Sprintf("%+.3g", gains[from])
		if most := gains[order[0]]; most > 0 {
			c.Share = max(0, gains[from]/most)
		}
		sorted[to], byGain[to] = c, places[from]
	}
	t.Columns = sorted
	return byGain, nil
}

// permuter asks the network about rows of which one column is dealt out anew.
type permuter struct {
	g       *gatherer
	fields  []string
	rows    [][]string
	of      []int // their places in the split
	encoder *data.RowEncoder
}

// loss is the mean loss, or the RMSE of a value, with a column dealt out for the
// k-th time; column -1 leaves all as they are.
func (p permuter) loss(ctx context.Context, column int, k uint64) (float64, error) {
	deal := rng.New(0).Split("importance").At(uint64(column + 1)).At(k).Perm(len(p.rows))
	inputs := make([]tensor.Tensor, len(p.rows))
	for i, row := range p.rows {
		if column >= 0 {
			row = slices.Clone(row)
			row[column] = p.rows[deal[i]][column]
		}
		inputs[i] = tensor.New(p.g.run.Model.Input.Type())
		if err := p.encoder.Encode(inputs[i].Floats(), row); err != nil {
			return 0, err
		}
	}
	answers, err := p.g.predictor.AnswerAll(ctx, inputs)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for i, a := range answers {
		sum += p.one(p.of[i], a)
	}
	if sum /= float64(len(answers)); p.g.run.Model.Output.Is(data.OutputValue) {
		return math.Sqrt(sum), nil
	}
	return sum, nil
}

// one is the loss of an answer to example i.
func (p permuter) one(i int, a train.Answer) float64 {
	if a.Guesses == nil {
		d := a.Value - p.g.eval.Values.Target[i]
		return d * d
	}
	label := p.g.run.Model.Labels[p.g.eval.Predictions.Label[i]]
	for _, guess := range a.Guesses {
		if guess.Label == label {
			return -math.Log(max(float64(guess.Probability), math.SmallestNonzeroFloat32))
		}
	}
	return 0
}
