package torch7

import (
	"iter"
	"math"
	"slices"
	"strconv"
)

// Table is a table of Lua, in the order of the file.
type Table struct {
	keys, vals []any
	index      map[any]int // nil while the table is small
}

// small is how many keys are looked through one by one.
const small = 8

// Len is the number of keys.
func (t *Table) Len() int { return len(t.keys) }

// All gives keys and values.
func (t *Table) All() iter.Seq2[any, any] {
	return func(yield func(any, any) bool) {
		for i, k := range t.keys {
			if !yield(k, t.vals[i]) {
				return
			}
		}
	}
}

// Get is the value of a text key, nil when there is none, as in Lua.
func (t *Table) Get(key string) any { return t.get(key) }

// Item is the value of an integer key; Lua counts from 1.
func (t *Table) Item(i int) any { return t.get(float64(i)) }

// List is the values of the keys 1, 2, … up to the first that is absent.
func (t *Table) List() []any {
	var list []any
	for i := 1; ; i++ {
		v := t.Item(i)
		if v == nil {
			return list
		}
		list = append(list, v)
	}
}

func (t *Table) get(key any) any {
	if i := t.find(key); i >= 0 {
		return t.vals[i]
	}
	return nil
}

func (t *Table) find(key any) int {
	if t.index == nil {
		return slices.Index(t.keys, key)
	}
	if i, ok := t.index[key]; ok {
		return i
	}
	return -1
}

func (t *Table) set(key, value any) {
	if i := t.find(key); i >= 0 {
		t.vals[i] = value
		return
	}
	t.keys, t.vals = append(t.keys, key), append(t.vals, value)
	switch {
	case t.index != nil:
		t.index[key] = len(t.keys) - 1
	case len(t.keys) > small:
		t.index = make(map[any]int, 2*small)
		for i, k := range t.keys {
			t.index[k] = i
		}
	}
}

// keyName is a key as part of a name: a text or a whole number as it is,
// anything else by its place.
func keyName(key any, i int) string {
	switch k := key.(type) {
	case string:
		return k
	case float64:
		if k == math.Trunc(k) && math.Abs(k) < 1<<53 {
			return strconv.FormatFloat(k, 'f', -1, 64)
		}
	case bool:
		return strconv.FormatBool(k)
	}
	return "key" + strconv.Itoa(i)
}
