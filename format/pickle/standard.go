package pickle

import (
	"fmt"
	"unicode/utf8"
)

// standard is the functions of Python itself that only make plain values, by
// which pickles write what has no opcode in their protocol. They are part of
// every list of allowed names, the strict ones too. Those that look at each item of
// their arguments charge for each.
var standard = map[string]func(m *machine, args []any) (any, error){
	"collections OrderedDict": newDict,
	"collections Counter":     newDict,
	"collections defaultdict": func(m *machine, args []any) (any, error) { return newDict(m, args[min(1, len(args)):]) },
	"builtins dict":           newDict,
	"builtins set":            newSet,
	"builtins frozenset":      newSet,
	"builtins bytes":          newBytes,
	"builtins bytearray":      newBytes,
	"builtins object":         nil,
	"builtins list":           nil,
	"_codecs encode":          encode,
	"copyreg _reconstructor":  reconstruct,
	"copyreg __newobj__":      newObject,
}

// newDict makes a dict of nothing, of another or of a list of pairs.
func newDict(m *machine, args []any) (any, error) {
	d := &Dict{}
	if len(args) == 0 {
		return d, nil
	}
	if from, ok := args[0].(*Dict); ok && len(args) == 1 {
		for k, v := range from.All() {
			if err := m.key(d, k, v); err != nil {
				return nil, err
			}
		}
		return d, nil
	}
	pairs, err := sequence(args)
	if err != nil {
		return nil, err
	}
	for _, p := range pairs {
		kv, err := sequence([]any{p})
		if err != nil || len(kv) != 2 {
			return nil, fmt.Errorf("an item that is no pair: %s", TypeName(p))
		}
		if err := m.key(d, kv[0], kv[1]); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// sequence is the items of the only argument, a list or tuple.
func sequence(args []any) ([]any, error) {
	if len(args) == 1 {
		switch v := args[0].(type) {
		case *List:
			return v.Items, nil
		case *Tuple:
			return v.Items, nil
		}
	}
	return nil, fmt.Errorf("%d arguments, wanted a list", len(args))
}

func newSet(m *machine, args []any) (any, error) {
	s := &Set{}
	if len(args) == 0 {
		return s, nil
	}
	items, err := sequence(args)
	if err != nil {
		return nil, err
	}
	return s, m.addTo(s, items)
}

// newBytes makes bytes of nothing, of bytes, or of text and its encoding.
func newBytes(m *machine, args []any) (any, error) {
	if len(args) == 0 {
		return Bytes(""), nil
	}
	if b, ok := args[0].(Bytes); ok && len(args) == 1 {
		return b, nil
	}
	return encode(m, args)
}

// encode is text as bytes in Latin-1 or UTF-8, which is how protocols 0 to 2
// write the bytes of Python 3.
func encode(_ *machine, args []any) (any, error) {
	if len(args) != 2 {
		return nil, fmt.Errorf("%d arguments, wanted a text and its encoding", len(args))
	}
	s, isText := args[0].(string)
	coding, ok := Text(args[1])
	if !isText || !ok {
		return nil, fmt.Errorf("arguments that are a %s and a %s, wanted texts", TypeName(args[0]), TypeName(args[1]))
	}
	switch coding {
	case "utf-8", "utf8":
		return Bytes(s), nil
	case "latin1", "latin-1", "iso-8859-1":
	default:
		return nil, fmt.Errorf("encoding %.40q", coding)
	}
	b := make([]byte, 0, utf8.RuneCountInString(s))
	for _, r := range s {
		if r > 0xff {
			return nil, fmt.Errorf("%q is not in Latin-1", r)
		}
		b = append(b, byte(r))
	}
	return Bytes(b), nil
}

// reconstruct is how protocols 0 and 1 make an object of a class: by class,
// the built-in type it extends, and the value of that.
func reconstruct(_ *machine, args []any) (any, error) {
	if len(args) != 3 {
		return nil, fmt.Errorf("%d arguments, wanted class, base and its value", len(args))
	}
	class, ok := args[0].(Global)
	if !ok {
		return nil, fmt.Errorf("a class that is a %s", TypeName(args[0]))
	}
	o := &Object{Class: class, Args: &Tuple{}}
	switch base := args[2].(type) {
	case nil:
	case *List:
		o.Items = base.Items[:len(base.Items):len(base.Items)]
	case *Dict:
		o.Pairs = base
	default:
		o.Args.Items = []any{base}
	}
	return o, nil
}

func newObject(_ *machine, args []any) (any, error) {
	if len(args) == 0 {
		return nil, fmt.Errorf("no class")
	}
	class, ok := args[0].(Global)
	if !ok {
		return nil, fmt.Errorf("a class that is a %s", TypeName(args[0]))
	}
	return &Object{Class: class, Args: &Tuple{args[1:]}}, nil
}
