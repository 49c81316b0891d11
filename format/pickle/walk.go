package pickle

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Place is where a value stands: the attributes, keys and indices that lead to
// it from the root.
type Place struct {
	Parent *Place // nil at the root
	Name   string
	Depth  int // 0 at the root
}

// Path is the names from the root, joined by dots; "" at the root.
func (p *Place) Path() string {
	var names []string
	for ; p.Parent != nil; p = p.Parent {
		names = append(names, p.Name)
	}
	slices.Reverse(names)
	return strings.Join(names, ".")
}

// Walk visits root and what it holds, except numbers, texts, bytes and names:
// those nearest to the root first, among equally near ones in the order of the
// pickle, each once however many places it stands in. What visit returns false
// for is not entered. An object holds its attributes, its items (by index), its
// pairs and its arguments (as args and an index).
func Walk(root any, visit func(at *Place, v any) bool) {
	type spot struct {
		at *Place
		v  any
	}
	queue := []spot{{&Place{}, root}}
	seen := map[any]bool{}
	for i := 0; i < len(queue); i++ {
		s := queue[i]
		queue[i] = spot{}
		if plain(s.v) || seen[s.v] {
			continue
		}
		seen[s.v] = true
		if !visit(s.at, s.v) {
			continue
		}
		eachPart(s.v, func(name string, v any) {
			if !plain(v) && !seen[v] {
				queue = append(queue, spot{&Place{s.at, name, s.at.Depth + 1}, v})
			}
		})
	}
}

// plain says whether v holds nothing that Walk visits.
func plain(v any) bool {
	switch v.(type) {
	case nil, bool, int64, *big.Int, float64, string, Bytes, Global:
		return true
	}
	return false
}

// eachPart gives the parts of one value and their names.
func eachPart(v any, part func(name string, v any)) {
	items := func(prefix string, list []any) {
		for i, v := range list {
			if !plain(v) {
				part(prefix+strconv.Itoa(i), v)
			}
		}
	}
	pairs := func(d *Dict) {
		if d != nil {
			for i, k := range d.keys {
				part(KeyName(k, i), d.vals[i])
			}
		}
	}
	switch v := v.(type) {
	case *List:
		items("", v.Items)
	case *Tuple:
		items("", v.Items)
	case *Set:
		items("", v.Items())
	case *NDArray:
		items("", v.Items)
	case *Dict:
		pairs(v)
		if s, ok := v.State.(*Dict); ok {
			pairs(s)
		}
	case *Object:
		for _, d := range v.States() {
			pairs(d)
		}
		if len(v.States()) == 0 {
			part("state", v.State)
		}
		items("", v.Items)
		pairs(v.Pairs)
		items("args.", v.Args.Items)
		pairs(v.Kwargs)
	case *PersistentID:
		part("id", v.ID)
	}
}

// KeyName is a key of a dictionary as part of a name: a text or an integer, one of
// NumPy too, as it is, anything else by its place i among the keys.
func KeyName(key any, i int) string {
	if s, ok := Text(key); ok {
		return s
	}
	if a, ok := key.(*NDArray); ok {
		key, _ = a.Number()
	}
	if n, ok := key.(int64); ok {
		return strconv.FormatInt(n, 10)
	}
	return "key" + strconv.Itoa(i)
}
