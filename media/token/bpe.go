package token

import (
	"container/heap"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// bpe is byte-pair encoding: Sennrich et al., "Neural Machine Translation of Rare
// Words with Subword Units", ACL 2016. The characters of a word are joined in
// pairs, those first that were joined first when the vocabulary was made.
type bpe struct {
	number map[string]int32
	merges map[[2]int32]merge
	prefix string // of all characters of a word but the first
	suffix string // of the last one
	unk    int32  // for characters that are no token, -1 for none
	fuse   bool   // one unk for all in a row
	bytes  bool   // characters that are no token become tokens <0x..>, if there are
	whole  bool   // a word that is a token is one, whatever the merges say
}

// merge is what two tokens become, and when.
type merge struct{ rank, id int32 }

func (m *bpe) vocab() map[string]int32 { return m.number }

// symbol is a token at work, in a doubly linked list.
type symbol struct {
	id, from, to int32
	prev, next   int32 // -1 at the ends
	gone         bool
}

func (m *bpe) encode(word string, emit func(id int32, from, to int)) {
	if m.whole {
		if id, ok := m.number[word]; ok {
			emit(id, 0, len(word))
			return
		}
	}
	list := m.symbols(word)
	if len(m.merges) > 0 && len(list) > 1 {
		m.join(list)
	}
	for _, s := range list {
		if !s.gone {
			emit(s.id, int(s.from), int(s.to))
		}
	}
}

// symbols is the characters of a word.
func (m *bpe) symbols(word string) []symbol {
	list := make([]symbol, 0, len(word))
	add := func(id int32, from, to int) {
		n := int32(len(list))
		list = append(list, symbol{id: id, from: int32(from), to: int32(to), prev: n - 1, next: n + 1})
	}
	unknown := false // the newest symbol is unk
	for i := 0; i < len(word); {
		_, n := utf8.DecodeRuneInString(word[i:])
		id, ok := m.character(word, i, i+n)
		switch {
		case ok:
			add(id, i, i+n)
			unknown = false
		case m.bytes && m.each(word[i:i+n], func(id int32) { add(id, i, i+n) }):
			unknown = false
		case m.unk >= 0 && m.fuse && unknown:
			list[len(list)-1].to = int32(i + n)
		case m.unk >= 0:
			add(m.unk, i, i+n)
			unknown = true
		}
		i += n
	}
	if len(list) > 0 {
		list[len(list)-1].next = -1
	}
	return list
}

// character is the token of the character at bytes [from, to).
func (m *bpe) character(word string, from, to int) (int32, bool) {
	s := word[from:to]
	if from > 0 && m.prefix != "" {
		s = m.prefix + s
	}
	if to == len(word) && m.suffix != "" {
		s += m.suffix
	}
	id, ok := m.number[s]
	return id, ok
}

// each gives the tokens of the bytes of s, if all are there.
func (m *bpe) each(s string, add func(id int32)) bool { return eachByte(m.number, s, add) }

func eachByte(number map[string]int32, s string, add func(id int32)) bool {
	var ids [utf8.UTFMax]int32
	for i := range len(s) {
		id, ok := number[byteToken(s[i])]
		if !ok {
			return false
		}
		ids[i] = id
	}
	for i := range len(s) {
		add(ids[i])
	}
	return true
}

// byteToken is how byte fallback writes a byte.
func byteToken(b byte) string { return fmt.Sprintf("<0x%02X>", b) }

// candidate is a pair that can be joined.
type candidate struct {
	merge
	at          int32 // its left symbol
	left, right int32 // what they were
}

// candidates is ordered by rank and then by place.
type candidates []candidate

// Len, Less, Swap, Push and Pop implement [heap.Interface].
func (h candidates) Len() int { return len(h) }

func (h candidates) Less(i, j int) bool {
	if h[i].rank != h[j].rank {
		return h[i].rank < h[j].rank
	}
	return h[i].at < h[j].at
}

func (h candidates) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements [heap.Interface].
func (h *candidates) Push(x any) { *h = append(*h, x.(candidate)) }

// Pop implements [heap.Interface].
func (h *candidates) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}

