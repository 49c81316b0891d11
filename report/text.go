package report

import (
	"cmp"
	"slices"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/page"
	"github.com/ihae/ihae/train"
)

// Text is what a page shows of a network for texts.
type Text struct {
	Examples []TextExample // mistakes first
	PerClass Grid
	Telling  Grid // what in a text speaks for each class, to the simpler model
	Count    int  // of all examples
}

// TextExample is a text and the network's answer.
type TextExample struct {
	ID, Text, Truth, Answer string
	Probability             float64 // of the answer
	Wrong                   bool
}

// The most that the page of texts shows.
const (
	mostTexts   = 120
	mostLetters = 400 // of one text
	mostTelling = 12
)

// texts collects the parts that networks for texts have.
func (g *gatherer) texts() error {
	t := &Text{Count: g.eval.Count}
	g.page.Text = t
	g.perClass(t)
	result, err := train.ReadResult(g.run.Dir)
	if err != nil {
		return err
	}
	t.telling(result, g.run.Model.Labels)
	for _, i := range g.byDoubt()[:min(g.eval.Count, mostTexts)] {
		text, err := data.TextOf(g.ds, g.split, i)
		if err != nil {
			return err
		}
		row := g.eval.Predictions.Row(i)
		best := largest(row)
		labels, truth := g.run.Model.Labels, g.eval.Predictions.Label[i]
		t.Examples = append(t.Examples, TextExample{
			ID: g.eval.IDs[i], Text: shorten(text, mostLetters), Truth: labels[truth],
			Answer: labels[best], Probability: float64(row[best]), Wrong: best != int(truth),
		})
	}
	return nil
}

// byDoubt is the examples in the order in which people look at them: mistakes,
// the surest ones first, and then right answers, the least sure ones first.
func (g *gatherer) byDoubt() []int {
	p := g.eval.Predictions
	order := make([]int, g.eval.Count)
	sure := make([]float64, g.eval.Count) // of the truth
	for i := range order {
		order[i], sure[i] = i, float64(p.Row(i)[p.Label[i]])
		if best := largest(p.Row(i)); best != int(p.Label[i]) {
			sure[i] = -float64(p.Row(i)[best])
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sure[a], sure[b]) })
	return order
}

func largest(row []float32) int {
	best := 0
	for k, v := range row {
		if v > row[best] {
			best = k
		}
	}
	return best
}

// shorten is the first n characters of a text.
func shorten(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i] + "…"
		}
	}
	return text
}

// perClass is the table of the classes.
func (g *gatherer) perClass(t *Text) {
	t.PerClass.Head = []string{"class", "texts", "found", "right when said"}
	for _, label := range g.run.Model.Labels {
		c := g.eval.PerClass[label]
		t.PerClass.Rows = append(t.PerClass.Rows, []string{label, page.Count(float64(c.Count)), page.Percent(float64(c.Recall)), page.Percent(float64(c.Precision))})
	}
}

// telling is the table of what speaks for each class.
func (t *Text) telling(r train.Result, labels []string) {
	if r.Baseline == nil || r.Baseline.Telling == nil {
		return
	}
	t.Telling.Head = labels[:min(len(labels), worstColumns)]
	for k := range mostTelling {
		row, any := make([]string, len(t.Telling.Head)), false
		for c, label := range t.Telling.Head {
			if list := r.Baseline.Telling[label]; k < len(list) {
				row[c], any = list[k], true
			}
		}
		if any {
			t.Telling.Rows = append(t.Telling.Rows, row)
		}
	}
}
