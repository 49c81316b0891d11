package data

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ihae/ihae/media"
	"github.com/ihae/ihae/media/table"
)

// maxTableBytes bounds the memory that a table takes.
const maxTableBytes = 2<<30 - 1

// splitColumns is what a column is called that says which split a row is in.
var splitColumns = []string{"split", "subset"}

// OpenRows reads a table from a file, or from a folder or a zip archive with one
// file, or with one for each split (train.csv, test.csv and so on). In a single
// file a column named split may say where each row belongs; all rows are in the
// training split otherwise.
func OpenRows(ctx context.Context, name string, card Card, o table.Options) (*Rows, error) {
	o.Limits.Bytes = min(max(o.Limits.Bytes, 0), maxTableBytes)
	if o.Limits.Bytes == 0 {
		o.Limits.Bytes = maxTableBytes
	}
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, card.Absent(name)
	case err != nil:
		return nil, err
	case info.IsDir() || strings.EqualFold(filepath.Ext(name), ".zip"):
		return openTables(ctx, name, card, o)
	case !info.Mode().IsRegular():
		return nil, &fs.PathError{Op: "open", Path: name, Err: errIrregular}
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := readRows(ctx, nil, f, Train, filepath.Base(name), card, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r.bySplitColumn(), nil
}

// openTables reads the files of a folder or an archive.
func openTables(ctx context.Context, dir string, card Card, o table.Options) (*Rows, error) {
	files, err := openFiles(dir, media.Limits{})
	if err != nil {
		return nil, err
	}
	found, all, err := findTables(files)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	var r *Rows
	read := func(name string, s Split) error {
		f, err := files.Open(name)
		if err == nil {
			defer f.Close()
			r, err = readRows(ctx, r, f, s, name, card, o)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path.Join(dir, name), err)
		}
		return nil
	}
	if len(found) == 0 && len(all) == 1 {
		if err := read(all[0], Train); err != nil {
			return nil, err
		}
		return r.bySplitColumn(), nil
	}
	if found[Train] == "" {
		return nil, fmt.Errorf("%s: there are the tables %s; wanted one, or train.csv with valid.csv and test.csv as far as there are; or name a file", dir, some(all))
	}
	for _, s := range Splits {
		if found[s] == "" {
			continue
		}
		if err := read(found[s], s); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// findTables is the tables directly in files, and those named for a split.
func findTables(files fs.FS) (map[Split]string, []string, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, nil, err
	}
	found, all := map[Split]string{}, []string{}
	for _, e := range entries {
		stem := strings.ToLower(e.Name())
		for _, packed := range []string{".gz", ".bz2"} {
			stem = strings.TrimSuffix(stem, packed)
		}
		ending := path.Ext(stem)
		if e.IsDir() || !slices.Contains([]string{".csv", ".tsv", ".tab"}, ending) {
			continue
		}
		all = append(all, e.Name())
		if s, ok := splitNames[strings.TrimSuffix(stem, ending)]; ok {
			if found[s] != "" {
				return nil, nil, fmt.Errorf("both %s and %s are the %s split", found[s], e.Name(), s)
			}
			found[s] = e.Name()
		}
	}
	if len(all) == 0 {
		return nil, nil, errors.New("there is no table (.csv or .tsv, plain, .gz or .bz2)")
	}
	return found, all, nil
}

// readRows appends the rows of a file to a split of r, which may be nil.
func readRows(ctx context.Context, r *Rows, f io.Reader, s Split, name string, card Card, o table.Options) (*Rows, error) {
	t, err := table.NewReader(f, o)
	if err != nil {
		return nil, err
	}
	if r == nil {
		r = NewRows(card, t.Columns())
	}
	r.formats = append(r.formats, fmt.Sprintf("%s: %s", name, t.Format()))
	from := make([]int, len(r.card.Fields)) // columns may stand in another order
	for i, column := range r.card.Fields {
		if from[i] = slices.Index(t.Columns(), column); from[i] < 0 {
			return nil, fmt.Errorf("there is no column %q, which the file before has", column)
		}
	}
	row, n := make([]string, len(from)), 0
	for got, err := range t.Rows() {
		if err != nil {
			return nil, err
		}
		if n++; n%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		for i, k := range from {
			row[i] = got.Cells[k]
		}
		r.Add(s, row, name, got.Line)
	}
	if n == 0 {
		return nil, errors.New("there is a header and no row below it")
	}
	return r, nil
}

// bySplitColumn moves rows to the splits that a column names, if there is one
// all of whose cells are names of splits, train among them.
func (r *Rows) bySplitColumn() *Rows {
	column := slices.IndexFunc(r.card.Fields, func(f string) bool { return slices.Contains(splitColumns, strings.ToLower(f)) })
	if column < 0 {
		return r
	}
	to, trains := make([]Split, r.Len(Train)), false
	for i := range to {
		s, ok := splitNames[strings.ToLower(strings.TrimSpace(r.Cell(Train, i, column)))]
		if !ok {
			return r
		}
		to[i], trains = s, trains || s == Train
	}
	if !trains {
		return r
	}
	fields := slices.Delete(slices.Clone(r.card.Fields), column, column+1)
	if len(fields) == 0 {
		return r
	}
	out := NewRows(r.card, fields)
	out.formats = append(r.formats, fmt.Sprintf("the column %q says which split a row is in", r.card.Fields[column]))
	p, row := r.parts[Train], make([]string, 0, len(fields))
	for i, s := range to {
		row = row[:0]
		for k := range r.card.Fields {
			if k != column {
				row = append(row, r.Cell(Train, i, k))
			}
		}
		out.Add(s, row, p.files[i], int(p.lines[i]))
	}
	return out
}
