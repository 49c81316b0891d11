package data_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/media/table"
	"github.com/ihae/ihae/tensor"
)

// writeText makes files below a folder.
func writeText(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func openRows(t *testing.T, path string) *data.Rows {
	t.Helper()
	r, err := data.OpenRows(t.Context(), path, data.Card{Name: "table"}, table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const pets = "name,weight,kind\nrex,30.5,dog\ntom,4,cat\nmia,NA,cat\nbo,,\n"

// TestRows reads a table and its labels, rows without one left out.
func TestRows(t *testing.T) {
	r := openRows(t, filepath.Join(writeText(t, map[string]string{"pets.csv": pets}), "pets.csv"))
	if r.Len(data.Train) != 4 || !slices.Equal(r.Card().Fields, []string{"name", "weight", "kind"}) {
		t.Fatalf("%d rows of %q", r.Len(data.Train), r.Card().Fields)
	}
	ds, err := r.Target(data.Output{Name: "kind"}, []string{"cat", "dog"})
	if err != nil || ds.Len(data.Train) != 3 {
		t.Fatal(ds.Len(data.Train), err)
	}
	e, err := data.ExampleOf(ds, data.Train, 2)
	if err != nil {
		t.Fatal(err)
	}
	label, err := e.Label()
	if !slices.Equal(e.Cells(), []string{"mia", "NA", "cat"}) || label != 0 || err != nil || ds.ID(data.Train, 2) != "pets.csv:4" {
		t.Errorf("%q, label %d, %v, %s", e.Cells(), label, err, ds.ID(data.Train, 2))
	}
	if ds, err = r.Target(data.Output{Name: "weight", Kind: data.OutputValue}, nil); err != nil || ds.Len(data.Train) != 2 {
		t.Fatal(ds.Len(data.Train), err)
	}
	if e, _ = data.ExampleOf(ds, data.Train, 0); err != nil {
		t.Fatal(err)
	}
	if v, err := e.Value(); v != 30.5 || err != nil {
		t.Error(v, err)
	}
}

// TestRowsHaveSplits by files, by a column, in any order of columns.
func TestRowsHaveSplits(t *testing.T) {
	dir := writeText(t, map[string]string{
		"train.csv": "a,b\n1,x\n2,y\n", "test.csv": "b,a\nz,3\n", "notes.txt": "nothing",
	})
	r := openRows(t, dir)
	if r.Len(data.Train) != 2 || r.Len(data.Test) != 1 || r.Cell(data.Test, 0, 0) != "3" {
		t.Errorf("%d and %d rows, %q", r.Len(data.Train), r.Len(data.Test), r.Cell(data.Test, 0, 0))
	}
	r = openRows(t, writeText(t, map[string]string{"all.tsv": "a\tsplit\tb\n1\ttrain\tx\n2\tval\ty\n3\ttest\tz\n"}))
	for s, want := range map[data.Split]string{data.Train: "x", data.Valid: "y", data.Test: "z"} {
		if r.Len(s) != 1 || r.Cell(s, 0, 1) != want {
			t.Errorf("%s has %d rows", s, r.Len(s))
		}
	}
	if !slices.Equal(r.Card().Fields, []string{"a", "b"}) {
		t.Errorf("columns %q", r.Card().Fields)
	}
}

// TestRowsRefuse: one error that says what, which and where.
func TestRowsRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"empty":        {map[string]string{"a.csv": ""}, "a.csv"},
		"header only":  {map[string]string{"a.csv": "a,b\n"}, "no row below"},
		"ragged":       {map[string]string{"a.csv": "a,b\n1,2\n3\n"}, "line 3"},
		"quotes":       {map[string]string{"a.csv": "a,b\n1,\"2\n3,4\n"}, "line 2"},
		"no table":     {map[string]string{"a.txt": "x"}, "no table"},
		"two tables":   {map[string]string{"a.csv": pets, "b.csv": pets}, "name a file"},
		"other header": {map[string]string{"train.csv": "a,b\n1,x\n", "test.csv": "a,c\n1,x\n"}, `"b"`},
		"two trains":   {map[string]string{"train.csv": pets, "train.tsv": pets}, "train split"},
	} {
		_, err := data.OpenRows(t.Context(), writeText(t, c.files), data.Card{Name: "table"}, table.Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := data.OpenRows(t.Context(), filepath.Join(t.TempDir(), "none.csv"), data.Card{Name: "table"}, table.Options{})
	if !errors.Is(err, data.ErrAbsent) {
		t.Errorf("an absent file: %v", err)
	}
	r := openRows(t, writeText(t, map[string]string{"a.csv": pets}))
	for name, err := range map[string]error{
		"b is no column": target(r, data.Output{Name: "b"}),
		"a.csv:2":        target(r, data.Output{Name: "kind"}, "cat"),
		"rex":            target(r, data.Output{Name: "name", Kind: data.OutputValue}),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func target(r *data.Rows, o data.Output, classes ...string) error {
	_, err := r.Target(o, classes)
	return err
}

// TestTableInput works a row out by hand.
func TestTableInput(t *testing.T) {
	dir := writeText(t, map[string]string{"a.csv": "x,c,y\n1,red,0\n,blue,0\n3,,1\n", "more": ""})
	r := openRows(t, filepath.Join(dir, "a.csv"))
	ds, err := r.Target(data.Output{Name: "y"}, []string{"0", "1"})
	if err != nil {
		t.Fatal(err)
	}
	in, notes, err := data.FitTable(ds, []data.ColumnInput{{Name: "x", Kind: data.ColumnNumber}, {Name: "c", Kind: data.ColumnCategory}})
	if err != nil || len(notes) > 0 {
		t.Fatal(notes, err)
	}
	// x has mean 2 and deviation 1; then whether it is missing; then blue, red, missing.
	enc, err := in.Encoder([]string{"c", "z", "x"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cells []string
		want  []float32
	}{
		{[]string{"red", "", "5"}, []float32{3, 0, 0, 1, 0}},
		{[]string{" blue ", "", "nan"}, []float32{0, 1, 1, 0, 0}},
		{[]string{"", "", "2"}, []float32{0, 0, 0, 0, 1}},
		{[]string{"green", "", "-1e300"}, []float32{-20, 0, 0, 0, 0}},
	} {
		row := make([]float32, in.Width())
		if err := enc.Encode(row, c.cells); err != nil || !slices.Equal(row, c.want) {
			t.Errorf("%q gives %v, %v; want %v", c.cells, row, err, c.want)
		}
	}
	for _, cell := range []string{"abc", "1e999", "Inf", "1,5", "0x"} {
		if err := enc.Encode(make([]float32, in.Width()), []string{"red", "", cell}); err == nil || !strings.Contains(err.Error(), `"x"`) {
			t.Errorf("%q: %v", cell, err)
		}
	}
	if _, err := in.Encoder([]string{"x"}); err == nil || !strings.Contains(err.Error(), `"c"`) {
		t.Errorf("without a column: %v", err)
	}
}

// TestTableInputOfManyValues has a number in place of as many places.
func TestTableInputOfManyValues(t *testing.T) {
	r := data.NewRows(data.Card{Name: "table"}, []string{"c"})
	for i := range 60 {
		r.Add(data.Train, []string{strings.Repeat("v", i/2+1)}, "f", i)
	}
	r.Add(data.Train, []string{"once"}, "f", 61)
	in, _, err := data.FitTable(r, []data.ColumnInput{{Name: "c", Kind: data.ColumnCategory}})
	if err != nil {
		t.Fatal(err)
	}
	input := data.Input{Kind: data.KindTable, Table: in}
	if input.Type() != tensor.F32(1) || !slices.Equal(input.Vocab(), []int{31}) || input.Check() != nil {
		t.Fatalf("%v, vocabulary %v, %v", input.Type(), input.Vocab(), input.Check())
	}
	enc, err := in.Encoder([]string{"c"})
	if err != nil {
		t.Fatal(err)
	}
	for cell, want := range map[string]float32{"v": 1, "vvv": 3, "once": 0, "never": 0} {
		row := []float32{9}
		if err := enc.Encode(row, []string{cell}); err != nil || row[0] != want {
			t.Errorf("%q is number %v, %v; want %v", cell, row[0], err, want)
		}
	}
}
