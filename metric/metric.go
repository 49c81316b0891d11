// Package metric turns answers and the truth into figures: a classifier's
// probabilities and labels, or numbers and targets. Metrics are computed on the
// host in float64, over all examples at once, and are registered by name. A row
// of probabilities that has a NaN never counts as right.
package metric

import (
	"fmt"

	"github.com/ihae/ihae/internal/registry"
)

// Predictions is what a classifier says of N examples, and the truth.
type Predictions struct {
	Classes     int       // K
	Probability []float32 // [N K]
	Label       []int32   // [N], each from 0 to K-1
}

// Len is N.
func (p Predictions) Len() int { return len(p.Label) }

// Row is the probabilities of example i, [K], shared.
func (p Predictions) Row(i int) []float32 { return p.Probability[i*p.Classes:][:p.Classes] }

// Check says what does not fit together; all functions of this package want
// predictions that pass it.
func (p Predictions) Check() error {
	if p.Classes < 1 || len(p.Label) == 0 || len(p.Probability) != len(p.Label)*p.Classes {
		return fmt.Errorf("metric: %d probabilities of %d classes for %d labels", len(p.Probability), p.Classes, len(p.Label))
	}
	for i, l := range p.Label {
		if l < 0 || int(l) >= p.Classes {
			return fmt.Errorf("metric: example %d has label %d of %d classes", i, l, p.Classes)
		}
	}
	return nil
}

// Answer is the class with the largest probability in row, the first of several
// equal ones; -1 for a row that has a NaN or no class.
func Answer(row []float32) int {
	best := -1
	for k, v := range row {
		switch {
		case v != v:
			return -1
		case best < 0 || v > row[best]:
			best = k
		}
	}
	return best
}

// Entry is what a metric's file registers.
type Entry struct {
	Name     string
	Doc      string
	Lower    bool // less is better
	Fraction bool // from 0 to 1: people read it as per cent
	// Defined says whether the metric means anything here; nil for always.
	Defined func(Predictions) bool
	Of      func(Predictions) float64 // nil where it means nothing of classes
	// OfValues is the metric of numbers, NaN where it means nothing; nil likewise.
	OfValues func(Values) float64
}

var entries = registry.New[Entry]("metric")

// Register makes a metric known. Call it from init.
func Register(e Entry) { entries.Set(e.Name, e) }

// Names lists the registered metrics.
func Names() []string { return entries.Names() }

// Lookup finds a metric by name; the error lists what there is.
func Lookup(name string) (Entry, error) { return entries.Get(name) }

// All is every registered metric that is defined for p, by name.
func All(p Predictions) (map[string]float64, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	all := map[string]float64{}
	for _, name := range Names() {
		e, err := Lookup(name)
		if err != nil {
			return nil, err
		}
		if e.Of != nil && (e.Defined == nil || e.Defined(p)) {
			all[name] = e.Of(p)
		}
	}
	return all, nil
}
