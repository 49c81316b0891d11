package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/ihae/ihae/media/table"
	"github.com/ihae/ihae/tensor"
	"github.com/ihae/ihae/train"
)

// predictTables answers for the rows of files that are tables.
func (a *app) predictTables(ctx context.Context, p *train.Predictor, files []string) (bad bool, err error) {
	return a.eachFile(files, func(file string) (bool, error) { return a.predictTable(ctx, p, file) })
}

// eachFile answers for files that hold many examples each. One that is refused is
// shown and does not stop the others; bad is whether any was, or any example.
func (a *app) eachFile(files []string, answer func(file string) (bad bool, err error)) (bad bool, err error) {
	for _, file := range files {
		wrong, err := answer(file)
		if is[*inputError](err) {
			wrong = true
			a.showBad(file, 0, err)
		} else if err != nil {
			return bad, err
		}
		bad = bad || wrong
	}
	return bad, nil
}

// predictTable answers for the rows of one file. An error of type inputError is
// about the whole of it.
func (a *app) predictTable(ctx context.Context, p *train.Predictor, file string) (bad bool, err error) {
	if err := isFolder(file); err != nil {
		return false, err
	}
	f, err := os.Open(file)
	if err != nil {
		return false, &inputError{file, err}
	}
	defer f.Close()
	in := p.Model().Input.Table
	t, err := table.NewReader(f, table.Options{Header: in.Header()})
	if err != nil {
		return false, &inputError{file, err}
	}
	encoder, err := in.Encoder(t.Columns())
	if err != nil {
		return false, &inputError{file, err}
	}
	encode := func(x tensor.Tensor, cells []string) (bool, error) { return false, encoder.Encode(x.Floats(), cells) }
	return a.predictRows(ctx, t, rowBatch{app: a, p: p, file: file, encode: encode})
}

// predictRows answers for all rows of a table.
func (a *app) predictRows(ctx context.Context, t *table.Reader, b rowBatch) (bad bool, err error) {
	for n := 1; ; n++ {
		row, err := t.Read()
		if errors.Is(err, io.EOF) {
			return b.bad, b.flush(ctx)
		}
		if err != nil {
			return b.bad, errors.Join(b.flush(ctx), &inputError{b.file, err})
		}
		if err := b.add(ctx, n, row); err != nil {
			return b.bad, err
		}
	}
}

// rowBatch is rows that are answered together, in their order.
type rowBatch struct {
	*app
	p      *train.Predictor
	file   string
	encode func(x tensor.Tensor, cells []string) (truncated bool, err error) // a row to an input
	inputs []tensor.Tensor
	cut    []bool  // of inputs: they are truncated
	rows   []int   // their numbers
	errs   []error // why a row is none, else nil
	bad    bool
}

func (b *rowBatch) add(ctx context.Context, n int, row table.Row) error {
	x := tensor.New(b.p.Model().Input.Type())
	cut, err := b.encode(x, row.Cells)
	b.rows, b.errs = append(b.rows, n), append(b.errs, err)
	if err == nil {
		b.inputs, b.cut = append(b.inputs, x), append(b.cut, cut)
	}
	if len(b.rows) < train.AnswerBatch {
		return nil
	}
	return b.flush(ctx)
}

// flush answers for the rows at hand.
func (b *rowBatch) flush(ctx context.Context) error {
	answers, err := b.p.AnswerAll(ctx, b.inputs)
	if err != nil {
		return err
	}
	for i := range answers {
		answers[i].Truncated = b.cut[i]
	}
	for i, n := range b.rows {
		if b.errs[i] != nil {
			b.bad = true
			b.showBad(b.file, n, b.errs[i])
			continue
		}
		b.showAnswer(b.file, n, answers[0])
		answers = answers[1:]
	}
	b.inputs, b.cut, b.rows, b.errs = b.inputs[:0], b.cut[:0], b.rows[:0], b.errs[:0]
	return nil
}
