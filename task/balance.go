package task

import (
	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/train"
)

// balanced gives an objective of classes weights by which every class counts
// alike over the training split: N/(K·n) for the n examples of N in one of K
// classes. Their mean over the examples is 1.
func (v Values) balanced(o train.Objective, ds data.Dataset) (train.Objective, error) {
	class, ok := o.(train.Class)
	if !ok || v.String("balance") == none {
		return o, nil
	}
	counts := make([]int, len(ds.Card().Classes))
	n := ds.Len(data.Train)
	for i := range n {
		k, err := data.Label(ds, data.Train, i)
		if err != nil {
			return nil, &train.DataError{Err: err}
		}
		counts[k]++
	}
	present := 0
	for _, c := range counts {
		present += min(c, 1)
	}
	class.Weights = make([]float64, len(counts))
	for k, c := range counts {
		class.Weights[k] = float64(n) / float64(present*max(c, 1))
	}
	return class, nil
}
