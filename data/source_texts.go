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
	"github.com/ihae/ihae/tensor"
)

// Texts is texts with labels, each a row of a table. It has no labels before
// [Texts.Target] chooses their column, and no texts before Frame chooses theirs.
type Texts struct{ *Rows }

// The columns of texts that stand in files of their own.
const (
	textColumn  = "text"
	classColumn = "class"
)

// OpenTexts reads texts from a table (CSV or TSV), from a folder with a table
// for each split, which its name ends or begins with (train.csv,
// ratings_test.txt), or from folders of text files as [OpenPath] reads images:
// <train|valid|test>/CLASS/FILE.txt or CLASS/FILE.txt.
func OpenTexts(ctx context.Context, name string, card Card) (Texts, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Texts{}, card.Absent(name)
	case err != nil:
		return Texts{}, err
	}
	var single fs.FS = regular{os.DirFS(filepath.Dir(name))}
	files := single
	found := map[Split]string{Train: filepath.Base(name)}
	if info.IsDir() || strings.EqualFold(filepath.Ext(name), ".zip") {
		if files, err = openFiles(name, media.Limits{}); err != nil {
			return Texts{}, err
		}
		if found, err = findTexts(files); err != nil {
			return Texts{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(found) == 0 {
		r, err := readTextFiles(ctx, files, card)
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return Texts{r}, err
	}
	r, err := readTextTables(ctx, files, found, card)
	if err != nil && files != single {
		err = fmt.Errorf("%s: %w", name, err)
	}
	if err != nil {
		return Texts{}, err
	}
	if len(found) == 1 {
		r = r.bySplitColumn()
	}
	return Texts{r}, nil
}

func readTextTables(ctx context.Context, files fs.FS, found map[Split]string, card Card) (*Rows, error) {
	var r *Rows
	for _, s := range Splits {
		if found[s] == "" {
			continue
		}
		f, err := files.Open(found[s])
		if err != nil {
			return nil, err
		}
		o := table.Options{Limits: table.Limits{Bytes: maxTableBytes}}
		r, err = readRows(ctx, r, f, s, found[s], card, o)
		_ = f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", found[s], err)
		}
	}
	return r, nil
}

// findTexts is the table of each split directly in files: that whose name has
// the split's among its words, or one alone. Nothing found is no error.
func findTexts(files fs.FS) (map[Split]string, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, err
	}
	found, all := map[Split]string{}, []string{}
	for _, e := range entries {
		stem := strings.ToLower(e.Name())
		stem = strings.TrimSuffix(strings.TrimSuffix(stem, ".gz"), ".bz2")
		if e.IsDir() || !slices.Contains([]string{".csv", ".tsv", ".tab", ".txt"}, path.Ext(stem)) {
			continue
		}
		all = append(all, e.Name())
		for word := range strings.FieldsFuncSeq(stem, func(r rune) bool { return strings.ContainsRune("._- ", r) }) {
			s, ok := splitNames[word]
			if !ok && word == "dev" {
				s, ok = Valid, true
			}
			if !ok {
				continue
			}
			if found[s] != "" && found[s] != e.Name() {
				return nil, fmt.Errorf("both %s and %s are the %s split; name one file", found[s], e.Name(), s)
			}
			found[s] = e.Name()
		}
	}
	tables := slices.DeleteFunc(slices.Clone(all), func(n string) bool { return strings.Contains(strings.ToLower(n), ".txt") })
	switch {
	case found[Train] != "":
		return found, nil
	case len(tables) == 1:
		return map[Split]string{Train: tables[0]}, nil
	case len(tables) > 1:
		return nil, fmt.Errorf("there are the tables %s; wanted one, or one for each split as train.csv and test.csv; or name a file", some(tables))
	}
	return nil, nil
}

// maxTextFile bounds one text among many.
const maxTextFile = 16 << 20

// readTextFiles makes a row of each file CLASS/FILE.txt.
func readTextFiles(ctx context.Context, files fs.FS, card Card) (*Rows, error) {
	r := NewRows(card, []string{textColumn, classColumn})
	err := fs.WalkDir(files, ".", func(file string, d fs.DirEntry, err error) error {
		if err = errors.Join(err, ctx.Err()); err != nil || d.IsDir() || !strings.HasSuffix(strings.ToLower(file), ".txt") {
			return err
		}
		parts := strings.Split(file, "/")
		s, named := splitNames[strings.ToLower(parts[0])]
		if !named {
			s = Train
		} else {
			parts = parts[1:]
		}
		if len(parts) < 2 {
			return nil // a readme
		}
		text, err := readTextFile(files, file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		r.Add(s, []string{text, parts[0]}, file, 1)
		return nil
	})
	if err == nil && r.Len(Train) == 0 {
		err = errors.New("there is no table (.csv or .tsv), none for a split (train.txt), and no folder of texts for each class (CLASS/FILE.txt)")
	}
	return r, err
}

func readTextFile(files fs.FS, name string) (string, error) {
	f, err := files.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, _, err := table.ReadText(io.Reader(f), "", maxTextFile)
	return text, err
}

// Target implements [Targets].
func (t Texts) Target(o Output, classes []string) (Dataset, error) {
	ds, err := t.Rows.Target(o, classes)
	if err != nil {
		return nil, err
	}
	return &labeledTexts{labeledRows: ds.(*labeledRows)}, nil
}

// labeledTexts is labeled rows of which one column is the example.
type labeledTexts struct {
	*labeledRows
	column int
}

// Frame implements [Framed].
func (l *labeledTexts) Frame(in Input) (Dataset, error) {
	column, err := l.Column(in.Text.Column)
	if err != nil {
		return nil, fmt.Errorf("the texts: %w", err)
	}
	return &labeledTexts{l.labeledRows, column}, nil
}

// Text is the text of an example.
func (l *labeledTexts) Text(s Split, i int) string { return l.Cell(s, l.kept[s][i], l.column) }

// Put implements [Dataset].
func (l *labeledTexts) Put(e Example, s Split, i int) error {
	if err := l.labeledRows.Put(e, s, i); err != nil {
		return err
	}
	delete(e, FieldRow)
	delete(e, FieldEnds)
	text := l.cell(s, l.kept[s][i], l.column)
	e[FieldText] = tensor.From(tensor.Dims(len(text)), text)
	return nil
}

// Card implements [Dataset]: what was cells is a text.
func (l *labeledTexts) Card() Card {
	c := l.labeledRows.Card()
	c.Fields = nil
	return c
}

// TextOf is the text of an example, as it was before it became tokens.
func TextOf(ds Dataset, s Split, i int) (string, error) {
	e, err := ExampleOf(ds, s, i)
	if err != nil {
		return "", err
	}
	t, ok := e[FieldText]
	if !ok || t.DType() != tensor.Uint8 {
		return "", errors.New("data: the example has no text")
	}
	return string(t.Bytes()), nil
}
