package token

import "sync"

// maxKnown bounds the words that a tokenizer remembers, and maxKnownBytes the
// length of each.
const (
	maxKnown      = 1 << 16
	maxKnownBytes = 64
)

// memory remembers the tokens of words, of which texts have the same again and
// again. What it gives is never another for having been remembered.
type memory struct {
	mu   sync.RWMutex
	word map[string][]int32
}

// get is the tokens of a word, made with build where they are not known. They must
// not be changed.
func (m *memory) get(word string, build func(string) []int32) []int32 {
	m.mu.RLock()
	ids, ok := m.word[word]
	m.mu.RUnlock()
	if ok {
		return ids
	}
	ids = build(word)
	if len(word) > maxKnownBytes {
		return ids
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.word == nil {
		m.word = map[string][]int32{}
	}
	if len(m.word) < maxKnown {
		m.word[string([]byte(word))] = ids // not the text that it is a part of
	}
	return ids
}
