package torch

import (
	"math/big"
	"strconv"

	"github.com/ihae/ihae/format/pickle"
	"github.com/ihae/ihae/tensor"
)

// collect files all that is in v under name: the parts of dictionaries, lists
// and objects by the names that lead to them, joined by dots. A tensor that is
// all there is in the file is called tensor.
func (f *File) collect(name string, v any) error {
	return f.add(name, v, 0)
}

// The memory that names take, in bytes, besides their letters: at each level,
// and kept.
const (
	partCost = 64
	keptCost = 160
)

func (f *File) add(name string, v any, depth int) error {
	switch f.names -= int64(partCost + len(name)); {
	case depth > f.limits.Depth:
		return bad(clip(name), 0, "values more than %d deep", f.limits.Depth)
	case f.names < 0:
		return bad(clip(name), 0, "the values of the file, by their names, take more memory than a file of this size may")
	}
	switch v := v.(type) {
	case *view:
		return f.entry(name, v.typ, v)
	case *pickle.NDArray:
		return f.array(name, v)
	case *pickle.Dict:
		return f.pairs(name, v, depth)
	case *pickle.Object:
		for _, d := range v.States() {
			if err := f.pairs(name, d, depth); err != nil {
				return err
			}
		}
		if v.Pairs != nil {
			if err := f.pairs(name, v.Pairs, depth); err != nil {
				return err
			}
		}
		return f.items(name, v.Items, depth)
	case *pickle.List:
		return f.items(name, v.Items, depth)
	case *pickle.Tuple:
		return f.items(name, v.Items, depth)
	case *pickle.Set:
		return f.items(name, v.Items(), depth)
	}
	return f.meta(name, v)
}

func (f *File) pairs(name string, d *pickle.Dict, depth int) error {
	for i := range d.Len() {
		k, v := d.At(i)
		if err := f.add(join(name, pickle.KeyName(k, i)), v, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (f *File) items(name string, list []any, depth int) error {
	for i, v := range list {
		if err := f.add(join(name, strconv.Itoa(i)), v, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func join(name, part string) string {
	if name == "" {
		return part
	}
	return name + "." + part
}

// maxName is the largest length of a name.
const maxName = 4096

func clip(name string) string { return name[:min(len(name), 200)] }

// claim takes a name, once.
func (f *File) claim(name string) error {
	f.names -= keptCost
	_, isTensor := f.index[name]
	_, isMeta := f.Meta[name]
	switch {
	case isTensor || isMeta:
		return bad(clip(name), 0, "two values have this name")
	case len(name) > maxName:
		return bad(clip(name), 0, "a name of %d bytes, at most %d", len(name), maxName)
	case len(f.Entries)+len(f.Meta) >= f.limits.Tensors:
		return bad(clip(name), 0, "more than %d tensors and values", f.limits.Tensors)
	}
	return nil
}

func (f *File) entry(name string, t tensor.Type, from source) error {
	if name == "" {
		name = "tensor"
	}
	if err := f.claim(name); err != nil {
		return err
	}
	f.index[name] = len(f.Entries)
	f.Entries = append(f.Entries, Entry{name, t, from})
	return nil
}

// numpyArray is an array of NumPy as a source.
type numpyArray struct{ *pickle.NDArray }

func (a numpyArray) load(name string) (tensor.Tensor, error) {
	t, err := a.Tensor()
	if err != nil {
		return tensor.Tensor{}, bad(name, 0, "%v", err)
	}
	return t, nil
}

// array files an array of NumPy as a tensor, and a scalar as a number.
func (f *File) array(name string, a *pickle.NDArray) error {
	t, err := a.TensorType()
	if err != nil {
		return bad(clip(name), 0, "%v", err)
	}
	if n, ok := a.Number(); ok && t.Shape.Rank() == 0 {
		return f.meta(name, n)
	}
	return f.entry(name, t, numpyArray{a})
}

// meta files a value that is no tensor.
func (f *File) meta(name string, v any) error {
	if name == "" {
		name = "value"
	}
	switch x := v.(type) {
	case nil, bool, int64, float64:
	case *big.Int:
		v = x.String()
	case pickle.Global:
		v = x.String()
	default:
		text, ok := pickle.Text(v)
		if !ok {
			text = pickle.TypeName(v)
		}
		v = text
	}
	if err := f.claim(name); err != nil {
		return err
	}
	f.Meta[name] = v
	return nil
}
