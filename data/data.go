// Package data says what a dataset is: splits of examples with a card that
// tells their origin, how examples become batches, and how sets are found by
// name or read from a folder, a file or an archive. The sets themselves are in
// package sets.
package data

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ihae/ihae/internal/registry"
	"github.com/ihae/ihae/tensor"
)

// Split is a part of a dataset. Training sees Train, choices (checkpoint, stop,
// setting) see Valid, and Test is seen once, at the end.
type Split string

// The splits.
const (
	Train Split = "train"
	Valid Split = "valid"
	Test  Split = "test"
)

// Splits is all splits in order.
var Splits = []Split{Train, Valid, Test}

// ParseSplit finds a split by name.
func ParseSplit(name string) (Split, error) {
	if !slices.Contains(Splits, Split(name)) {
		return "", fmt.Errorf("no split %q; there is %v", name, Splits)
	}
	return Split(name), nil
}

// Names of the tensors of an example. An example has one of the first three, raw
// or as the network wants it, and one of the last three. Batches have the same
// names, with the types of [Input.Type] and [Output.Label] and an axis N before.
const (
	FieldImage = "image" // uint8 [H W C]
	FieldRow   = "row"   // float32 [F]; or raw: uint8, the text of the row's cells, and "ends"
	FieldEnds  = "ends"  // int32 [C]: where each cell of "row" ends
	FieldText  = "text"  // int32 [L], tokens; or raw: uint8, UTF-8

	FieldLabel = "label" // int32 [], a class
	FieldValue = "value" // float64 or float32 [], a number in its own unit
	FieldNext  = "next"  // int32 [L], the token after each; -1 where none is asked for
)

// Example is one item: tensors by name. They may share the dataset's memory and
// must not be written to.
type Example map[string]tensor.Tensor

// Label is the class of an example; an error without one.
func (e Example) Label() (int, error) {
	t, ok := e[FieldLabel]
	if !ok || t.DType() != tensor.Int32 || t.Shape().Size() != 1 {
		return 0, errors.New("data: the example has no label")
	}
	return int(tensor.Of[int32](t)[0]), nil
}

// Value is the number that the example is labelled with; an error without one.
func (e Example) Value() (float64, error) {
	t, ok := e[FieldValue]
	switch {
	case ok && t.Type() == tensor.F32():
		return float64(t.Floats()[0]), nil
	case ok && t.DType() == tensor.Float64 && t.Shape().Size() == 1:
		return tensor.Of[float64](t)[0], nil
	}
	return 0, errors.New("data: the example has no value")
}

// Dataset is examples in splits. It is safe for concurrent use, and the example
// of an index is always the same.
type Dataset interface {
	// Card says what the set is.
	Card() Card
	// Len is the number of examples of a split, 0 when there is no such split.
	Len(Split) int
	// Put decodes one example and adds its tensors to e, which is empty: whoever asks
	// for many needs one map for all. The caller names it by ID in what it makes of
	// an error.
	Put(e Example, s Split, i int) error
	// ID is a name of the example for people: its file, or "test/17".
	ID(s Split, i int) string
}

// ExampleOf is one example in a map of its own; see [Dataset].Put.
func ExampleOf(ds Dataset, s Split, i int) (Example, error) {
	e := Example{}
	if err := ds.Put(e, s, i); err != nil {
		return nil, err
	}
	return e, nil
}

// Labeled is a dataset that knows labels without decoding.
type Labeled interface {
	Label(s Split, i int) (int, error)
}

// Targets is a dataset that has what can be predicted among its own columns, and
// no labels before one is chosen.
type Targets interface {
	Dataset
	// Target is the same data, labeled with the column named o.Name: with its place
	// in classes, or as numbers. A row whose class is not in classes is an error.
	Target(o Output, classes []string) (Dataset, error)
}

// Label is the class of one example, without decoding where ds can.
func Label(ds Dataset, s Split, i int) (int, error) {
	if l, ok := ds.(Labeled); ok {
		return l.Label(s, i)
	}
	e, err := ExampleOf(ds, s, i)
	if err != nil {
		return 0, err
	}
	return e.Label()
}

// Card says what a set is and where it is from.
type Card struct {
	Name    string            // lower case with hyphens
	Doc     string            // one sentence
	Source  string            // who made it, where it is published
	Licence string            // name of the licence, or in words what is known
	Classes []string          // by label
	Shape   tensor.Shape      // of "image" [H W C]; rank 0 where images differ, and without any
	Fields  []string          // of rows: the names of the cells
	Count   map[Split]int     // examples a split
	SHA256  map[string]string // of files, unpacked, by name without .gz
	Folders []string          // where it is looked for below a root of data
	How     string            // how to get the files
	Remote  []Remote          // where they are published, for [Get]
	Shared  int               // examples that are known to stand in more than one split
}

// Entry is a registered set.
type Entry struct {
	Card
	// Open reads the set from path, a folder, file or archive. An empty path is
	// the set's own copy, where the program carries one. bad is what is done
	// about files that cannot be read.
	Open func(ctx context.Context, path string, bad OnBadFile) (Dataset, error)
}

// ErrAbsent is wrapped by the error of a set whose files are not there.
var ErrAbsent = errors.New("the files are not there")

var sets = registry.New[Entry]("dataset")

// Register adds a set; for package init only.
func Register(e Entry) { sets.Set(e.Name, e) }

// Lookup finds a set by name; the error lists what there is.
func Lookup(name string) (Entry, error) { return sets.Get(name) }

// Names lists the sets.
func Names() []string { return sets.Names() }

// Open opens a set by name. An explicit path is used as it is; otherwise the
// set's folders are looked for below the roots in order, and the copy that the
// program carries comes last. Without any the error wraps [ErrAbsent]. Files
// that cannot be read are an error.
func Open(ctx context.Context, name, path string, roots ...string) (Dataset, error) {
	return OpenWith(ctx, name, path, BadFileError, roots...)
}

// OpenWith is Open with another decision about files that cannot be read.
func OpenWith(ctx context.Context, name, path string, bad OnBadFile, roots ...string) (Dataset, error) {
	e, err := Lookup(name)
	if err != nil {
		return nil, err
	}
	ds, err := e.Open(ctx, cmp.Or(path, e.Find(roots...)), bad)
	if err != nil {
		return nil, fmt.Errorf("dataset %s: %w", name, err)
	}
	return ds, nil
}

// Absent is the error for a set whose files are not at path.
func (c Card) Absent(path string) error {
	where := path
	if where == "" {
		where = "no folder given"
	}
	return fmt.Errorf("%w (%s). %s", ErrAbsent, where, cmp.Or(c.How, "Source: "+c.Source))
}
