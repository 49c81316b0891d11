package main

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/rng"
)

// split deals the training examples of ds into so many parts, each class evenly,
// in an order drawn from r.
func split(ds data.Dataset, parts int, r rng.Stream) ([][]data.Ref, error) {
	if parts < 2 || parts > ds.Len(data.Train) {
		return nil, fmt.Errorf("%d folds of %d examples, want from 2 to one for each", parts, ds.Len(data.Train))
	}
	of := make([][]int, len(ds.Card().Classes))
	for i := range ds.Len(data.Train) {
		l, err := data.Label(ds, data.Train, i)
		if err != nil {
			return nil, err
		}
		of[l] = append(of[l], i)
	}
	folds := make([][]data.Ref, parts)
	next := 0
	for l, items := range of {
		for _, k := range r.At(uint64(l)).Rand().Perm(len(items)) {
			folds[next] = append(folds[next], data.Ref{Split: data.Train, Index: items[k]})
			next = (next + 1) % parts
		}
	}
	return folds, nil
}

// without trains on all folds but one, in which the examples to measure are.
// The test split of ds is in neither.
func without(ds data.Dataset, folds [][]data.Ref, out int) data.Dataset {
	return data.Subset(ds, map[data.Split][]data.Ref{data.Train: others(folds, out), data.Test: folds[out]})
}

// only trains on one fold and measures on the others.
func only(ds data.Dataset, folds [][]data.Ref, in int) data.Dataset {
	return data.Subset(ds, map[data.Split][]data.Ref{data.Train: folds[in], data.Test: others(folds, in)})
}

func others(folds [][]data.Ref, but int) []data.Ref {
	return append(slices.Concat(folds[:but]...), slices.Concat(folds[but+1:]...)...)
}