// join merges until no pair is left, in n log n.
func (m *bpe) join(list []symbol) {
	var queue candidates
	look := func(at int32) {
		if at < 0 || list[at].next < 0 {
			return
		}
		left, right := list[at].id, list[list[at].next].id
		if to, ok := m.merges[[2]int32{left, right}]; ok {
			heap.Push(&queue, candidate{to, at, left, right})
		}
	}
	for i := range list[:len(list)-1] {
		look(int32(i))
	}
	for len(queue) > 0 {
		c := heap.Pop(&queue).(candidate)
		l := &list[c.at]
		if l.gone || l.next < 0 || l.id != c.left || list[l.next].id != c.right {
			continue
		}
		r := &list[l.next]
		l.id, l.to, l.next, r.gone = c.id, r.to, r.next, true
		if l.next >= 0 {
			list[l.next].prev = c.at
		}
		look(l.prev)
		look(c.at)
	}
}

func readBPE(d description) (model, error) {
	var v struct {
		Dropout      *float64          `json:"dropout"`
		Unk          *string           `json:"unk_token"`
		Prefix       *string           `json:"continuing_subword_prefix"`
		Suffix       *string           `json:"end_of_word_suffix"`
		Fuse         bool              `json:"fuse_unk"`
		ByteFallback bool              `json:"byte_fallback"`
		IgnoreMerges bool              `json:"ignore_merges"`
		Vocab        map[string]int32  `json:"vocab"`
		Merges       []json.RawMessage `json:"merges"`
	}
	if err := d.read(&v); err != nil {
		return nil, err
	}
	if v.Dropout != nil && *v.Dropout != 0 {
		return nil, errors.New("dropout makes the numbers random; set it to null")
	}
	m := &bpe{number: v.Vocab, unk: -1, fuse: v.Fuse, bytes: v.ByteFallback, whole: v.IgnoreMerges}
	if v.Unk != nil {
		id, ok := m.number[*v.Unk]
		if !ok {
			return nil, fmt.Errorf("the unk_token %q is not in the vocabulary", *v.Unk)
		}
		m.unk = id
	}
	if v.Prefix != nil {
		m.prefix = *v.Prefix
	}
	if v.Suffix != nil {
		m.suffix = *v.Suffix
	}
	return m, m.addMerges(v.Merges)
}

// addMerges reads pairs, which are ["a", "b"] or, in older files, "a b".
func (m *bpe) addMerges(list []json.RawMessage) error {
	if len(list) > maxTokens {
		return fmt.Errorf("%d merges, at most %d", len(list), maxTokens)
	}
	m.merges = make(map[[2]int32]merge, len(list))
	for rank, raw := range list {
		var pair []string
		if json.Unmarshal(raw, &pair) != nil {
			var text string
			if err := json.Unmarshal(raw, &text); err != nil {
				return fmt.Errorf("merge %d: %w", rank, err)
			}
			pair = strings.Split(text, " ")
		}
		if len(pair) != 2 {
			return fmt.Errorf("merge %d is no pair", rank)
		}
		a, okA := m.number[pair[0]]
		b, okB := m.number[pair[1]]
		both, ok := m.number[pair[0]+strings.TrimPrefix(pair[1], m.prefix)]
		if !okA || !okB || !ok {
			return fmt.Errorf("merge %d, %.50q and %.50q: not all tokens are in the vocabulary", rank, pair[0], pair[1])
		}
		if _, twice := m.merges[[2]int32{a, b}]; !twice {
			m.merges[[2]int32{a, b}] = merge{int32(rank), both}
		}
	}
	return nil
}

func init() { models["BPE"] = readBPE }
