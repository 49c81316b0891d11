package torch

import (
	"encoding/binary"
	"fmt"
	"math/big"

	"github.com/ihae/ihae/format/pickle"
	"github.com/ihae/ihae/tensor"
)

// legacy is the form before zip: five pickles (a magic number, the version of
// the form, 1001, facts about the writer's machine, what was saved, and the keys
// of the storages) and then, in the order of the keys, each storage: its number
// of elements in 8 bytes and the elements, little-endian
// (pytorch: torch/serialization.py, _legacy_save).
type legacy struct {
	data     []byte // of the whole file
	at       int    // of what is to be read next
	l        Limits
	declared map[*storage]extent
}

// extent is what the pickle says of a storage whose bytes come later.
type extent struct{ size, length int }

var magic, _ = new(big.Int).SetString("1950a86a20f9469cfc6c", 16)

// version is the only version of the form there is.
const version = 1001

// readLegacy reads the form before zip.
func readLegacy(data []byte, l Limits) (*File, error) {
	f := &legacy{data: data, l: l, declared: map[*storage]extent{}}
	if err := f.head(); err != nil {
		return nil, err
	}
	r := newReader(l, int64(len(data)), f)
	root, err := f.pickle("the saved values", r.options())
	if err != nil {
		return nil, err
	}
	keys, err := f.pickle("the keys of the storages", pickle.Options{Strict: true, Memory: r.memory})
	if err != nil {
		return nil, err
	}
	if err := f.fill(keys, r.storages); err != nil {
		return nil, err
	}
	out := newFile(l, int64(len(data)))
	return out, out.collect("", root)
}

// pickle reads the next of the pickles.
func (f *legacy) pickle(part string, o pickle.Options) (any, error) {
	rest := f.data[f.at:]
	v, n, err := pickle.Read(rest[:min(int64(len(rest)), f.l.Pickle)], o)
	if err != nil {
		return nil, inPickle(err, int64(f.at), part)
	}
	f.at += n
	return v, nil
}

// head reads what comes before the saved values.
func (f *legacy) head() error {
	small := pickle.Options{Strict: true, Advice: advice, Memory: 1 << 20}
	v, err := f.pickle("the magic number", small)
	if err != nil {
		return err
	}
	if n, ok := v.(*big.Int); !ok || n.Cmp(magic) != 0 {
		return bad("", 0, "the file is a pickle of a %s, and no file of torch.save, which begins with a magic number", pickle.TypeName(v))
	}
	at := f.at
	v, err = f.pickle("the version", small)
	if err != nil {
		return err
	}
	if v != int64(version) {
		return bad("", int64(at), "the version is a %s or not %d", pickle.TypeName(v), version)
	}
	_, err = f.pickle("the facts of the machine", small)
	return err
}

// open implements form.
func (f *legacy) open(key string, size int) (*storage, error) {
	s := &storage{key: key, swap: !littleEndian}
	f.declared[s] = extent{size: size, length: -1}
	return s, nil
}

// mention implements form. rest is nothing, nil, or what part of the storage is
// meant: (a key, the first element, the number of elements).
func (f *legacy) mention(s *storage, d tensor.DType, n int, rest []any) (*typed, error) {
	e := f.declared[s]
	if e.size != max(1, d.Size()) || e.length >= 0 && e.length != n {
		return nil, fmt.Errorf("storage %q is said to have elements of %d and of %d bytes, or %d and %d of them", s.key, e.size, d.Size(), e.length, n)
	}
	f.declared[s] = extent{e.size, n}
	if len(rest) == 0 || rest[0] == nil {
		return &typed{s, d, 0, n}, nil
	}
	part, ok := rest[0].(*pickle.Tuple)
	if !ok || len(part.Items) != 3 {
		return nil, fmt.Errorf("a part of a storage that is a %s", pickle.TypeName(rest[0]))
	}
	from, isInt := part.Items[1].(int64)
	length, both := part.Items[2].(int64)
	if !isInt || !both || from < 0 || length < 0 || from > int64(n) || length > int64(n)-from {
		return nil, fmt.Errorf("a part of storage %q outside of its %d elements", s.key, n)
	}
	return &typed{s, d, int(from), int(length)}, nil
}

// fill finds the bytes of the storages, which follow in the order of keys.
func (f *legacy) fill(keys any, all map[string]*storage) error {
	list, ok := keys.(*pickle.List)
	if !ok {
		return bad("", int64(f.at), "the keys of the storages are a %s, wanted a list", pickle.TypeName(keys))
	}
	filled := map[*storage]bool{}
	for _, k := range list.Items {
		key, ok := pickle.Text(k)
		s := all[key]
		if !ok || s == nil || filled[s] {
			return bad("", int64(f.at), "a key of a storage that no tensor has, or that stands twice")
		}
		filled[s] = true
		if err := f.elements(s); err != nil {
			return err
		}
	}
	if len(filled) != len(all) {
		return bad("", int64(f.at), "%d storages in the list of keys, the tensors have %d", len(filled), len(all))
	}
	return nil
}

// elements finds the bytes of the next storage.
func (f *legacy) elements(s *storage) error {
	rest, e := f.data[f.at:], f.declared[s]
	if len(rest) < 8 {
		return bad("", int64(f.at), "the file ends before storage %q", s.key)
	}
	n := binary.LittleEndian.Uint64(rest)
	if n != uint64(e.length) {
		return bad("", int64(f.at), "storage %q has %d elements, the pickle says %d", s.key, n, e.length)
	}
	if n > uint64(len(rest)-8)/uint64(e.size) {
		return bad("", int64(f.at), "storage %q of %d elements of %d bytes, %d bytes are left", s.key, n, e.size, len(rest)-8)
	}
	length := int(n) * e.size
	s.at, s.data = int64(f.at+8), rest[8:8+length]
	f.at += 8 + length
	return nil
}
