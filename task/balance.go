package task

import (
	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/train"
)

// The values of the setting balance besides none.
const (
	balanceWeights  = "weights"
	balanceSampling = "sampling"
)

// balanced gives an objective of classes weights by which every class counts
// alike over the training split: N/(K·n) for the n examples of N in one of K
// classes. Their mean over the examples is 1.
func (v Values) balanced(o train.Objective, ds data.Dataset) (train.Objective, error) {
	class, ok := o.(train.Class)
	if !ok || v.String("balance") != balanceWeights {
		return o, nil
	}
	of, err := byClass(ds)
	if err != nil {
		return nil, err
	}
	present := 0
	for _, list := range of {
		present += min(len(list), 1)
	}
	class.Weights = make([]float64, len(of))
	for k, list := range of {
		class.Weights[k] = float64(ds.Len(data.Train)) / float64(present*max(len(list), 1))
	}
	return class, nil
}

// sampled is ds, or if the setting asks for it, ds with the training examples of
// smaller classes repeated until each class has as many as the largest. What is
// repeated is augmented anew.
func (v Values) sampled(ds data.Dataset) (data.Dataset, error) {
	if v.String("balance") != balanceSampling || len(ds.Card().Classes) == 0 {
		return ds, nil
	}
	of, err := byClass(ds)
	if err != nil {
		return nil, err
	}
	most := 0
	for _, list := range of {
		most = max(most, len(list))
	}
	refs := map[data.Split][]data.Ref{data.Train: data.All(ds, data.Train)}
	for _, s := range data.Splits {
		if s != data.Train && ds.Len(s) > 0 {
			refs[s] = data.All(ds, s)
		}
	}
	for _, list := range of {
		for k := len(list); len(list) > 0 && k < most; k++ {
			refs[data.Train] = append(refs[data.Train], data.Ref{Split: data.Train, Index: list[k%len(list)]})
		}
	}
	return data.Subset(ds, refs), nil
}

// byClass is the places of the training examples of each class.
func byClass(ds data.Dataset) ([][]int, error) {
	of := make([][]int, len(ds.Card().Classes))
	for i := range ds.Len(data.Train) {
		k, err := data.Label(ds, data.Train, i)
		if err != nil {
			return nil, &train.DataError{Err: err}
		}
		of[k] = append(of[k], i)
	}
	return of, nil
}
