package metric

import (
	"cmp"
	"math"
	"slices"
)

// AUC is the area under the ROC curve of class: the probability that an example
// of it gets a larger probability of it than an example of another class, ties
// counting one half. It is computed from ranks (Mann and Whitney, 1947): with
// R the sum of the positives' ranks, (R - P(P+1)/2) / (P·N). NaN if all or no
// examples are of the class.
func AUC(p Predictions, class int) float64 {
	s := scores(p, class)
	positives, ranks := 0, 0.0
	for i := 0; i < len(s); {
		j := i
		for j < len(s) && s[j].value == s[i].value {
			j++
		}
		middle := float64(i+1+j) / 2 // the mean of the ranks i+1 … j
		for _, x := range s[i:j] {
			if x.positive {
				positives++
				ranks += middle
			}
		}
		i = j
	}
	n := float64(positives)
	return (ranks - n*(n+1)/2) / (n * float64(len(s)-positives))
}

// score is one example seen as a member of a class or not.
type score struct {
	value    float64
	positive bool
}

// scores is the examples by rising probability of class. A NaN is as wrong as
// can be: below all others for a positive, above them for a negative.
func scores(p Predictions, class int) []score {
	s := make([]score, p.Len())
	for i, l := range p.Label {
		s[i] = score{float64(p.Row(i)[class]), int(l) == class}
		if Answer(p.Row(i)) < 0 {
			s[i].value = math.Inf(1)
			if s[i].positive {
				s[i].value = math.Inf(-1)
			}
		}
	}
	slices.SortStableFunc(s, func(a, b score) int { return cmp.Compare(a.value, b.value) })
	return s
}

// bothOccur says whether there are two classes and examples of each.
func bothOccur(p Predictions) bool {
	return p.Classes == 2 && slices.Contains(p.Label, 0) && slices.Contains(p.Label, 1)
}

func init() {
	Register(Entry{
		Name: "auc", Doc: "area under the ROC curve of class 1, for two classes", Fraction: true,
		Defined: bothOccur,
		Of:      func(p Predictions) float64 { return AUC(p, 1) },
	})
}
