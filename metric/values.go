package metric

import (
	"fmt"
	"math"
)

// Values is the numbers that a network answers with for N examples, and the
// truth, in one unit.
type Values struct {
	Answer, Target []float64 // [N]
}

// Len is N.
func (v Values) Len() int { return len(v.Target) }

// Check says what does not fit together; all functions of this package want
// values that pass it.
func (v Values) Check() error {
	if len(v.Target) == 0 || len(v.Answer) != len(v.Target) {
		return fmt.Errorf("metric: %d answers for %d targets", len(v.Answer), len(v.Target))
	}
	return nil
}

// AllValues is every registered metric that is defined for v, by name.
func AllValues(v Values) (map[string]float64, error) {
	if err := v.Check(); err != nil {
		return nil, err
	}
	all := map[string]float64{}
	for _, name := range Names() {
		e, err := Lookup(name)
		if err != nil {
			return nil, err
		}
		if e.OfValues == nil {
			continue
		}
		if f := e.OfValues(v); !math.IsNaN(f) {
			all[name] = f
		}
	}
	return all, nil
}

// squares is the sum of squared distances of answers from targets.
func (v Values) squares() float64 {
	sum := 0.0
	for i, t := range v.Target {
		sum += (v.Answer[i] - t) * (v.Answer[i] - t)
	}
	return sum
}
