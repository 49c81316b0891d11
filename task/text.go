package task

import (
	"fmt"
	"iter"
	"slices"
	"unicode"

	"github.com/ihae/ihae/data"
	"github.com/ihae/ihae/media/token"
)

// The settings of the columns of texts.
const (
	keyText  = "text"
	keyLabel = "label"
)

// unitsAuto chooses what a token is by the script.
const unitsAuto = "auto"

func init() {
	Register(Spec{
		Name: "text",
		Doc:  "Tell the classes of your own texts apart, from a table with a column of texts and one of labels.",
		Data: "texts",
		Arch: "text-cnn",
		// Without texts: 64 letters.
		Input: data.Input{Name: data.FieldText, Kind: data.KindText, Text: data.TextInput{Length: 64, Vocab: 64}},
		Recipe: Recipe{
			Epochs: 5, Batch: 64, LR: 0.001,
			Optimizer: "adamw", Decay: 0.01, Schedule: "one-cycle", Clip: 1,
			Valid: 0.1, Test: 0.1,
		},
		Extra: []Setting{
			{Key: keyText, Doc: "the column of the texts; that with sentences", Default: ""},
			{Key: keyLabel, Doc: "the column of the labels; one called so, or the last with few values", Default: ""},
			{Key: keyUnits, Doc: "what a token is; auto chooses by the script", Default: unitsAuto, Among: append([]string{unitsAuto}, token.Kinds...)},
			{Key: keyVocab, Doc: "tokens at most; 0 leaves it to the kind", Default: 0, High: 1 << 20},
			{Key: keyContext, Doc: "tokens of a text that the network sees; 0 for as many as 95 of 100 texts have", Default: 0, High: 65536},
		},
		Floor: 0.85, // of NSMC
		Adapt: adaptText,
	})
}

// adaptText chooses columns, tokens and network.
func adaptText(u *Setup) error {
	values, err := u.Values()
	if err != nil {
		return err
	}
	t := &textSetup{Setup: u, values: values, texts: u.Dataset.(data.Texts)}
	for _, f := range t.texts.Formats() {
		u.Note(f)
	}
	for _, step := range []func() error{t.chooseColumns, t.label, u.Cut, t.tokens} {
		if err := step(); err != nil {
			return err
		}
	}
	t.size(u.Dataset.Len(data.Train))
	u.Baseline = t.baseline()
	return t.warn()
}

// textSetup is the setting up of some texts.
type textSetup struct {
	*Setup
	values  Values
	texts   data.Texts
	column  string // of the texts
	classes []string
	kind    string // of tokens
	hangul  bool   // a third of the letters or more are Hangul
}

// train is the texts to train on.
func (t *textSetup) train() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range t.Dataset.Len(data.Train) {
			s, err := data.TextOf(t.Dataset, data.Train, i)
			if err != nil || !yield(s) {
				return
			}
		}
	}
}

// tokens makes the tokenizer and decides on the length.
func (t *textSetup) tokens() error {
	t.hangul = mostlyHangul(t.train())
	p := token.Plan{Kind: t.values.String(keyUnits), Size: t.values.Int(keyVocab), Special: true}
	if p.Kind == unitsAuto {
		p.Kind = token.Words
		if t.hangul {
			p.Kind = token.Characters // words have endings
		}
	}
	t.kind = p.Kind
	if p.Size == 0 {
		p.Size = map[string]int{token.Characters: 4096, token.Letters: 1024, token.Words: 20_000, token.Bytes: 16_384}[p.Kind]
	}
	k, err := p.Learn(t.train())
	if err != nil {
		return refuse("%w", err)
	}
	t.Keep(tokenizerFile, k.File())
	length := t.values.Int(keyContext)
	if length == 0 {
		length = usualLength(t.train(), k)
	}
	t.Input = data.Input{Name: data.FieldText, Kind: data.KindText, Text: data.TextInput{
		Column: t.column, Tokenizer: tokenizerFile, Length: length, Vocab: k.Size(), Encoder: data.Tokens{Tokenizer: k},
	}}
	t.Note(fmt.Sprintf("%d tokens (%s), of which the network sees the first %d of a text", k.Size(), p.Kind, length))
	return nil
}

// mostlyHangul says whether a third of the letters are Hangul.
func mostlyHangul(texts iter.Seq[string]) bool {
	letters, hangul := 0, 0
	for s := range texts {
		for _, r := range s {
			if unicode.IsLetter(r) {
				letters++
			}
			if unicode.Is(unicode.Hangul, r) {
				hangul++
			}
		}
		if letters > 1e6 {
			break
		}
	}
	return hangul*3 > letters
}

// The bounds of the length that is chosen unasked.
const (
	leastLength = 8
	mostLength  = 512
)

// usualLength is how many tokens 95 of 100 texts have at most.
func usualLength(texts iter.Seq[string], k *token.Tokenizer) int {
	const sample = 20_000
	var lengths []int
	for s := range texts {
		if lengths = append(lengths, len(k.Encode(s, true))); len(lengths) == sample {
			break
		}
	}
	slices.Sort(lengths)
	return min(max(lengths[len(lengths)*95/100], leastLength), mostLength)
}

// manyTexts is how many train a network well.
const manyTexts = 20_000

// size fits the network and the recipe to n texts. The n-grams beside the filters
// make it as good as a linear model on few texts.
func (t *textSetup) size(n int) {
	most := map[string]int{token.Words: 2, token.Bytes: 3, token.Characters: 4, token.Letters: 6}[t.kind]
	t.Net = map[string]any{"width": 64, "channels": 64, "grams": 1 << 18, "grams.most": most, "dropout.embed": 0.5}
	r := &t.Recipe
	switch {
	case n < 2000:
		r.Epochs, r.Batch, r.LR = 15, 16, 0.003
	case n < 8000:
		r.Epochs, r.Batch, r.LR = 10, 32, 0.003
	case n < manyTexts:
		r.Epochs, r.Batch = 4, 32
	default:
		t.Net["dropout.embed"] = 0.2
		r.Epochs, r.Batch, r.Decay = 2, 64, 0.05
	}
}
