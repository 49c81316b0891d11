package pickle

import (
	"fmt"
	"iter"
	"math"
	"math/big"
	"slices"
)

// Dict is Python's dict or OrderedDict: keys in the order of their first
// setting. Keys are equal as in Python: 1, 1.0 and True are one key.
type Dict struct {
	State  any // attributes set on an OrderedDict; nil as a rule
	keys   []any
	vals   []any
	hashes []any       // of the keys, as [hashed] makes them
	index  map[any]int // by hash; nil while the dictionary is small
}

// small is how many keys are looked through one by one.
const small = 8

// Len is the number of keys.
func (d *Dict) Len() int { return len(d.keys) }

// At is the i-th key and its value.
func (d *Dict) At(i int) (key, value any) { return d.keys[i], d.vals[i] }

// All gives keys and values in order.
func (d *Dict) All() iter.Seq2[any, any] {
	return func(yield func(any, any) bool) {
		for i, k := range d.keys {
			if !yield(k, d.vals[i]) {
				return
			}
		}
	}
}

// Get is the value of a text key, be it a string or the str of Python 2.
func (d *Dict) Get(key string) (any, bool) {
	if i, ok := d.find(key); ok {
		return d.vals[i], true
	}
	if i, ok := d.find(Bytes(key)); ok {
		return d.vals[i], true
	}
	return nil, false
}

// Set gives key the value. A key that can be changed, such as a list, is an
// error, as in Python.
func (d *Dict) Set(key, value any) error {
	h, err := hashed(key)
	if err != nil {
		return err
	}
	d.set(h, key, value)
	return nil
}

func (d *Dict) set(h, key, value any) {
	if i, ok := d.find(h); ok {
		d.vals[i] = value
		return
	}
	d.keys, d.vals, d.hashes = append(d.keys, key), append(d.vals, value), append(d.hashes, h)
	switch {
	case d.index != nil:
		d.index[h] = len(d.keys) - 1
	case len(d.keys) > small:
		d.index = make(map[any]int, 2*small)
		for i, h := range d.hashes {
			d.index[h] = i
		}
	}
}

// find is the place of a hashed key.
func (d *Dict) find(h any) (int, bool) {
	if d.index != nil {
		i, ok := d.index[h]
		return i, ok
	}
	i := slices.Index(d.hashes, h)
	return i, i >= 0
}

// Set is Python's set or frozenset, in the order of first adding.
type Set struct{ members Dict }

// Items is the members in order.
func (s *Set) Items() []any { return s.members.keys }

// Add adds v, which must be a possible key.
func (s *Set) Add(v any) error { return s.members.Set(v, nil) }

// The hashed forms of keys that are not their own.
type (
	bigKey   string
	tupleKey string
)

// maxKey is the largest size of a key: of a text, and of a tuple written out.
const maxKey = 1 << 12

// hashed is a comparable Go value that is equal for keys equal in Python.
func hashed(v any) (any, error) {
	switch k := v.(type) {
	case nil, int64, Global, *Object:
	case string:
		return v, checkKey(len(k))
	case Bytes:
		return v, checkKey(len(k))
	case bool:
		if k {
			return int64(1), nil
		}
		return int64(0), nil
	case float64:
		if k == math.Trunc(k) && math.Abs(k) < 1<<62 {
			return int64(k), nil
		}
	case *big.Int:
		return bigKey(k.String()), nil
	case *Tuple:
		b, err := appendKey(nil, k, 0)
		return tupleKey(b), err
	case *NDArray: // a scalar is equal to the number
		n, ok := k.Number()
		if !ok || len(k.Shape) > 0 {
			return nil, fmt.Errorf("an array of NumPy as key")
		}
		return hashed(n)
	default:
		return nil, fmt.Errorf("a %s as key", TypeName(v))
	}
	return v, nil
}

func checkKey(n int) error {
	if n > maxKey {
		return fmt.Errorf("a key of %d bytes, at most %d", n, maxKey)
	}
	return nil
}

// appendKey writes the parts of a tuple so that equal tuples give equal bytes.
func appendKey(b []byte, t *Tuple, depth int) ([]byte, error) {
	if depth > 16 {
		return nil, fmt.Errorf("a key of tuples more than 16 deep")
	}
	b = append(b, '(')
	for _, v := range t.Items {
		var err error
		if inner, ok := v.(*Tuple); ok {
			b, err = appendKey(b, inner, depth+1)
		} else if v, err = hashed(v); err == nil {
			b = appendPart(b, v)
		}
		if err == nil {
			err = checkKey(len(b))
		}
		if err != nil {
			return nil, err
		}
	}
	return append(b, ')'), nil
}

// appendPart writes one hashed value with its type and length.
func appendPart(b []byte, h any) []byte {
	text := fmt.Sprint(h)
	if o, ok := h.(*Object); ok {
		text = fmt.Sprintf("%p", o)
	}
	return fmt.Appendf(b, "%T %d %s", h, len(text), text)
}
