package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/train"
	"github.com/spf13/cobra"
)

func init() { register(predictCommand) }

// topGuesses is how many labels a prediction lists.
const topGuesses = 5

func predictCommand(a *app) *cobra.Command {
	var threads int
	c := &cobra.Command{
		Use:   "predict RUN FILE...",
		Short: "ask a run's best network about images or rows",
		Long: `Ask a run's best network. Of a network for images each FILE is one (PNG, JPEG,
GIF, BMP, TIFF, WebP), and there is a line a file. Of one for tables or texts a
FILE holds many (CSV, TSV), and there is a line a row, rows counted from 1. What
cannot be read does not stop the others; the exit code is then 3. The name
/dev/stdin stands for standard input.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage("predict wants a RUN and at least one FILE")
			}
			return nil
		},
		ValidArgsFunction: completeRunThenFiles,
		RunE: func(c *cobra.Command, args []string) error {
			return a.predict(c.Context(), filepath.Clean(args[0]), args[1:], threads)
		},
	}
	c.Flags().IntVar(&threads, "threads", 0, "threads (default all cores)")
	return c
}

// predictors is how files are predicted, by the kind of the network's input.
// They return whether something could not be read.
var predictors = map[string]func(a *app, ctx context.Context, p *train.Predictor, files []string) (bad bool, err error){
	data.KindImage: (*app).predictImages,
	data.KindTable: (*app).predictTables,
}

func (a *app) predict(ctx context.Context, dir string, files []string, threads int) error {
	run, err := train.OpenRun(dir)
	if err != nil {
		return err
	}
	predict := predictors[run.Model.Input.Kind]
	if run.Model.Input.Is(data.KindImage) {
		predict = predictors[data.KindImage]
	}
	if predict == nil || run.Model.Output.Is(data.OutputNext) {
		return &train.RunError{Dir: dir, Reason: "the network goes on with texts; ask it with ihae sample"}
	}
	pool, err := a.pool(threads)
	if err != nil {
		return err
	}
	defer pool.Close()
	p, err := run.Predictor(pool, a.warn)
	if err != nil {
		return err
	}
	bad, err := predict(a, ctx, p, files)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return err
	case bad:
		return saidError{exitInput}
	}
	return nil
}

// answerLine is the answer for one file, or for one row of it.
type answerLine struct {
	File        string        `json:"file"`
	Row         int           `json:"row,omitempty"` // from 1
	Label       string        `json:"label,omitempty"`
	Probability *train.Figure `json:"probability,omitempty"`
	Top         []train.Guess `json:"top,omitempty"`
	Value       *train.Figure `json:"value,omitempty"`
	Truncated   bool          `json:"truncated,omitempty"` // the text is longer than what the network sees
}

// showAnswer prints the answer for a file, or with a row above 0 for a row.
func (a *app) showAnswer(file string, row int, x train.Answer) {
	line := answerLine{File: file, Row: row, Truncated: x.Truncated}
	text := fmt.Sprintf("%.6g", x.Value)
	if g := x.Guesses; g != nil {
		line.Label, line.Probability, line.Top = g[0].Label, &g[0].Probability, g[:min(len(g), topGuesses)]
		text = train.Visible(g[0].Label) + " " + train.Percent(float64(g[0].Probability))
	} else {
		value := train.Figure(x.Value)
		line.Value = &value
	}
	if a.json {
		a.emit(line)
		return
	}
	if x.Truncated {
		text += " (by its beginning)"
	}
	a.printf("%s: %s\n", train.Visible(place(file, row)), text)
}

// place names a file, or a row of it.
func place(file string, row int) string {
	if row > 0 {
		return fmt.Sprintf("%s row %d", file, row)
	}
	return file
}

// showBad tells what of a file, or of a row, cannot be read.
func (a *app) showBad(file string, row int, err error) {
	if a.json {
		a.emit(struct {
			File  string `json:"file"`
			Row   int    `json:"row,omitempty"`
			Error string `json:"error"`
		}{file, row, err.Error()})
		return
	}
	if row > 0 {
		err = fmt.Errorf("%s: %w", place(file, row), err)
	}
	_, _ = fmt.Fprintf(a.err, "ihae: %s\n", train.Visible(err.Error()))
}

// isFolder refuses a folder in the place of a file.
func isFolder(file string) error {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return &inputError{file, errors.New("is a folder; name the files in it")}
	}
	return nil
}
