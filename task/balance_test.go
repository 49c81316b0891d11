package task

import (
	"slices"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
)

// skewed is a dataset with counts of each class in train, and one of each in test.
func skewed(t *testing.T, counts ...int) data.Dataset {
	t.Helper()
	var classes []string
	parts := map[data.Split]data.Part{}
	of := map[data.Split][]int32{}
	for k, n := range counts {
		classes = append(classes, string(rune('a'+k)))
		of[data.Train] = append(of[data.Train], slices.Repeat([]int32{int32(k)}, n)...)
		of[data.Test] = append(of[data.Test], int32(k))
	}
	for s, labels := range of {
		images := tensor.New(tensor.Type{DType: tensor.Uint8, Shape: tensor.Dims(len(labels), 2, 2, 1)})
		parts[s] = data.Part{Images: images, Labels: labels}
	}
	ds, err := data.NewPacked(data.Card{Name: "skewed", Classes: classes}, parts)
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

// TestBalanceWeights: each class has the same weight in all, and the mean over
// the examples is 1.
func TestBalanceWeights(t *testing.T) {
	ds := skewed(t, 6, 2, 0, 1)
	o, err := Values{"balance": balanceWeights}.balanced(train.Class{Smoothing: 0.1}, ds)
	if err != nil {
		t.Fatal(err)
	}
	class := o.(train.Class)
	if want := []float64{0.5, 1.5, 3, 3}; class.Smoothing != 0.1 || !slices.Equal(class.Weights, want) {
		t.Errorf("%+v, want weights %v", class, want)
	}
	for _, how := range []string{none, balanceSampling} {
		if o, err = (Values{"balance": how}).balanced(train.Class{}, ds); err != nil || o.(train.Class).Weights != nil {
			t.Errorf("%s: %+v, %v", how, o, err)
		}
	}
}

// TestBalanceSampling: each class has as many examples, every one of them at
// least once, none much more often than another, and test stays as it is.
func TestBalanceSampling(t *testing.T) {
	ds := skewed(t, 7, 3, 0, 1)
	even, err := Values{"balance": balanceSampling}.sampled(ds)
	if err != nil {
		t.Fatal(err)
	}
	counts, times := make([]int, 4), map[string]int{}
	for i := range even.Len(data.Train) {
		k, err := data.Label(even, data.Train, i)
		if err != nil {
			t.Fatal(err)
		}
		counts[k]++
		times[even.ID(data.Train, i)]++
	}
	if !slices.Equal(counts, []int{7, 7, 0, 7}) || len(times) != 11 || even.Len(data.Test) != 4 {
		t.Errorf("%v examples of the classes, %d different, %d to test", counts, len(times), even.Len(data.Test))
	}
	for id, n := range times {
		if n > 7 || n < 1 {
			t.Errorf("%s stands there %d times", id, n)
		}
	}
	for _, how := range []string{none, balanceWeights} {
		if same, err := (Values{"balance": how}).sampled(ds); err != nil || same != ds {
			t.Errorf("%s changes the data: %v", how, err)
		}
	}
}
