package report

import (
	"fmt"

	"github.com/ihae/ihae/metric"
	"github.com/ihae/ihae/train"
)

// Pair is what two classifiers answer on the same examples.
type Pair struct {
	A, B                        string
	Both, OnlyA, OnlyB, Neither int     // who is right
	Luck                        float64 // metric.McNemar
	Differ                      []Difference
}

// Difference is an example on which only one of a pair is right.
type Difference struct {
	ID, Truth, A, B string
}

// mostDifferences is how many examples of a pair are named.
const mostDifferences = 60

// Surely says whether the difference of the pair is more than luck would often
// make (once in twenty).
func (p Pair) Surely() bool { return p.Luck < 0.05 }

// pair compares the answers of runs i and j where they have the same examples.
func (c *Comparison) pair(runs []compared, i, j int) {
	a, b := runs[i], runs[j]
	if len(a.answers) == 0 || len(b.answers) == 0 {
		return
	}
	p := Pair{A: c.Runs[i], B: c.Runs[j]}
	other := map[string]train.Predicted{}
	for _, x := range b.answers {
		other[x.ID] = x
	}
	seen := 0
	for _, x := range a.answers {
		y, ok := other[x.ID]
		if !ok || y.Label != x.Label {
			continue
		}
		seen++
		p.count(x, answer(x, a.labels), answer(y, b.labels))
	}
	if seen < len(a.answers) || seen < len(b.answers) {
		c.Notes = append(c.Notes, fmt.Sprintf("%s and %s share %d of %d and %d examples.", p.A, p.B, seen, len(a.answers), len(b.answers)))
	}
	if seen == 0 {
		return
	}
	p.Luck = metric.McNemar(p.OnlyA, p.OnlyB)
	c.Pairs = append(c.Pairs, p)
}

func (p *Pair) count(x train.Predicted, a, b string) {
	switch rightA, rightB := a == x.Label, b == x.Label; {
	case rightA && rightB:
		p.Both++
		return
	case rightA:
		p.OnlyA++
	case rightB:
		p.OnlyB++
	default:
		p.Neither++
		return
	}
	if len(p.Differ) < mostDifferences {
		p.Differ = append(p.Differ, Difference{x.ID, x.Label, a, b})
	}
}

// answer is the likeliest class.
func answer(p train.Predicted, labels []string) string {
	best := -1
	for k, v := range p.Probabilities {
		if k < len(labels) && (best < 0 || v > p.Probabilities[best]) {
			best = k
		}
	}
	if best < 0 {
		return ""
	}
	return labels[best]
}
