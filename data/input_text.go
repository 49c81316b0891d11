package data

import (
	"errors"
	"fmt"

	"github.com/ihae/ihae/rng"
	"github.com/ihae/ihae/tensor"
)

// maxTokens bounds the length of a text and the number of tokens that there are.
const maxTokens = 1 << 24

// TextInput says how a text becomes the numbers of its tokens.
type TextInput struct {
	Column    string `toml:"column,omitempty"`    // of a table, that holds the texts
	Tokenizer string `toml:"tokenizer,omitempty"` // the file in the run's folder
	Length    int    `toml:"length,omitempty"`    // L, of every text
	Vocab     int    `toml:"vocab,omitempty"`     // V: numbers are 0 to V-1

	Encoder TextEncoder `toml:"-"` // the tokenizer, read; not needed where examples are tokens
}

// TextEncoder turns a text into numbers of tokens: all of ids is written, with
// what does not fit left out and what stays free filled. It is safe for
// concurrent use.
type TextEncoder interface {
	Encode(ids []int32, text string) error
}

func checkText(in Input) error {
	t := in.Text
	if t.Length < 1 || t.Length > maxTokens || t.Vocab < 1 || t.Vocab > maxTokens {
		return fmt.Errorf("input: texts of %d tokens out of %d; wanted 1 to %d", t.Length, t.Vocab, maxTokens)
	}
	return nil
}

func textType(in Input) tensor.Type {
	return tensor.Type{DType: tensor.Int32, Shape: tensor.Dims(in.Text.Length)}
}

// textFiller copies the tokens of examples, or encodes their text.
func textFiller(in Input, _ Dataset, augment []Augment) (func() fill, error) {
	if len(augment) > 0 {
		return nil, errors.New("input: texts have no augmentation")
	}
	f := func(row tensor.Tensor, e Example, _ rng.Stream) error {
		t, ok := e[FieldText]
		switch {
		case !ok:
			return errors.New("data: the example has no text")
		case t.Type() == row.Type():
			copy(row.Bytes(), t.Bytes())
			return checkTokens(row, in.Text.Vocab)
		case t.DType() == tensor.Uint8 && in.Text.Encoder != nil:
			return in.Text.Encoder.Encode(tensor.Of[int32](row), string(t.Bytes()))
		}
		return fmt.Errorf("data: a text of %v; the network takes %v", t.Type(), row.Type())
	}
	return func() fill { return f }, nil
}

// checkTokens refuses numbers that no token has.
func checkTokens(row tensor.Tensor, vocab int) error {
	for i, id := range tensor.Of[int32](row) {
		if id < 0 || int(id) >= vocab {
			return fmt.Errorf("data: token %d has the number %d; there are %d", i, id, vocab)
		}
	}
	return nil
}

func init() {
	inputKinds.Set(KindText, inputKind{
		field: FieldText, check: checkText, typ: textType, filler: textFiller,
		vocab: func(in Input) []int { return []int{in.Text.Vocab} },
	})
}
