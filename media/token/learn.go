package token

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
)

// The kinds of tokenizers that are made here.
const (
	Characters = "characters" // of a text in the form NFC
	Letters    = "jamo"       // characters, and syllables of Hangul as their letters
	Words      = "words"      // runs of letters and digits, and runs of other marks
	Bytes      = "bytes"      // byte-pair encoding of bytes: any text has tokens
)

// Kinds lists them.
var Kinds = []string{Characters, Letters, Words, Bytes}

// The special tokens of the tokenizers that are made here.
const (
	padToken = "[PAD]" // number 0
	unkToken = "[UNK]" // number 1
)

// Plan says which tokenizer to make.
type Plan struct {
	Kind string
	Size int // tokens at most, the special ones among them; 0 for 8,192 of bytes and all others there are
	// Special is for networks that read single texts: there is a token that fills
	// texts up and one for what is not in the vocabulary, where things seen once
	// do not come. Without it everything seen is a token.
	Special bool
}

// Learn makes a tokenizer of texts. It is a function of the plan and of how often
// things stand in the texts, not of their order.
func (p Plan) Learn(texts iter.Seq[string]) (*Tokenizer, error) {
	if p.Size < 0 || p.Size > maxTokens {
		return nil, fmt.Errorf("a vocabulary of %d tokens; wanted 0 to %d", p.Size, maxTokens)
	}
	var file any
	switch p.Kind {
	case Characters:
		file = p.single(p.count(texts, func(s string, add func(string)) {
			for _, r := range (form(0)).normalize(whole(s)).s {
				add(string(r))
			}
		}), component{"type": "NFC"}, component{"type": "Fuse"})
	case Letters:
		file = p.single(p.count(texts, func(s string, add func(string)) {
			for _, r := range Jamo(s) {
				add(string(r))
			}
		}), component{"type": "Jamo"}, component{"type": "Jamo"})
	case Words:
		file = p.words(p.count(texts, func(s string, add func(string)) {
			s = lowercase{}.normalize(form(0).normalize(whole(s))).s
			for _, w := range (words{}).split(whole(s)) {
				add(w.s)
			}
		}))
	case Bytes:
		file = p.bytes(p.count(texts, func(s string, add func(string)) {
			for len(s) > 0 {
				n := nextWord(s)
				add(s[:n])
				s = s[n:]
			}
		}))
	default:
		return nil, fmt.Errorf("no kind of tokenizer %q; there is %v", p.Kind, Kinds)
	}
	text, err := json.MarshalIndent(file, "", " ")
	if err != nil {
		return nil, err
	}
	return Parse(append(text, '\n'))
}

// component is a part of a file.
type component map[string]any

func (p Plan) count(texts iter.Seq[string], cut func(s string, add func(string))) map[string]int {
	count := map[string]int{}
	for s := range texts {
		cut(s, func(unit string) { count[unit]++ })
	}
	return count
}

// chosen is the units of the vocabulary: the most frequent ones, in order of
// their text. What is longer than a token can be is none.
func (p Plan) chosen(count map[string]int) []string {
	least := 1
	if p.Special {
		least = 2
	}
	list := slices.DeleteFunc(slices.Sorted(maps.Keys(count)), func(s string) bool { return count[s] < least || len(s) > maxToken })
	room := p.Size - len(p.specials())
	if p.Size > 0 && len(list) > room {
		slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(count[b], count[a]) })
		list = list[:max(room, 0)]
		slices.Sort(list)
	}
	return list
}

func (p Plan) specials() []string {
	if p.Special {
		return []string{padToken, unkToken}
	}
	return nil
}

// vocab numbers the special tokens and then the units.
func (p Plan) vocab(units []string) map[string]int {
	vocab := map[string]int{}
	for _, s := range append(p.specials(), units...) {
		if _, twice := vocab[s]; !twice {
			vocab[s] = len(vocab)
		}
	}
	return vocab
}

// document is the file around a model. The special tokens are not looked for in
// texts: who writes [PAD] means those five characters.
func (p Plan) document(model, normalizer, pre, decoder component) component {
	return component{
		"version": "1.0", "truncation": nil, "padding": nil, "added_tokens": []any{},
		"normalizer": optional(normalizer), "pre_tokenizer": optional(pre), "post_processor": nil,
		"decoder": optional(decoder), "model": model,
	}
}

func optional(c component) any {
	if c == nil {
		return nil
	}
	return c
}

// single is a model of single characters: byte-pair encoding without pairs.
func (p Plan) single(count map[string]int, normalizer, decoder component) component {
	return p.document(p.pairs(p.vocab(p.chosen(count)), [][2]string{}), normalizer, nil, decoder)
}

func (p Plan) pairs(vocab map[string]int, merges [][2]string) component {
	m := component{
		"type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": nil, "end_of_word_suffix": nil,
		"fuse_unk": false, "byte_fallback": false, "ignore_merges": false, "vocab": vocab, "merges": merges,
	}
	if p.Special {
		m["unk_token"] = unkToken
	}
	return m
}

// words is a model of whole words. There is always a token for others.
func (p Plan) words(count map[string]int) component {
	vocab := p.vocab(p.chosen(count))
	if !p.Special {
		vocab[unkToken] = len(vocab)
	}
	normalizer := component{"type": "Sequence", "normalizers": []component{{"type": "NFC"}, {"type": "Lowercase"}}}
	return p.document(component{"type": "WordLevel", "vocab": vocab, "unk_token": unkToken}, normalizer, component{"type": "Whitespace"}, nil)
}

// bytes is a model of pairs of bytes. It knows no unknown.
func (p Plan) bytes(count map[string]int) component {
	size := p.Size
	if size == 0 {
		size = 8192
	}
	names := p.specials()
	for b := range byteRune {
		names = append(names, string(byteRune[b]))
	}
	slices.Sort(names[len(p.specials()):])
	merges := learnPairs(count, names, size)
	vocab := map[string]int{}
	for i, name := range names {
		vocab[name] = i
	}
	for _, m := range merges {
		if both := m[0] + m[1]; vocab[both] == 0 {
			vocab[both] = len(vocab)
		}
	}
	part := component{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}
	q := p
	q.Special = false // no unk_token: every byte is a token
	return q.document(q.pairs(vocab, merges), nil, part, part)
}
