package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ihae/ihae/media"
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
		Short: "ask a run's best network about images",
		Long: `Ask a run's best network about images (PNG, JPEG), one line a file. A file that
cannot be read does not stop the others; the exit code is then 3. The name /dev/stdin stands for standard input.`,
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

func (a *app) predict(ctx context.Context, dir string, files []string, threads int) error {
	run, err := train.OpenRun(dir)
	if err != nil {
		return err
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
	bad := false
	for _, file := range files {
		guesses, err := predictFile(ctx, p, file)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil && exitCode(err) == exitInternal:
			return err
		case err != nil:
			bad = true
			a.showBadFile(file, err)
		default:
			a.showGuesses(file, guesses)
		}
	}
	if bad {
		return saidError{exitInput}
	}
	return nil
}

func predictFile(ctx context.Context, p *train.Predictor, file string) ([]train.Guess, error) {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return nil, &inputError{file, errors.New("is a folder; name the files in it")}
	}
	m, err := media.ReadImage(file, media.Limits{})
	if err != nil {
		return nil, &inputError{file, err}
	}
	return p.Predict(ctx, m)
}

// predictionLine is the answer for one file.
type predictionLine struct {
	File        string        `json:"file"`
	Label       string        `json:"label"`
	Probability train.Figure  `json:"probability"`
	Top         []train.Guess `json:"top"`
}

func (a *app) showGuesses(file string, g []train.Guess) {
	if a.json {
		a.emit(predictionLine{file, g[0].Label, g[0].Probability, g[:min(len(g), topGuesses)]})
		return
	}
	a.printf("%s: %s %s\n", file, g[0].Label, train.Percent(float64(g[0].Probability)))
}

func (a *app) showBadFile(file string, err error) {
	if a.json {
		a.emit(struct {
			File  string `json:"file"`
			Error string `json:"error"`
		}{file, err.Error()})
		return
	}
	_, _ = fmt.Fprintf(a.err, "ihae: %v\n", err)
}
