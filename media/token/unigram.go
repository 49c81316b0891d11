package token

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

// unigram cuts a text into the tokens with the largest product of their
// probabilities: Kudo, "Subword Regularization", ACL 2018, section 3.2.
type unigram struct {
	number map[string]int32
	score  []float64 // logarithms of probabilities, by number
	trie   map[uint64]int32
	end    []int32 // the token that ends at a node of the trie, -1 for none
	unk    int32   // -1 for none
	rare   float64 // the score of a character that is no token
	bytes  bool
}

// maxUnigram bounds the bytes of a token, by which the work may grow.
const maxUnigram = 1024

// rarer is how much less likely than any token an unknown character is.
const rarer = 10

func (m *unigram) vocab() map[string]int32 { return m.number }

// best is how the best cut of the text up to a place ends.
type best struct {
	score float64
	from  int32 // where its last token begins; -1 if there is no cut
	id    int32
}

func (m *unigram) encode(word string, emit func(id int32, from, to int)) {
	cut := m.cut(word)
	for i := 0; i < len(cut); i++ {
		s := cut[i]
		if s.id != m.unk || s.id < 0 {
			emit(s.id, s.from, s.to)
			continue
		}
		for i+1 < len(cut) && cut[i+1].id == m.unk {
			i++
			s.to = cut[i].to
		}
		m.unknown(word, s.span, emit)
	}
}

// unknown gives the bytes of what is no token, or one unk.
func (m *unigram) unknown(word string, s span, emit func(id int32, from, to int)) {
	if id, ok := m.number[word[s.from:s.to]]; ok {
		emit(id, s.from, s.to)
		return
	}
	if m.bytes {
		var ids []int32
		all := true
		for i := s.from; i < s.to && all; i++ {
			all = eachByte(m.number, word[i:i+1], func(id int32) { ids = append(ids, id) })
		}
		if all {
			for _, id := range ids {
				emit(id, s.from, s.to)
			}
			return
		}
	}
	emit(m.unk, s.from, s.to)
}

// chosen is a token of the best cut.
type chosen struct {
	span
	id int32
}

// cut finds the best cut by dynamic programming over places.
func (m *unigram) cut(word string) []chosen {
	ends := make([]best, len(word)+1)
	for i := range ends {
		ends[i].from = -1
	}
	ends[0].from = 0
	better := func(at int, score float64, from int, id int32) {
		if e := &ends[at]; e.from < 0 || score > e.score {
			*e = best{score, int32(from), id}
		}
	}
	for i := 0; i < len(word); {
		_, n := utf8.DecodeRuneInString(word[i:])
		if ends[i].from >= 0 {
			single := false
			m.prefixes(word[i:], func(length int, id int32) {
				single = single || length == n
				better(i+length, ends[i].score+m.score[id], i, id)
			})
			if !single {
				better(i+n, ends[i].score+m.rare, i, m.unk)
			}
		}
		i += n
	}
	var list []chosen
	for at := len(word); at > 0; at = int(ends[at].from) {
		list = append(list, chosen{span{int(ends[at].from), at}, ends[at].id})
	}
	slices.Reverse(list)
	return list
}

// prefixes gives all tokens that s begins with, the shortest first.
func (m *unigram) prefixes(s string, found func(length int, id int32)) {
	node := int32(0)
	for i := range len(s) {
		next, ok := m.trie[uint64(node)<<8|uint64(s[i])]
		if !ok {
			return
		}
		if node = next; m.end[node] >= 0 {
			found(i+1, m.end[node])
		}
	}
}

func (m *unigram) insert(token string, id int32) {
	node := int32(0)
	for i := range len(token) {
		key := uint64(node)<<8 | uint64(token[i])
		next, ok := m.trie[key]
		if !ok {
			next = int32(len(m.end))
			m.trie[key] = next
			m.end = append(m.end, -1)
		}
		node = next
	}
	m.end[node] = id
}

func readUnigram(d description) (model, error) {
	var v struct {
		Unk   *int32               `json:"unk_id"`
		Bytes bool                 `json:"byte_fallback"`
		Vocab [][2]json.RawMessage `json:"vocab"`
	}
	if err := d.read(&v); err != nil {
		return nil, err
	}
	if len(v.Vocab) == 0 || len(v.Vocab) > maxTokens {
		return nil, fmt.Errorf("%d tokens, wanted 1 to %d", len(v.Vocab), maxTokens)
	}
	m := &unigram{number: map[string]int32{}, trie: map[uint64]int32{}, end: []int32{-1}, unk: -1, bytes: v.Bytes}
	lowest := math.Inf(1)
	for id, pair := range v.Vocab {
		var token string
		var score float64
		if err := errors.Join(json.Unmarshal(pair[0], &token), json.Unmarshal(pair[1], &score)); err != nil {
			return nil, fmt.Errorf("token %d: %w", id, err)
		}
		if token == "" || len(token) > maxUnigram {
			return nil, fmt.Errorf("token %d has %d bytes, wanted 1 to %d", id, len(token), maxUnigram)
		}
		if _, twice := m.number[token]; twice {
			return nil, fmt.Errorf("the token %.50q is there twice", token)
		}
		m.number[token], m.score = int32(id), append(m.score, score)
		m.insert(token, int32(id))
		lowest = min(lowest, score)
	}
	m.rare = lowest - rarer
	if v.Unk == nil || *v.Unk < 0 || int(*v.Unk) >= len(m.score) {
		return nil, errors.New("there is no unk_id, without which not every text has tokens")
	}
	m.unk = *v.Unk
	return m, nil
}

func init() { models["Unigram"] = readUnigram }
