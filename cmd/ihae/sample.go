package main

import (
	"context"
	"path/filepath"
	"unicode/utf8"

	"github.com/ihae/ihae/media/token"
	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/train"
	"github.com/spf13/cobra"
)

func init() { register(sampleCommand) }

// sampleFlags is what the sample command is asked for.
type sampleFlags struct {
	prompt  string
	length  int
	seed    int64
	threads int
	train.Sampling
}

func sampleCommand(a *app) *cobra.Command {
	var f sampleFlags
	c := &cobra.Command{
		Use:   "sample RUN",
		Short: "let a language model go on with a text",
		Long: `Let the best network of a run of chars go on with a text. What it writes appears
as it is drawn. The same seed gives the same text.`,
		Example:           `  ihae sample runs/chars/gpt-1 --prompt "ROMEO:" --temperature 0.8 --length 500`,
		Args:              exactly(1, "one RUN"),
		ValidArgsFunction: completeRuns,
		RunE: func(c *cobra.Command, args []string) error {
			return a.sample(c.Context(), filepath.Clean(args[0]), f)
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.prompt, "prompt", "\n", "the text to go on with")
	fl.IntVar(&f.length, "length", 500, "tokens to write")
	fl.Float64Var(&f.Temperature, "temperature", 0.8, "above 1 bolder, below 1 safer, 0 always the most probable")
	fl.IntVar(&f.TopK, "top-k", 0, "only among so many most probable tokens (0 for all)")
	fl.Float64Var(&f.TopP, "top-p", 0, "only among the most probable tokens with this probability in all (0 for all)")
	fl.Int64Var(&f.seed, "seed", 0, "seed of what is drawn")
	fl.IntVar(&f.threads, "threads", 0, "threads (default all cores)")
	return c
}

// sampleLine is what was written, for programs.
type sampleLine struct {
	Run    string `json:"run"`
	Prompt string `json:"prompt"`
	Text   string `json:"text"`
	Tokens int    `json:"tokens"`
	Seed   int64  `json:"seed"`
}

func (a *app) sample(ctx context.Context, dir string, f sampleFlags) error {
	if err := f.Check(); err != nil {
		return usage("%v", err)
	}
	if f.length < 0 || f.length > 1e8 || f.seed < 0 {
		return usage("--length %d --seed %d: want lengths to 100000000 and seeds from 0", f.length, f.seed)
	}
	run, err := train.OpenRun(dir)
	if err != nil {
		return err
	}
	pool, err := a.pool(f.threads)
	if err != nil {
		return err
	}
	defer pool.Close()
	c, err := run.Continuer(pool, a.warn)
	if err != nil {
		return err
	}
	prompt, err := promptTokens(c.Tokens(), f.prompt)
	if err != nil {
		return err
	}
	line := sampleLine{Run: dir, Prompt: f.prompt, Seed: f.seed}
	if !a.json {
		a.printf("%s", f.prompt)
	}
	text := writer{tokens: c.Tokens()}
	for id, err := range c.Continue(ctx, prompt, f.length, f.Sampling, rng.New(uint64(f.seed)).Split("sample")) {
		if err != nil {
			return err
		}
		part := text.add(id)
		line.Text += part
		line.Tokens++
		if !a.json {
			a.printf("%s", part)
		}
		if w, ok := a.out.(*checked); ok && w.err != nil {
			return nil // nobody reads it
		}
	}
	rest := text.rest()
	line.Text += rest
	if a.json {
		a.emit(line)
		return nil
	}
	a.printf("%s\n", rest)
	return nil
}

// promptTokens is the tokens of a prompt, none of whose characters the network
// may be without.
func promptTokens(k *token.Tokenizer, prompt string) ([]int32, error) {
	ids := k.Encode(prompt, false)
	if len(ids) == 0 {
		return nil, usage("--prompt %q: the network has no token for any of it", prompt)
	}
	for _, r := range prompt {
		if len(k.Encode(string(r), false)) == 0 {
			return nil, usage("--prompt: the text that the network learned has no %q", r)
		}
	}
	return ids, nil
}

// writer turns tokens into text as they come: characters may need several.
type writer struct {
	tokens *token.Tokenizer
	held   []int32
}

// add is the text that is certain after one more token.
func (w *writer) add(id int32) string {
	w.held = append(w.held, id)
	text := w.tokens.Decode(w.held, true)
	if last, size := utf8.DecodeLastRuneInString(text); len(w.held) < 16 && (size == 0 || last == utf8.RuneError || joins(last)) {
		return ""
	}
	w.held = w.held[:0]
	return text
}

// joins says whether more may come to a character: to a jamo, or to a syllable of
// Hangul without a trailing consonant.
func joins(r rune) bool { return 0x1100 <= r && r <= 0x11ff || 0xac00 <= r && r <= 0xd7a3 }

// rest is the text that was held back.
func (w *writer) rest() string {
	text := w.tokens.Decode(w.held, true)
	w.held = nil
	return text
}
