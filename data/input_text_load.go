package data

import (
	"fmt"
	"path/filepath"

	"github.com/ihae/ihae/media/token"
)

// Tokens encodes the texts of examples with a tokenizer: the first tokens of a
// text that is too long, and padding after one that is too short.
type Tokens struct{ *token.Tokenizer }

// Encode implements [TextEncoder].
func (t Tokens) Encode(ids []int32, text string) error {
	n := copy(ids, t.Tokenizer.Encode(cutText(text, len(ids)), true))
	pad := t.Pad()
	for i := n; i < len(ids); i++ {
		ids[i] = pad
	}
	return nil
}

// Fits says whether a text has n tokens at most.
func (t Tokens) Fits(text string, n int) bool {
	cut := cutText(text, n)
	return len(cut) == len(text) && len(t.Tokenizer.Encode(cut, true)) <= n
}

// longest is how many bytes of a text a token takes at most, but for those of
// which nothing would be learned.
const longest = 256

// cutText leaves out what is too far behind to be among the first n tokens.
func cutText(text string, n int) string {
	if len(text)/longest <= n {
		return text
	}
	end := n * longest
	for end > 0 && text[end]&0xc0 == 0x80 {
		end--
	}
	return text[:end]
}

// Load reads the tokenizer that in names, from the folder that its model.toml
// is in. An Input without one is left as it is.
func (in *Input) Load(dir string) error {
	t := &in.Text
	if t.Tokenizer == "" || t.Encoder != nil {
		return nil
	}
	if !filepath.IsLocal(t.Tokenizer) {
		return fmt.Errorf("the tokenizer %q is not in the run's folder", t.Tokenizer)
	}
	k, err := token.ReadFile(filepath.Join(dir, t.Tokenizer))
	if err != nil {
		return fmt.Errorf("the tokenizer cannot be used: %w", err)
	}
	if k.Size() != t.Vocab {
		return fmt.Errorf("the tokenizer %s has %d tokens, the network was made for %d", t.Tokenizer, k.Size(), t.Vocab)
	}
	t.Encoder = Tokens{k}
	return nil
}
