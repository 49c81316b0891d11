package data

import (
	"fmt"
	"math"
	"slices"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Ref is the place of an example in another dataset.
type Ref struct {
	Split Split
	Index int
}

// subset is a dataset of chosen examples of another.
type subset struct {
	Dataset
	refs map[Split][]Ref
	card Card
}

// Subset is the chosen examples of ds, in the order given. Splits that are not
// a key of refs are empty. It panics on a Ref outside ds.
func Subset(ds Dataset, refs map[Split][]Ref) Dataset {
	s := &subset{ds, refs, ds.Card()}
	s.card.Count = map[Split]int{}
	for split, list := range refs {
		for _, r := range list {
			if r.Index < 0 || r.Index >= ds.Len(r.Split) {
				panic(fmt.Sprintf("data: %s has no example %d", r.Split, r.Index))
			}
		}
		s.card.Count[split] = len(list)
	}
	return s
}

// All is the places of all examples of a split, for [Subset].
func All(ds Dataset, s Split) []Ref {
	refs := make([]Ref, ds.Len(s))
	for i := range refs {
		refs[i] = Ref{s, i}
	}
	return refs
}

func (s *subset) Card() Card          { return s.card }
func (s *subset) Len(split Split) int { return len(s.refs[split]) }
func (s *subset) Bad() []BadFile      { return badFiles(s.Dataset) }

func (s *subset) Put(e Example, split Split, i int) error {
	r := s.refs[split][i]
	return s.Dataset.Put(e, r.Split, r.Index)
}

func (s *subset) Label(split Split, i int) (int, error) {
	r := s.refs[split][i]
	return Label(s.Dataset, r.Split, r.Index)
}

func (s *subset) ID(split Split, i int) string {
	r := s.refs[split][i]
	return s.Dataset.ID(r.Split, r.Index)
}

// CutValid is ds with a valid split of that fraction cut from train, when ds has
// none; otherwise ds as it is. Each class gives round(fraction · its count)
// examples, at least one where it has two and the fraction is above zero; which
// ones is drawn from r, and both parts keep the order of ds. Without classes all
// examples count as of one.
func CutValid(ds Dataset, fraction float64, r rng.Stream) (Dataset, error) {
	return cut(ds, Valid, fraction, r)
}

// CutTest is CutValid for a test split.
func CutTest(ds Dataset, fraction float64, r rng.Stream) (Dataset, error) {
	return cut(ds, Test, fraction, r)
}

func cut(ds Dataset, into Split, fraction float64, r rng.Stream) (Dataset, error) {
	if fraction < 0 || fraction >= 1 || math.IsNaN(fraction) {
		return nil, fmt.Errorf("data: the fraction for %s is %v; wanted 0 or more and less than 1", into, fraction)
	}
	if ds.Len(into) > 0 || fraction == 0 {
		return ds, nil
	}
	of, err := byClass(ds)
	if err != nil {
		return nil, err
	}
	out := make([]bool, ds.Len(Train))
	for l, items := range of {
		n := int(math.Round(fraction * float64(len(items))))
		if n == 0 && len(items) > 1 {
			n = 1
		}
		for _, k := range r.Split(string(into)).At(uint64(l)).Perm(len(items))[:min(n, len(items))] {
			out[items[k]] = true
		}
	}
	refs := map[Split][]Ref{}
	for _, s := range Splits {
		if s != Train && s != into && ds.Len(s) > 0 {
			refs[s] = All(ds, s)
		}
	}
	for i, is := range out {
		s := Train
		if is {
			s = into
		}
		refs[s] = append(refs[s], Ref{Train, i})
	}
	return Subset(ds, refs), nil
}

// byClass is the places of train by label, all under 0 where there are no
// classes.
func byClass(ds Dataset) (map[int][]int, error) {
	of := map[int][]int{}
	classes := len(ds.Card().Classes) > 0
	for i := range ds.Len(Train) {
		l := 0
		if classes {
			var err error
			if l, err = Label(ds, Train, i); err != nil {
				return nil, fmt.Errorf("%s: %w", ds.ID(Train, i), err)
			}
		}
		of[l] = append(of[l], i)
	}
	return of, nil
}

// Merge is ds where the split into has the examples of from as well, at the
// end, and from is empty: to train on everything once all choices are made.
func Merge(ds Dataset, into, from Split) Dataset {
	refs := map[Split][]Ref{}
	for _, s := range Splits {
		refs[s] = All(ds, s)
	}
	refs[into] = slices.Concat(refs[into], refs[from])
	refs[from] = nil
	return Subset(ds, refs)
}

// imageAt is the image of one example.
func imageAt(ds Dataset, s Split, i int) (media.Image, error) {
	e, err := ExampleOf(ds, s, i)
	if err != nil {
		return media.Image{}, err
	}
	t, err := imageOf(e)
	if err != nil {
		return media.Image{}, err
	}
	return media.ImageOf(t)
}

// imageOf is the image tensor of an example.
func imageOf(e Example) (tensor.Tensor, error) {
	t, ok := e[FieldImage]
	if !ok {
		return t, fmt.Errorf("data: the example has no image")
	}
	return t, nil
}
