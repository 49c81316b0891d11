// Package token turns text into numbers of tokens and back. A [Tokenizer] is
// what a file tokenizer.json says: normalisers, a pre-tokeniser that cuts text
// into words, a model that cuts words into tokens, a post-processor that adds
// special tokens, and a decoder. The package reads such files as Hugging Face
// publishes them (BPE, byte-level or with byte fallback, WordPiece, Unigram and
// whole words) and refuses every component that it does not know by name, since
// a tokenizer that leaves one out gives other numbers without a sign. It makes
// files of its own kinds too: characters, jamo, words, and byte-level BPE
// trained here.
//
// Nothing in it takes more than time in proportion to the text, up to a
// logarithm.
package token

import (
	"strings"
)

// Tokenizer is a way of cutting text. It is immutable and safe for concurrent
// use.
type Tokenizer struct {
	file  []byte
	added *matcher // tokens that are looked for before everything else
	late  *matcher // and those that are looked for in the normalised text
	norm  normalizer
	pre   preTokenizer
	model model
	post  postProcessor
	dec   decoder

	known   memory
	tokens  []string // by number
	number  map[string]int32
	special map[int32]bool
}

// Token is a token at its place.
type Token struct {
	ID       int32
	Text     string // as in the vocabulary
	From, To int    // bytes of the original text; equal for tokens that were added
	Special  bool   // not part of the text: [CLS], </s>
}

// Encode is the numbers of the tokens of text. Special tokens that the
// tokenizer's post-processor puts around a text are there if special.
func (t *Tokenizer) Encode(text string, special bool) []int32 {
	ids := make([]int32, 0, len(text)/2+8)
	t.pieces(piece{s: text, blind: true}, func(p piece, id int32) {
		if id >= 0 {
			ids = append(ids, id)
			return
		}
		ids = t.appendWords(ids, p)
	})
	if !special || t.post == nil {
		return ids
	}
	list := make([]Token, len(ids))
	for i, id := range ids {
		list[i] = Token{ID: id, Special: t.special[id]}
	}
	ids = ids[:0]
	for _, k := range t.post.process(t, list) {
		ids = append(ids, k.ID)
	}
	return ids
}

// Tokens is Encode with what each token is and where it stands.
func (t *Tokenizer) Tokens(text string, special bool) []Token {
	var list []Token
	emit := func(id int32, p piece, from, to int) {
		o := p.origin(from, to)
		list = append(list, Token{id, t.Token(id), o.from, o.to, t.special[id]})
	}
	t.pieces(whole(text), func(p piece, id int32) {
		if id >= 0 {
			emit(id, p, 0, len(p.s))
			return
		}
		for _, word := range t.pre.split(p) {
			if word.s != "" {
				t.model.encode(word.s, func(id int32, from, to int) { emit(id, word, from, to) })
			}
		}
	})
	if special && t.post != nil {
		list = t.post.process(t, list)
	}
	return list
}

// pieces gives the parts of a text in order: added tokens with their number, and
// with -1 what is left to the model, normalised and not empty.
func (t *Tokenizer) pieces(text piece, yield func(p piece, id int32)) {
	t.added.cut(text, func(p piece, id int32) {
		if id >= 0 {
			yield(p, id)
			return
		}
		t.late.cut(t.norm.normalize(p), yield)
	})
}

// appendWords appends the tokens of a piece whose places nobody asks for.
func (t *Tokenizer) appendWords(ids []int32, p piece) []int32 {
	if b, ok := t.pre.(byteLevel); ok && b.Cut && !b.Prefix {
		for s := p.s; s != ""; {
			n := nextWord(s)
			ids = append(ids, t.known.get(s[:n], t.bytesWord)...)
			s = s[n:]
		}
		return ids
	}
	for _, word := range t.pre.split(p) {
		if word.s != "" {
			t.model.encode(word.s, func(id int32, _, _ int) { ids = append(ids, id) })
		}
	}
	return ids
}

// bytesWord is the tokens of a word of bytes.
func (t *Tokenizer) bytesWord(word string) (ids []int32) {
	visible := byteLevel{}.normalize(piece{s: word, blind: true})
	t.model.encode(visible.s, func(id int32, _, _ int) { ids = append(ids, id) })
	return ids
}

// Decode is the text of tokens; those that are no part of a text are left out
// if skip. Numbers that no token has are left out always.
func (t *Tokenizer) Decode(ids []int32, skip bool) string {
	var list []string
	for _, id := range ids {
		if id >= 0 && int(id) < len(t.tokens) && t.tokens[id] != "" && !(skip && t.special[id]) {
			list = append(list, t.tokens[id])
		}
	}
	if t.dec == nil {
		return strings.Join(list, " ")
	}
	return strings.Join(t.dec.decode(list), "")
}

// Size is the number of tokens: numbers are 0 to Size-1.
func (t *Tokenizer) Size() int { return len(t.tokens) }

// Token is the text of a number as it stands in the vocabulary; empty for a
// number that no token has.
func (t *Tokenizer) Token(id int32) string {
	if id < 0 || int(id) >= len(t.tokens) {
		return ""
	}
	return t.tokens[id]
}

// ID is the number of a token of the vocabulary.
func (t *Tokenizer) ID(token string) (int32, bool) {
	id, ok := t.number[token]
	return id, ok
}

// Pad is the number of the token that fills texts up: the first of [PAD], <pad>
// and <|pad|> that there is, else 0.
func (t *Tokenizer) Pad() int32 {
	for _, name := range []string{padToken, "<pad>", "<|pad|>"} {
		if id, ok := t.number[name]; ok {
			return id
		}
	}
	return 0
}

// File is the tokenizer.json that [Parse] makes the same tokenizer of.
func (t *Tokenizer) File() []byte { return t.file }
