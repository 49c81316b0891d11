package token

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"
)

// The bounds of a file.
const (
	maxFile   = 128 << 20
	maxTokens = 1 << 21
	maxToken  = 1 << 16 // bytes
)

// document is a tokenizer.json.
type document struct {
	Version       string          `json:"version"`
	Truncation    json.RawMessage `json:"truncation"`
	Padding       json.RawMessage `json:"padding"`
	Added         []addedToken    `json:"added_tokens"`
	Normalizer    json.RawMessage `json:"normalizer"`
	PreTokenizer  json.RawMessage `json:"pre_tokenizer"`
	PostProcessor json.RawMessage `json:"post_processor"`
	Decoder       json.RawMessage `json:"decoder"`
	Model         json.RawMessage `json:"model"`
}

// addedToken is a token that is found as a whole before the model sees it.
type addedToken struct {
	ID         int32  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"` // not within a word
	LStrip     bool   `json:"lstrip"`      // takes the spaces before it
	RStrip     bool   `json:"rstrip"`      // and after it
	Normalized bool   `json:"normalized"`  // found in the normalised text
	Special    bool   `json:"special"`
}

// ReadFile reads the tokenizer.json at path.
func ReadFile(path string) (*Tokenizer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	file, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	t, err := Parse(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// Parse makes the tokenizer that file, a tokenizer.json, describes. What it says
// of truncation and padding is left to the caller of Encode, who knows the
// length of texts.
func Parse(file []byte) (*Tokenizer, error) {
	if len(file) > maxFile {
		return nil, fmt.Errorf("more than the limit of %d bytes", maxFile)
	}
	var d document
	if err := (description{raw: file}).read(&d); err != nil {
		return nil, fmt.Errorf("no tokenizer.json: %w", err)
	}
	if d.Version != "1.0" {
		return nil, fmt.Errorf("version %.20q; known is 1.0", d.Version)
	}
	t := &Tokenizer{file: file, special: map[int32]bool{}}
	if err := t.components(d); err != nil {
		return nil, err
	}
	if err := t.enumerate(d.Added); err != nil {
		return nil, err
	}
	return t, t.match(d.Added)
}

func (t *Tokenizer) components(d document) (err error) {
	if t.norm, err = build(normalizers, "normalizer", description{raw: d.Normalizer}); err != nil {
		return err
	}
	if t.norm == nil {
		t.norm = sequenceOfNormalizers(nil)
	}
	if t.pre, err = build(preTokenizers, "pre_tokenizer", description{raw: d.PreTokenizer}); err != nil {
		return err
	}
	if t.pre == nil {
		t.pre = sequenceOfPreTokenizers(nil)
	}
	if t.model, err = buildModel(d.Model); err != nil {
		return err
	}
	if t.post, err = build(postProcessors, "post_processor", description{raw: d.PostProcessor}); err != nil {
		return err
	}
	t.dec, err = build(decoders, "decoder", description{raw: d.Decoder})
	return err
}

// buildModel makes the model; old files do not name the kind.
func buildModel(raw json.RawMessage) (model, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, errors.New("model: there is none")
	}
	return build(models, "model", description{raw: raw})
}

// enumerate gives every token its number: the model's, then the added ones.
func (t *Tokenizer) enumerate(added []addedToken) error {
	t.number = map[string]int32{}
	for token, id := range t.model.vocab() {
		if err := t.put(token, id); err != nil {
			return err
		}
	}
	for _, a := range added {
		if a.Content == "" {
			return errors.New("an added token is empty")
		}
		if id, ok := t.number[a.Content]; ok && id != a.ID {
			return fmt.Errorf("the token %.50q has the numbers %d and %d", a.Content, id, a.ID)
		}
		if err := t.put(a.Content, a.ID); err != nil {
			return err
		}
		if a.Special {
			t.special[a.ID] = true
		}
	}
	return nil
}

func (t *Tokenizer) put(token string, id int32) error {
	switch {
	case id < 0 || id >= maxTokens:
		return fmt.Errorf("the token %.50q has the number %d; wanted 0 to %d", token, id, maxTokens-1)
	case len(token) > maxToken || !utf8.ValidString(token):
		return fmt.Errorf("token %d is longer than %d bytes or not UTF-8", id, maxToken)
	}
	for int(id) >= len(t.tokens) {
		t.tokens = append(t.tokens, "")
	}
	if old := t.tokens[id]; old != "" && old != token {
		return fmt.Errorf("the tokens %.50q and %.50q have the same number %d", old, token, id)
	}
	t.tokens[id], t.number[token] = token, id
	return nil
}

// match prepares the search for added tokens.
func (t *Tokenizer) match(added []addedToken) error {
	t.added, t.late = newMatcher(), newMatcher()
	for _, a := range added {
		if !a.Normalized {
			t.added.add(a, a.Content)
			continue
		}
		content := t.norm.normalize(whole(a.Content)).s
		if content != "" {
			t.late.add(a, content)
		}
	}
	return nil
}
