package theano

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ihae/ihae/format/pickle"
)

// collect files the arrays in root. In objects of Theano itself, which are
// expressions and what they are made of, only shared variables count, by their
// own names where those are free; constants and test values do not.
func (f *File) collect(root any) error {
	var err error
	inside := map[*pickle.Place]bool{} // of an object of Theano
	pickle.Walk(root, func(at *pickle.Place, v any) bool {
		if err != nil || f.names < 0 {
			return false
		}
		o, isObject := v.(*pickle.Object)
		within := at.Parent != nil && inside[at.Parent]
		switch {
		case isObject && isShared(o):
			err = f.shared(at, o, within)
			return false
		case isArray(v) && !within:
			err = f.add(f.path(at), v.(source))
			return true // an array of objects holds them
		}
		inside[at] = within || isObject && isTheano(o.Class)
		if !inside[at] {
			err = f.plain(at, v)
		}
		return err == nil
	})
	return errors.Join(err, f.tooMany())
}

// stepCost is the memory that one name on a path takes, in bytes, and at least.
const stepCost = 64

// path is the name of a place, "" when names take too much memory.
func (f *File) path(at *pickle.Place) string {
	if f.names -= int64(stepCost * (at.Depth + 1)); f.names < 0 {
		return ""
	}
	return at.Path()
}

func (f *File) tooMany() error {
	if f.names < 0 {
		return bad(0, "the values, by their names, take more memory than a file of this size may")
	}
	return nil
}

func isTheano(class pickle.Global) bool {
	return class.Module == "theano" || strings.HasPrefix(class.Module, "theano.")
}

// isShared says whether o is a shared variable: of
// theano.tensor.sharedvar.TensorSharedVariable, ScalarSharedVariable,
// theano.sandbox.cuda.var.CudaNdarraySharedVariable, …
func isShared(o *pickle.Object) bool {
	return isTheano(o.Class) && strings.HasSuffix(o.Class.Name, "SharedVariable")
}

// isArray says whether v is an array with elements that can be read; an array
// of objects is what it holds.
func isArray(v any) bool {
	s, ok := v.(source)
	if !ok {
		return false
	}
	_, err := s.TensorType()
	return err == nil
}

// shared files the value of a shared variable, container.storage[0]. One whose
// value is something else, such as the state of a random generator, is left out.
func (f *File) shared(at *pickle.Place, o *pickle.Object, within bool) error {
	value := valueOf(o)
	if value == nil {
		return nil
	}
	name := f.path(at)
	own, _ := o.Attr("name")
	text, _ := pickle.Text(own)
	if _, taken := f.index[text]; (within || name == "") && text != "" && !taken {
		name = text
	}
	return f.add(name, value)
}

func valueOf(o *pickle.Object) source {
	c, _ := o.Attr("container")
	container, ok := c.(*pickle.Object)
	if !ok {
		return nil
	}
	s, _ := container.Attr("storage")
	storage, ok := s.(*pickle.List)
	if !ok || len(storage.Items) == 0 || !isArray(storage.Items[0]) {
		return nil
	}
	return storage.Items[0].(source)
}

// maxName is the largest length of a name.
const maxName = 4096

func (f *File) add(name string, from source) error {
	if name == "" {
		name = "tensor"
	}
	if _, taken := f.index[name]; taken || len(name) > maxName || len(f.Entries) >= f.limits.Arrays {
		return bad(0, "array %.200q: the name is taken or longer than %d, or there are more than %d arrays", name, maxName, f.limits.Arrays)
	}
	t, err := from.TensorType()
	if err != nil {
		return bad(0, "array %.200q: %v", name, err)
	}
	f.index[name] = len(f.Entries)
	f.Entries = append(f.Entries, Entry{name, t, from})
	return nil
}

// plain keeps the numbers and short texts among the attributes or keys of v.
func (f *File) plain(at *pickle.Place, v any) error {
	var all []*pickle.Dict
	switch v := v.(type) {
	case *pickle.Dict:
		all = []*pickle.Dict{v}
	case *pickle.Object:
		all = v.States()
	}
	prefix := f.path(at)
	if prefix != "" {
		prefix += "."
	}
	for _, d := range all {
		for k, v := range d.All() {
			name, isName := pickle.Text(k)
			if !isName || len(prefix)+len(name) > maxName {
				continue
			}
			f.names -= int64(stepCost + len(prefix) + len(name))
			switch x := v.(type) {
			case bool, int64, float64:
				f.Meta[prefix+name] = x
			case string, pickle.Bytes:
				if s, ok := pickle.Text(x); ok && len(s) <= 1000 {
					f.Meta[prefix+name] = s
				}
			}
			if len(f.Meta) > f.limits.Arrays || f.names < 0 {
				return bad(0, "more than %d plain values", f.limits.Arrays)
			}
		}
	}
	return nil
}

// wrong says, for a file without arrays, why the first that it has is none.
func (f *File) wrong(root any) string {
	var reason string
	pickle.Walk(root, func(at *pickle.Place, v any) bool {
		if s, ok := v.(source); ok && reason == "" {
			if _, err := s.TensorType(); err != nil {
				reason = fmt.Sprintf("; %.200q: %v", at.Path(), err)
			}
		}
		return reason == ""
	})
	return reason
}
