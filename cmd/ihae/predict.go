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

// predictFlags is what the predict command is asked for.
type predictFlags struct {
	threads int
	spec    string
	inputs  []string
	outputs []string
	out     string
}

func predictCommand(a *app) *cobra.Command {
	var f predictFlags
	c := &cobra.Command{
		Use:   "predict RUN|MODEL FILE...",
		Short: "ask a run's best network, or a model made elsewhere, about images or rows",
		Long: `Ask a run's best network, or a model in a file. Of a network for images each FILE
is one (PNG, JPEG, GIF, BMP, TIFF, WebP), and there is a line a file. Of one for
tables or texts a FILE holds many (CSV, TSV), and there is a line a row, rows
counted from 1. Of one for sounds each FILE is a recording (WAV). What cannot be read does not stop the others; the exit code is
then 3. The name /dev/stdin stands for standard input.

How a model made elsewhere is fed says a file in the form of a run's model.toml:
the one named with --input-spec, or one beside the model (MODEL.toml,
model.toml), or the model's own metadata. Public models are known by their
content; else the input is guessed, and the guess is told.

Any model also takes tensors: --input NAME=FILE for each input (.npy, .npz, or an
ONNX tensor .pb). Its outputs, or the values named with --output, which may be
any inside, are then summed up, or written to -o FILE.npz.`,
		Example: `  ihae predict runs/digits/digits-cnn-1 seven.png
  ihae predict squeezenet1.1.onnx kitten.png
  ihae predict vad.onnx --input input=x.npy --input state=s.npy --input sr=sr.npy -o out.npz`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 && len(f.inputs) == 0 || len(args) == 0 {
				return usage("predict wants a RUN or MODEL and at least one FILE, or --input NAME=FILE")
			}
			return nil
		},
		ValidArgsFunction: completeRunThenFiles,
		RunE: func(c *cobra.Command, args []string) error {
			if len(f.inputs) > 0 {
				return a.predictRaw(c.Context(), args, f)
			}
			return a.predict(c.Context(), filepath.Clean(args[0]), args[1:], f)
		},
	}
	fl := c.Flags()
	fl.IntVar(&f.threads, "threads", 0, "threads (default all cores)")
	fl.StringVar(&f.spec, "input-spec", "", "file in the form of model.toml that says how the MODEL is fed")
	fl.StringArrayVar(&f.inputs, "input", nil, "NAME=FILE, a tensor for an input of the MODEL; can be repeated")
	fl.StringArrayVar(&f.outputs, "output", nil, "name of a value to give in place of the MODEL's outputs; can be repeated")
	fl.StringVarP(&f.out, "out", "o", "", "write the outputs to this file (.npz)")
	return c
}

// predictors is how files are predicted, by the kind of the network's input.
// They return whether something could not be read.
var predictors = map[string]func(a *app, ctx context.Context, p *train.Predictor, files []string) (bad bool, err error){
	data.KindImage: (*app).predictImages,
	data.KindTable: (*app).predictTables,
}

func (a *app) predict(ctx context.Context, path string, files []string, f predictFlags) error {
	if f.out != "" || len(f.outputs) > 0 {
		return usage("--out and --output go with --input NAME=FILE")
	}
	pool, err := a.pool(f.threads)
	if err != nil {
		return err
	}
	defer pool.Close()
	p, done, err := a.predictorOf(path, f.spec, pool, len(files))
	if err != nil {
		return err
	}
	defer done()
	in := p.Model().Input
	predict := predictors[in.Kind]
	if in.Is(data.KindImage) {
		predict = predictors[data.KindImage]
	}
	if predict == nil || p.Model().Output.Is(data.OutputNext) {
		return &train.RunError{Dir: path, Reason: "the network goes on with texts; ask it with ihae sample"}
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
