package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/media/table"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
)

func init() { predictors[data.KindText] = (*app).predictTexts }

// maxTextTable bounds the bytes of a file of texts.
const maxTextTable = 1 << 30

// predictTexts answers for files of texts: tables with the column that the
// network was trained on, or with one column, and files *.txt with a text a line.
func (a *app) predictTexts(ctx context.Context, p *train.Predictor, files []string) (bad bool, err error) {
	return a.eachFile(files, func(file string) (bool, error) { return a.predictText(ctx, p, file) })
}

func (a *app) predictText(ctx context.Context, p *train.Predictor, file string) (bad bool, err error) {
	if err := isFolder(file); err != nil {
		return false, err
	}
	f, err := os.Open(file)
	if err != nil {
		return false, &inputError{file, err}
	}
	defer f.Close()
	all, err := io.ReadAll(io.LimitReader(f, maxTextTable+1))
	if err == nil && len(all) > maxTextTable {
		err = fmt.Errorf("more than the limit of %d bytes", maxTextTable)
	}
	if err != nil {
		return false, &inputError{file, err}
	}
	in := p.Model().Input
	t, column, err := textTable(all, file, in.Text.Column)
	if err != nil {
		return false, &inputError{file, err}
	}
	encode := func(x tensor.Tensor, cells []string) (bool, error) {
		k, ok := in.Text.Encoder.(data.Tokens)
		cut := ok && !k.Fits(cells[column], in.Text.Length)
		return cut, in.Text.Encoder.Encode(tensor.Of[int32](x), cells[column])
	}
	return a.predictRows(ctx, t, rowBatch{app: a, p: p, file: file, encode: encode})
}

// textTable reads a file of texts and finds their column.
func textTable(all []byte, file, name string) (t *table.Reader, column int, err error) {
	open := func(o table.Options) error {
		t, err = table.NewReader(bytes.NewReader(all), o)
		return err
	}
	if err := open(table.Options{}); err == nil {
		if i := slices.Index(t.Columns(), name); i >= 0 {
			return t, i, nil
		}
	}
	lines := strings.EqualFold(filepath.Ext(file), ".txt") || err == nil && len(t.Columns()) == 1
	if lines {
		// No text has the delimiter.
		err := open(table.Options{Delimiter: '\x1f', Quotes: table.QuotesLiteral, Header: table.HeaderNone})
		return t, 0, err
	}
	if err != nil {
		return nil, 0, err
	}
	return nil, 0, fmt.Errorf("there is no column %q, which the network reads; there is %q (a file of one column, or *.txt with a text a line, needs none)", name, t.Columns())
}
