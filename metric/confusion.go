package metric

// Confusion counts answers by label.
type Confusion struct {
	Classes    int
	Count      []int // [K K]: row label, column answer
	Unanswered []int // [K]: examples of the label whose probabilities have a NaN
}

// NewConfusion counts p.
func NewConfusion(p Predictions) Confusion {
	c := Confusion{p.Classes, make([]int, p.Classes*p.Classes), make([]int, p.Classes)}
	for i, l := range p.Label {
		if a := Answer(p.Row(i)); a >= 0 {
			c.Count[int(l)*p.Classes+a]++
		} else {
			c.Unanswered[l]++
		}
	}
	return c
}

// At is how many examples with that label got that answer.
func (c Confusion) At(label, answer int) int { return c.Count[label*c.Classes+answer] }

// Class is the figures of one class against the rest.
type Class struct {
	Precision float64 // share of the answers that are right, 0 if there are none
	Recall    float64 // share of the examples that are found, 0 if there are none
	F1        float64 // harmonic mean of both, 0 if both are
	Count     int     // examples of the class
}

// PerClass is the figures of each class.
func (c Confusion) PerClass() []Class {
	classes := make([]Class, c.Classes)
	for k := range classes {
		right, answers, count := c.At(k, k), 0, c.Unanswered[k]
		for j := range c.Classes {
			answers += c.At(j, k)
			count += c.At(k, j)
		}
		precision, recall := ratio(right, answers), ratio(right, count)
		classes[k] = Class{precision, recall, ratio(2*right, answers+count), count}
	}
	return classes
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
