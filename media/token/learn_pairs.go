package token

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"
)

// trainer makes the pairs of a byte-pair encoding.
type trainer struct {
	names []string // of symbols, by number
	words [][]int32
	count []int
	total map[[2]int32]int            // how often a pair stands in the words
	where map[[2]int32]map[int32]bool // in which words it stands, or stood
	queue pairQueue
}

// learnPairs joins the most frequent pair of neighbouring symbols in words, again
// and again, until there are size names; of equally frequent ones that with the
// smaller numbers. The first symbols are the bytes, which names ends with.
func learnPairs(count map[string]int, names []string, size int) [][2]string {
	t := &trainer{names: slices.Clone(names), total: map[[2]int32]int{}, where: map[[2]int32]map[int32]bool{}}
	number := map[string]int32{}
	for i, n := range names {
		number[n] = int32(i)
	}
	for _, w := range slices.Sorted(maps.Keys(count)) {
		symbols := make([]int32, len(w))
		for i := range len(w) {
			symbols[i] = number[string(byteRune[w[i]])]
		}
		t.words, t.count = append(t.words, symbols), append(t.count, count[w])
	}
	for i, w := range t.words {
		for k := range len(w) - 1 {
			t.change([2]int32{w[k], w[k+1]}, t.count[i], int32(i))
		}
	}
	for pair, n := range t.total {
		t.queue = append(t.queue, pairCount{pair, n})
	}
	heap.Init(&t.queue)
	return t.run(number, size)
}

func (t *trainer) run(number map[string]int32, size int) [][2]string {
	var merges [][2]string
	for len(t.names) < size && len(t.queue) > 0 {
		top := heap.Pop(&t.queue).(pairCount)
		if now := t.total[top.pair]; now != top.n {
			if now > 0 && now < top.n {
				heap.Push(&t.queue, pairCount{top.pair, now})
			}
			continue
		}
		if top.n < 2 {
			break
		}
		a, b := t.names[top.pair[0]], t.names[top.pair[1]]
		if len(a)+len(b) > maxToken {
			continue
		}
		id, known := number[a+b]
		if !known {
			id = int32(len(t.names))
			number[a+b] = id
			t.names = append(t.names, a+b)
		}
		merges = append(merges, [2]string{a, b})
		t.join(top.pair, id)
	}
	return merges
}

// change counts a pair n times more or less in a word.
func (t *trainer) change(pair [2]int32, n int, word int32) {
	t.total[pair] += n
	if n > 0 {
		if t.where[pair] == nil {
			t.where[pair] = map[int32]bool{}
		}
		t.where[pair][word] = true
	}
}

// join puts id in the place of a pair everywhere.
func (t *trainer) join(pair [2]int32, id int32) {
	grown := map[[2]int32]bool{}
	for word := range t.where[pair] {
		w, n := t.words[word], t.count[word]
		out := w[:0]
		for i := 0; i < len(w); i++ {
			if i+1 == len(w) || w[i] != pair[0] || w[i+1] != pair[1] {
				out = append(out, w[i])
				continue
			}
			if len(out) > 0 {
				before := out[len(out)-1]
				t.change([2]int32{before, pair[0]}, -n, word)
				t.change([2]int32{before, id}, n, word)
				grown[[2]int32{before, id}] = true
			}
			if i+2 < len(w) {
				t.change([2]int32{pair[1], w[i+2]}, -n, word)
				t.change([2]int32{id, w[i+2]}, n, word)
				grown[[2]int32{id, w[i+2]}] = true
			}
			out = append(out, id)
			i++
		}
		t.words[word] = out
	}
	delete(t.total, pair)
	delete(t.where, pair)
	for p := range grown {
		if n := t.total[p]; n > 0 {
			heap.Push(&t.queue, pairCount{p, n})
		}
	}
}

// pairCount is a pair and how often it was there when this was written down.
type pairCount struct {
	pair [2]int32
	n    int
}

// pairQueue has the most frequent pair first.
type pairQueue []pairCount

// Len implements [heap.Interface].
func (q pairQueue) Len() int { return len(q) }

// Less implements [heap.Interface].
func (q pairQueue) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(q[j].n, q[i].n), cmp.Compare(q[i].pair[0], q[j].pair[0]), cmp.Compare(q[i].pair[1], q[j].pair[1])) < 0
}

// Swap implements [heap.Interface].
func (q pairQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push implements [heap.Interface].
func (q *pairQueue) Push(x any) { *q = append(*q, x.(pairCount)) }

// Pop implements [heap.Interface].
func (q *pairQueue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}
