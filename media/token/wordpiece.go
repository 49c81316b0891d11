package token

import (
	"fmt"
	"unicode/utf8"
)

// wordPiece takes the longest token that a word begins with, and again of what
// is left: Wu et al., "Google's Neural Machine Translation System", 2016, in the
// form of BERT.
type wordPiece struct {
	number  map[string]int32
	unk     int32
	prefix  string // of all tokens of a word but the first
	longest int    // characters of a word that is looked at
}

func (m *wordPiece) vocab() map[string]int32 { return m.number }

func (m *wordPiece) encode(word string, emit func(id int32, from, to int)) {
	if utf8.RuneCountInString(word) > m.longest {
		emit(m.unk, 0, len(word))
		return
	}
	type found struct {
		id       int32
		from, to int
	}
	var list []found
	for at := 0; at < len(word); {
		end := len(word)
		for ; end > at; end -= lastRune(word[at:end]) {
			s := word[at:end]
			if at > 0 {
				s = m.prefix + s
			}
			if id, ok := m.number[s]; ok {
				list = append(list, found{id, at, end})
				break
			}
		}
		if end == at {
			emit(m.unk, 0, len(word))
			return
		}
		at = end
	}
	for _, f := range list {
		emit(f.id, f.from, f.to)
	}
}

func lastRune(s string) int {
	_, n := utf8.DecodeLastRuneInString(s)
	return n
}

// maxWord bounds the characters of a word, by which the work grows as a square.
const maxWord = 1000

func readWordPiece(d description) (model, error) {
	v := struct {
		Unk     string           `json:"unk_token"`
		Prefix  string           `json:"continuing_subword_prefix"`
		Longest int              `json:"max_input_chars_per_word"`
		Vocab   map[string]int32 `json:"vocab"`
	}{"[UNK]", "##", 100, nil}
	if err := d.read(&v); err != nil {
		return nil, err
	}
	unk, ok := v.Vocab[v.Unk]
	if !ok {
		return nil, fmt.Errorf("the unk_token %q is not in the vocabulary", v.Unk)
	}
	if v.Longest < 1 || v.Longest > maxWord {
		return nil, fmt.Errorf("max_input_chars_per_word is %d, wanted 1 to %d", v.Longest, maxWord)
	}
	return &wordPiece{v.Vocab, unk, v.Prefix, v.Longest}, nil
}

// wordLevel has a token for each word.
type wordLevel struct {
	number map[string]int32
	unk    int32
}

func (m *wordLevel) vocab() map[string]int32 { return m.number }

func (m *wordLevel) encode(word string, emit func(id int32, from, to int)) {
	id, ok := m.number[word]
	if !ok {
		id = m.unk
	}
	emit(id, 0, len(word))
}

func readWordLevel(d description) (model, error) {
	v := struct {
		Unk   string           `json:"unk_token"`
		Vocab map[string]int32 `json:"vocab"`
	}{"<unk>", nil}
	if err := d.read(&v); err != nil {
		return nil, err
	}
	unk, ok := v.Vocab[v.Unk]
	if !ok {
		return nil, fmt.Errorf("the unk_token %q is not in the vocabulary", v.Unk)
	}
	return &wordLevel{v.Vocab, unk}, nil
}

func init() {
	models["WordPiece"] = readWordPiece
	models["WordLevel"] = readWordLevel
}
