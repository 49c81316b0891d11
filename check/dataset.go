package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// Dataset checks a set against its card: every field is filled; counts, shapes
// and labels are as promised; an example is the same each time and has a name of
// its own; no more examples stand in two splits than the card admits; one seed
// gives one order, two seeds two; reading that begins in the middle gives the
// same rest; a cancelled reader stops. If the files are not on this machine the
// error wraps [data.ErrAbsent].
func Dataset(ctx context.Context, e data.Entry, path string) error {
	yours := e.How != "" && len(e.Classes) == 0 && len(e.Count) == 0 // whatever path names
	if e.Name == "" || e.Doc == "" || e.Source == "" || e.Licence == "" || !yours && (len(e.Classes) == 0 || len(e.Count) == 0) {
		return fmt.Errorf("%s: the card has an empty field", e.Name)
	}
	ds, err := e.Open(ctx, path, data.BadFileError)
	if err != nil {
		return fmt.Errorf("%s: %w", e.Name, err)
	}
	var errs []error
	for _, s := range data.Splits {
		if err := datasetSplit(e, ds, s); err != nil {
			errs = append(errs, fmt.Errorf("%s %s: %w", e.Name, s, err))
		}
	}
	if errs != nil { // what follows reads the examples, so they must be right
		return errors.Join(errs...)
	}
	for _, f := range []func(context.Context, data.Dataset) error{datasetLeaks, datasetOrder, datasetResumes, datasetStops} {
		if err := f(ctx, ds); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", e.Name, err))
		}
	}
	return errors.Join(errs...)
}

// datasetSplit checks every example of a split.
func datasetSplit(e data.Entry, ds data.Dataset, s data.Split) error {
	card := ds.Card()
	n := ds.Len(s)
	if n != card.Count[s] || n > e.Count[s] {
		return fmt.Errorf("%d examples, the set's card says %d and the registered one %d", n, card.Count[s], e.Count[s])
	}
	names := make(map[string]bool, n)
	for i := range n {
		id := ds.ID(s, i)
		if id == "" || names[id] {
			return fmt.Errorf("example %d has the name %q, which is empty or another's", i, id)
		}
		names[id] = true
		if err := datasetExample(ds, s, i); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	return nil
}

func datasetExample(ds data.Dataset, s data.Split, i int) error {
	a, err := data.ExampleOf(ds, s, i)
	if err != nil {
		return err
	}
	b, err := data.ExampleOf(ds, s, i)
	if err != nil {
		return err
	}
	for name, t := range a {
		if t.Type() != b[name].Type() || !bytes.Equal(t.Bytes(), b[name].Bytes()) {
			return fmt.Errorf("%q differs when it is read again", name)
		}
	}
	image, shape := a[data.FieldImage], ds.Card().Shape
	if image.DType() != tensor.Uint8 || image.Shape().Rank() != 3 || shape.Rank() != 0 && image.Shape() != shape {
		return fmt.Errorf("an image of %v, the card says %v", image.Type(), shape)
	}
	label, err := a.Label()
	if err != nil {
		return err
	}
	known, err := data.Label(ds, s, i)
	if err != nil || known != label {
		return fmt.Errorf("label %d, and without decoding %d (%v)", label, known, err)
	}
	if label < 0 || label >= len(ds.Card().Classes) {
		return fmt.Errorf("label %d of %d classes", label, len(ds.Card().Classes))
	}
	return nil
}

func datasetLeaks(ctx context.Context, ds data.Dataset) error {
	r, err := data.Check(ctx, ds)
	if err != nil {
		return err
	}
	if r.Across > ds.Card().Shared {
		return fmt.Errorf("%d examples stand in two splits, the card admits %d: %v", r.Across, ds.Card().Shared, r.Leaks)
	}
	return nil
}

// datasetLoader reads the first split that has examples, shuffled.
func datasetLoader(ds data.Dataset, seed uint64) (*data.Loader, error) {
	i := slices.IndexFunc(data.Splits, func(s data.Split) bool { return ds.Len(s) > 0 })
	if i < 0 {
		return nil, errors.New("no split has examples")
	}
	s := data.Splits[i]
	return data.NewLoader(ds, s, data.LoaderConfig{
		Batch: min(16, max(1, ds.Len(s)/4)), Shuffle: true, Stream: rng.New(seed),
		Input: data.Input{Width: 8, Height: 8, Channels: 1}, Augment: []data.Augment{data.Flip{}},
	})
}

func datasetOrder(_ context.Context, ds data.Dataset) error {
	a, err := datasetLoader(ds, 1)
	if err != nil {
		return err
	}
	again, _ := datasetLoader(ds, 1)
	other, _ := datasetLoader(ds, 2)
	switch first := a.Order(0); {
	case !slices.Equal(first, again.Order(0)):
		return errors.New("one seed gives two orders")
	case len(first) > 9 && (slices.Equal(first, other.Order(0)) || slices.Equal(first, a.Order(1))):
		return errors.New("two seeds or two epochs give one order")
	}
	return nil
}

// datasetResumes reads some batches from the beginning and from the second on.
func datasetResumes(ctx context.Context, ds data.Dataset) error {
	const batches = 3
	read := func(from int) ([]float32, error) {
		l, err := datasetLoader(ds, 3)
		if err != nil {
			return nil, err
		}
		var out []float32
		n := from
		for b, err := range l.Batches(ctx, 4, from) {
			if err != nil {
				return nil, err
			}
			if n >= 1 {
				out = append(out, b.Input.Floats()...)
			}
			if n++; n == batches {
				break
			}
		}
		return out, nil
	}
	whole, err := read(0)
	if err != nil {
		return err
	}
	rest, err := read(1)
	if err != nil {
		return err
	}
	if !slices.Equal(whole, rest) {
		return errors.New("reading that begins in the middle gives another rest")
	}
	return nil
}

func datasetStops(ctx context.Context, ds data.Dataset) error {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	l, err := datasetLoader(ds, 1)
	if err != nil {
		return err
	}
	for _, err := range l.Batches(ctx, 0, 0) {
		if !errors.Is(err, context.Canceled) {
			return fmt.Errorf("a cancelled reader gives %v", err)
		}
		return nil
	}
	return errors.New("a cancelled reader gives nothing, not even the reason")
}
