package task

import (
	"fmt"
	"slices"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/media/token"
	"github.com/ihae/ihae/train"
)

// The settings of language models on a text.
const (
	keyUnits   = "units"
	keyVocab   = "vocabulary"
	keyContext = "context"
	keyModel   = "model"
	keyEvery   = "valid.every"
)

// tokenizerFile is where a run keeps its tokenizer.
const tokenizerFile = "tokenizer.json"

// The recipe is nanoGPT's for a computer without a graphics card: github.com/
// karpathy/nanoGPT, readme, "I only have a macbook".
func init() {
	Register(Spec{
		Name: "chars",
		Doc:  "Learn to continue a text of yours, character by character.",
		Data: "text-file",
		Arch: "gpt",
		// Without a text: the letters of the English alphabet.
		Input:  data.Input{Name: data.FieldText, Kind: data.KindText, Text: data.TextInput{Length: 64, Vocab: 26}},
		Output: data.Output{Kind: data.OutputNext},
		Recipe: Recipe{
			Epochs: 4, Batch: 12, LR: 1e-3,
			Optimizer: "adamw", OptimizerWith: "beta2=0.99", Decay: 0.1,
			Schedule: "cosine", ScheduleWith: "final=0.1", Warmup: 0.05, Clip: 1,
		},
		Extra: []Setting{
			{Key: keyModel, Doc: "the network", Default: "gpt", Among: []string{"gpt", "lstm"}},
			{Key: keyUnits, Doc: "what a token is", Default: token.Characters, Among: []string{token.Characters, token.Letters, token.Bytes}},
			{Key: keyVocab, Doc: "tokens at most; 0 for all characters, and 2048 of bytes", Default: 0, High: 1 << 20},
			{Key: keyContext, Doc: "tokens that the network sees", Default: 64, Low: 2, High: 65536},
			{Key: keyEvery, Doc: "steps of an epoch, after which it is validated", Default: 500, Low: 1, High: 1e9},
		},
		Floor: 0.4, // of the next characters of Tiny Shakespeare
		Adapt: adaptChars,
	})
}

// adaptChars makes the tokenizer and cuts the text.
func adaptChars(u *Setup) error {
	if name, _ := u.Asked(keyModel); name == "lstm" {
		u.Arch, u.Recipe.LR, u.Recipe.Decay = "char-lstm", 2e-3, 0.01
	}
	values, err := u.Values()
	if err != nil {
		return err
	}
	text := u.Dataset.(*data.Text)
	for _, f := range text.Formats() {
		u.Note(f)
	}
	k, err := charTokens(text, values)
	if err != nil {
		return &train.DataError{Err: err}
	}
	u.Keep(tokenizerFile, k.File())
	u.Input = data.Input{Name: data.FieldText, Kind: data.KindText, Text: data.TextInput{
		Tokenizer: tokenizerFile, Length: values.Int(keyContext), Vocab: k.Size(), Encoder: data.Tokens{Tokenizer: k},
	}}
	w, err := text.Windows(u.Input, values.Int(KeyBatch)*values.Int(keyEvery))
	if err != nil {
		return &train.DataError{Err: err}
	}
	u.Dataset = w
	u.Note(fmt.Sprintf("%d different tokens (%s); %d to train on, and the end of the text, %d, to validate on",
		k.Size(), values.String(keyUnits), w.Tokens(data.Train), w.Tokens(data.Valid)))
	return nil
}

// charTokens makes a tokenizer. Of characters it knows all of the text, also of
// its end; pairs of bytes are learned from what is trained on.
func charTokens(text *data.Text, values Values) (*token.Tokenizer, error) {
	p := token.Plan{Kind: values.String(keyUnits), Size: values.Int(keyVocab)}
	parts := []string{text.Part(data.Train), text.Part(data.Valid)}
	if p.Kind == token.Bytes {
		parts = parts[:1]
		if p.Size == 0 {
			p.Size = 2048
		}
	}
	return p.Learn(slices.Values(parts))
}
