package token

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// The interfaces of the components. All are immutable.
type (
	normalizer   interface{ normalize(p piece) piece }
	preTokenizer interface{ split(p piece) []piece }
	model        interface {
		// vocab is all tokens with their numbers.
		vocab() map[string]int32
		// encode cuts one word, which is not empty, into tokens at bytes [from, to).
		encode(word string, emit func(id int32, from, to int))
	}
	postProcessor interface {
		process(t *Tokenizer, list []Token) []Token
	}
	// decoder changes the texts of tokens, which are joined in the end.
	decoder interface{ decode(list []string) []string }
)

// builder makes a component of its description.
type builder[C any] func(d description) (C, error)

// The components by name. Each file adds its own.
var (
	normalizers    = map[string]builder[normalizer]{}
	preTokenizers  = map[string]builder[preTokenizer]{}
	models         = map[string]builder[model]{}
	postProcessors = map[string]builder[postProcessor]{}
	decoders       = map[string]builder[decoder]{}
)

// description is what a file says of a component.
type description struct {
	raw   json.RawMessage
	depth int // of sequences within sequences
}

// maxDepth bounds sequences within sequences.
const maxDepth = 8

// read decodes a description into the fields of v; one that v does not have is
// an error, since it would change the numbers.
func (d description) read(v any) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(d.raw, &fields); err != nil {
		return err
	}
	delete(fields, "type")
	rest, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(rest))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}

// none is a component without fields.
func (d description) none() error { return d.read(&struct{}{}) }

// build makes the component that d describes, or the zero C where d is absent or
// null. what names the kind of component in errors.
func build[C any](known map[string]builder[C], what string, d description) (C, error) {
	var zero C
	if len(d.raw) == 0 || string(d.raw) == "null" {
		return zero, nil
	}
	var name struct {
		Type *string `json:"type"`
	}
	if err := json.Unmarshal(d.raw, &name); err != nil || name.Type == nil {
		return zero, fmt.Errorf("%s: a component without a type", what)
	}
	b, ok := known[*name.Type]
	if !ok {
		return zero, fmt.Errorf("%s: the component %q is not known here, and without it the numbers would be others; known are %v",
			what, *name.Type, slices.Sorted(maps.Keys(known)))
	}
	if d.depth > maxDepth {
		return zero, fmt.Errorf("%s: more than %d sequences within one another", what, maxDepth)
	}
	c, err := b(d)
	if err != nil {
		return zero, fmt.Errorf("%s: %s: %w", what, *name.Type, err)
	}
	return c, nil
}

// buildAll makes the components of a sequence.
func buildAll[C any](known map[string]builder[C], what string, raw []json.RawMessage, depth int) ([]C, error) {
	var list []C
	for i, r := range raw {
		c, err := build(known, fmt.Sprintf("%s %d", what, i), description{r, depth + 1})
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}
